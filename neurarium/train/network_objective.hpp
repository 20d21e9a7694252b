// The error of a network over all its samples, as a function of one long vector w: what full-batch methods make small.
//
// All parameters in declared order, each row by row, make w. The samples are cut into shards of `shard_size`, which may run
// on any thread; sums are taken in double, in shard order, so that the bits are the same for any number of threads.
// A network in float32 rounds w: its error is then a staircase with steps of about 10⁻⁷, on which the last digits of a
// minimum can't be found. float64 is the better choice here.
// Whatever a layer draws at random while training is drawn as in the first epoch, in every pass: f stays one function.
#pragma once

#include <vector>

#include "neurarium/nn/full_batch_method.hpp"
#include "neurarium/nn/model.hpp"
#include "neurarium/nn/study.hpp"

namespace neurarium {

class NetworkObjective : public Objective, private LeastSquares {
 public:
  /// The samples `ids` of `split`; `factor` × the summed loss is the value. A wish to stop ends a pass with Interrupted.
  NetworkObjective(Trainable& model, const SplitView& split, double divisor, std::vector<std::uint64_t> ids,
                   double factor, std::size_t shard_size, RunContext& context);

  std::size_t size() const override { return size_; }
  double evaluate(std::span<const double> w, std::span<double> gradient) override;
  /// This, if the model's loss is ½ Σ (y − t)²; else a SpecError that says so.
  LeastSquares* least_squares() override;

  /// w as the model has it, and back.
  std::vector<double> parameters() const;
  void set_parameters(std::span<const double> w);
  /// Sums over the samples at w; free where `evaluate` looked last.
  Evaluation measure(std::span<const double> w);

 private:
  std::size_t residuals() const override { return ids_.size() * outputs_; }
  void residuals_at(std::span<const double> w, std::span<double> r) override;
  void jacobian_at(std::span<const double> w, View<double> jacobian) override;

  std::size_t shards() const { return (ids_.size() + shard_size_ - 1) / shard_size_; }
  std::span<const std::uint64_t> shard(std::size_t i) const;
  Context pass(std::span<const std::uint64_t> ids) const;
  Array outputs_of(std::span<const std::uint64_t> ids) const;
  Array targets_of(std::span<const std::uint64_t> ids) const;
  void move_to(std::span<const double> w);

  struct Slot {
    Tape tape;
    Gradient gradient;
    Evaluation result;
  };
  Trainable& model_;
  SplitView split_;
  double divisor_;
  std::vector<std::uint64_t> ids_;
  double factor_;
  std::size_t shard_size_;
  RunContext& context_;
  std::vector<NamedView> parameters_;
  std::size_t size_ = 0, outputs_ = 0;
  std::vector<Slot> slots_;
  std::vector<double> last_w_;
  Evaluation last_;
};

}  // namespace neurarium
