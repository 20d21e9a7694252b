// What layers have in common that turn spike times into spike times by moving spikes, copying them or leaving some out: a derived
// class says what becomes of each sample's spikes, and the gradient of each goes back to the spike it came from.
#pragma once

#include <compare>

#include "neurarium/nn/layer.hpp"

namespace neurarium {

/// Spikes of one sample that is being written.
template <class T>
class MovedSpikes {
 public:
  using Unit = typename SpikeTimes<T>::Unit;
  struct Spike {
    T time;
    Unit unit;
    std::uint32_t source;                            ///< which of the sample's spikes it was
    auto operator<=>(const Spike&) const = default;  // NOLINT(modernize-use-nullptr)
  };
  /// In any order.
  void add(T time, std::size_t unit, std::size_t source) {
    spikes_.push_back({time, static_cast<Unit>(unit), static_cast<std::uint32_t>(source)});
  }
  /// Appends them to `out` as a sample, sorted, and their sources to `sources`.
  void end_sample(SpikeTimes<T>& out, std::vector<std::uint32_t>& sources);

 private:
  std::vector<Spike> spikes_;
};

template <class T>
class SpikeMover : public Layer<T> {
 public:
  /// ShapeError unless it is shown spike times of [units]; entries leave as units_of_output() says.
  Shape build(const Shape& input, const std::string& name, std::uint64_t seed) final;
  bool takes_times() const final { return true; }
  bool gives_times() const final { return true; }
  void forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const final;
  void backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                std::span<const View<T>> gradient) const final;

 protected:
  struct Sample {
    std::span<const T> times;
    std::span<const typename SpikeTimes<T>::Unit> units;
    double duration;
    std::uint32_t id;  ///< the data set's index of it: for draws
  };
  virtual std::size_t units_of_output() const { return units_; }
  /// Adds what becomes of the sample's spikes; gives ∂t/∂t of each.
  virtual double move(const Sample& sample, const Context& context, MovedSpikes<T>& out) const = 0;
  /// As they are.
  static double keep(const Sample& sample, MovedSpikes<T>& out);

  std::string name_;
  std::size_t units_ = 0;

 private:
  struct Cache {
    const SpikeTimes<T>*in = nullptr, *out = nullptr;
    std::vector<std::uint32_t> sources;
    std::vector<double> slopes;  ///< of each sample
    MovedSpikes<T> moved;
  };
};

}  // namespace neurarium
