// Activity: what flows between layers: dense numbers or spikes. A layer says which it takes.
//
// The numbers of n samples lie in one of two ways. Sample-major, [sample, entry…], is what files, losses and matrix products
// want. Sample-minor, [entry…, line], puts the samples side by side: a line holds one number of every sample, padded to
// whole 64 bytes, so that one vector instruction serves as many samples as a vector has lanes (kernels/convolution.hpp).
// What is beyond the last sample of a line is finite in activities and zero in gradients, and never counts.
// Spikes of n samples, [sample, step, unit], lie as events (core/spikes.hpp), or as marks until somebody wants events; their gradient is dense and sample-major, or, where
// a readout is linear in time, a product: number [sample, unit] times factor [step], never multiplied out for those who take it so.
// Spikes without a grid, [sample, unit], lie as times (core/spike_times.hpp); their gradient is a number per event, ∂E/∂t.
//
// Beside its numbers an activity may say for each sample what support it has had so far, in [0, 1]: how near it has been to
// anything that the layers know. Finite Gaussian layers say it, all others pass it on, and layers with a gate multiply by it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "neurarium/core/spike_times.hpp"
#include "neurarium/core/spikes.hpp"
#include "neurarium/core/tensor.hpp"

namespace neurarium {

enum class Layout { sample_major, sample_minor, spikes, product, times, per_event };

/// How the gradient of an activity lies that lies like this.
constexpr Layout layout_of_gradient(Layout layout) noexcept {
  if (layout == Layout::times) return Layout::per_event;
  return layout == Layout::spikes ? Layout::sample_major : layout;
}

/// The length of a line of `samples` numbers of type T.
template <class T>
constexpr std::size_t line_length(std::size_t samples) noexcept {
  constexpr std::size_t step = 64 / sizeof(T);
  return (samples + step - 1) / step * step;
}

template <class T>
class Activity {
 public:
  Activity() = default;
  explicit Activity(const Shape& shape) : shape_(shape), numbers_(shape) {}

  /// Makes room for sample-major numbers of shape [sample, entry…] and gives them for writing.
  View<T> make_dense(const Shape& shape) {
    layout_ = Layout::sample_major, shape_ = shape, is_borrowed_ = false;
    numbers_.resize(shape);
    return numbers_.view();
  }
  /// Sample-major numbers [sample, entry…] that lie elsewhere, for reading only; they must stay until the pass is over.
  void borrow(View<const T> numbers) {
    layout_ = Layout::sample_major, shape_ = numbers.shape(), borrowed_ = numbers, is_borrowed_ = true;
  }
  /// Makes room for sample-minor numbers and gives them for writing, [entry…, line].
  View<T> make_lines(const Shape& entry, std::size_t samples) {
    layout_ = Layout::sample_minor, shape_ = entry.with_leading(samples), is_borrowed_ = false;
    numbers_.resize(with_line(entry, samples));
    return numbers_.view();
  }
  /// Room for spikes of so many samples, in no sample yet: the caller adds all their steps.
  StepSpikes& make_spikes(std::size_t samples, std::size_t steps, std::size_t units) {
    layout_ = Layout::spikes, shape_ = Shape{samples, steps, units}, is_borrowed_ = false;
    own_spikes_.reset(steps, units);
    marks_.clear();
    return own_spikes_;
  }
  /// Room for such spikes as marks, a bit per unit (kernels/events.hpp), for the caller to fill, all samples; how many bytes a sample
  /// takes. They become events when somebody asks for spikes().
  std::uint8_t* make_marks(std::size_t samples, std::size_t steps, std::size_t units);
  std::size_t bytes_of_marks() const noexcept { return marks_.size() / std::max<std::size_t>(1, samples()); }
  /// The marks of a sample, in lines of line_length(units); null where the spikes did not come so.
  const std::uint8_t* marks(std::size_t sample) const {
    require(Layout::spikes);
    return is_borrowed_ || marks_.empty() ? nullptr : marks_.data() + sample * bytes_of_marks();
  }
  /// Spikes that lie elsewhere; they must stay until the pass is over.
  void borrow(const SpikesView& spikes) {
    layout_ = Layout::spikes, shape_ = Shape{spikes.samples(), spikes.steps(), spikes.units()};
    borrowed_spikes_ = spikes, is_borrowed_ = true;
  }
  /// Room for a gradient at [samples, steps, units] that is a product: the numbers [samples, units] for writing; factors likewise.
  View<T> make_product(std::size_t samples, std::size_t steps, std::size_t units) {
    layout_ = Layout::product, shape_ = Shape{samples, steps, units}, is_borrowed_ = false;
    factors_.resize(steps);
    numbers_.resize(Shape{samples, units});
    return numbers_.view();
  }
  std::vector<T>& factors() noexcept { return factors_; }
  const std::vector<T>& factors() const noexcept { return factors_; }
  View<const T> product() const { return require(Layout::product), View<const T>(numbers_.view()); }
  /// Room for spike times of entries [units], in no sample yet: the caller ends each sample.
  SpikeTimes<T>& make_times(std::size_t samples, std::size_t units, double duration) {
    layout_ = Layout::times, shape_ = Shape{samples, units}, is_borrowed_ = false;
    times_.reset(units, duration);
    return times_;
  }
  /// Room for the gradient at such spikes, for writing: a number for each event, in their order.
  std::span<T> make_per_event(const SpikeTimes<T>& spikes) {
    layout_ = Layout::per_event, shape_ = Shape{spikes.samples(), spikes.units()}, is_borrowed_ = false;
    per_event_.resize(spikes.events());
    return per_event_;
  }
  const SpikeTimes<T>& times() const { return require(Layout::times), times_; }
  std::span<T> per_event() { return require(Layout::per_event), std::span<T>(per_event_); }
  std::span<const T> per_event() const { return require(Layout::per_event), std::span<const T>(per_event_); }
  /// Room for entries of this shape, as many and laid out as those of `other`.
  View<T> make_like(const Shape& entry, const Activity& other) {
    if (other.layout_ == Layout::sample_major) return make_dense(entry.with_leading(other.samples()));
    return make_lines(entry, other.samples());
  }
  /// Room for the numbers of `other`, laid out as there.
  View<T> make_like(const Activity& other) { return make_like(other.shape_.tail(), other); }
  /// The same numbers as entries of another shape.
  void reshape(const Shape& shape) {
    if (shape == shape_) return;
    require_numbers();
    if (shape.elements() != shape_.elements() || shape[0] != samples())
      throw ShapeError("activity", to_string(shape_), to_string(shape));
    shape_ = shape;
    if (is_borrowed_) borrowed_ = borrowed_.reshaped(shape);
    else numbers_.resize(layout_ == Layout::sample_major ? shape : with_line(shape.tail(), shape[0]));
  }

  Layout layout() const noexcept { return layout_; }
  bool is_borrowed() const noexcept { return is_borrowed_; }
  const Shape& shape() const noexcept { return shape_; }  ///< [sample, entry…] in both layouts
  std::size_t samples() const noexcept { return shape_.axes() ? shape_[0] : 0; }
  View<T> dense() { return require(Layout::sample_major), numbers(); }
  View<const T> dense() const { return require(Layout::sample_major), numbers(); }
  View<T> lines() { return require(Layout::sample_minor), numbers(); }
  View<const T> lines() const { return require(Layout::sample_minor), numbers(); }
  /// Support of each sample; empty: no layer has said anything. In a gradient: ∂E/∂support.
  std::vector<T>& support() noexcept { return support_; }
  const std::vector<T>& support() const noexcept { return support_; }
  SpikesView spikes() const {
    require(Layout::spikes);
    if (is_borrowed_) return borrowed_spikes_;
    if (own_spikes_.samples() == 0 && !marks_.empty()) add_events_of_marks();
    return own_spikes_;
  }
  /// All numbers as they lie, with the ends of the lines.
  View<T> numbers() {
    require_numbers();
    if (is_borrowed_) throw InternalError("an activity's numbers belong to somebody else");
    return numbers_.view();
  }
  View<const T> numbers() const {
    require_numbers();
    return is_borrowed_ ? borrowed_ : View<const T>(numbers_.view());
  }

 private:
  static Shape with_line(const Shape& entry, std::size_t samples) {
    return entry.with_trailing(line_length<T>(samples));
  }
  void require(Layout layout) const {
    if (layout_ != layout) throw InternalError("an activity lies the other way round");
  }
  void require_numbers() const {
    if (layout_ != Layout::sample_major && layout_ != Layout::sample_minor)
      throw InternalError("an activity is spikes or a product where numbers are wanted");
  }
  void add_events_of_marks() const;

  Layout layout_ = Layout::sample_major;
  Shape shape_{0};
  Tensor<T> numbers_;
  View<const T> borrowed_;
  mutable StepSpikes own_spikes_;  ///< made of marks when asked for: an activity belongs to one thread
  std::vector<std::uint8_t> marks_;
  SpikesView borrowed_spikes_;
  bool is_borrowed_ = false;
  SpikeTimes<T> times_;
  std::vector<T> support_, factors_, per_event_;
};

/// The same numbers in another layout; none becomes a product. Spike times become counts [sample, unit]. Ends of lines become 0. Spikes become counts, and counts spikes: a ShapeError or
/// DataError if they are none, [sample, step, unit] of 0, 1, 2, …
template <class T>
void convert(const Activity<T>& from, Layout to, Activity<T>& out);

}  // namespace neurarium
