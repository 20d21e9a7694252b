// The contracts of whole models. Checkpoints, Python and export know only Model; the trainer knows only Trainable;
// rules without a loss gradient are LocalLearners; gradient attacks will know only Differentiable.
// Models are not templates: numbers cross here as arrays whose type is known at run time.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "neurarium/core/array.hpp"
#include "neurarium/core/pool.hpp"
#include "neurarium/core/spikes.hpp"
#include "neurarium/nn/context.hpp"
#include "neurarium/nn/tape.hpp"

namespace neurarium {

struct SignConstraint;

/// A named array that lives in the model. Parameters are moved by learning; buffers are other state to be kept.
struct NamedView {
  std::string name;
  MutableArrayView values;
  const SignConstraint* signs = nullptr;  ///< which signs its numbers must have, if any (nn/sign_constraint.hpp)
};

/// Samples as a model is shown them: numbers [n, …entry] of its own scalar type, or spikes of entries [steps, units].
class Samples {
 public:
  template <class Numbers>
  requires std::convertible_to<Numbers, ArrayView> Samples(const Numbers& numbers) : numbers_(numbers) {}
  Samples(const SpikesView& spikes) : spikes_(spikes) {}
  bool are_spikes() const noexcept { return static_cast<bool>(spikes_); }
  /// SpecError if they are spikes.
  ArrayView numbers() const;
  const SpikesView& spikes() const noexcept { return spikes_; }

 private:
  ArrayView numbers_;
  SpikesView spikes_;
};

class Model {
 public:
  virtual ~Model() = default;
  virtual DType scalar() const = 0;       ///< f32 or f64: the type it computes in
  virtual Shape input_shape() const = 0;  ///< of one entry, without the sample axis
  virtual std::vector<NamedView> parameters() = 0;
  virtual std::vector<NamedView> buffers() { return {}; }
  /// The model's answers, as named arrays in declared order.
  virtual NamedArrays outputs(const Samples& samples, const Context& context) const = 0;
  /// What the program chose by itself (engine, order of sweeps), and what it chose: for run.json. A pure function of the
  /// model's settings and sizes.
  virtual std::vector<std::pair<std::string, std::string>> choices() const { return {}; }
};

/// `model` as Interface (Trainable, Differentiable, …); null if it is none.
template <class Interface>
std::unique_ptr<Interface> model_as(std::unique_ptr<Model> model) {
  auto* wanted = dynamic_cast<Interface*>(model.get());
  if (wanted) static_cast<void>(model.release());
  return std::unique_ptr<Interface>(wanted);
}

/// Some samples with their answers. They are numbers, x / divisor, where x may be bytes; or, if `spikes` are given, spikes.
struct Batch {
  ArrayView x;
  ArrayView y;  ///< labels int64 [n] or targets [n, k]
  double divisor = 1;
  SpikesView spikes = {};
};

/// Sums over samples: the caller divides.
struct Evaluation {
  double loss = 0;
  double correct = 0;         ///< samples whose most active output is the label
  bool has_accuracy = false;  ///< whether `correct` means anything
  std::size_t samples = 0;
  Evaluation& operator+=(const Evaluation& other) {
    loss += other.loss;
    correct += other.correct;
    has_accuracy |= other.has_accuracy;
    samples += other.samples;
    return *this;
  }
};

/// One array per parameter, in the order of parameters().
using Gradient = std::vector<Array>;

/// One shard of a batch whose shards advance together; the evaluation is filled in.
struct ShardOfBatch {
  Batch batch;
  Context context;
  Tape* tape;
  Gradient* gradient;
  Evaluation result;
};

/// Whether a model whose entries have shape `input` can be given entries of shape `entry`: the same numbers in the same order,
/// by axes of length 1 more or less ([28, 28] and [1, 28, 28]), or as one row ([784]) on either side.
bool entry_fits(const Shape& entry, const Shape& input);

class Trainable : public virtual Model {
 public:
  /// How the contract suite checks the gradients of this model (DESIGN, "gradients are never believed").
  enum class GradientKind { exact, event, grid, surrogate };
  virtual GradientKind gradient_kind() const { return GradientKind::exact; }
  /// Whether its first output is logits [sample, classes], by its loss (Loss::reads_logits): softmax of them (nn/classes.hpp) is
  /// what it believes. Else its outputs speak for themselves.
  virtual bool outputs_are_logits() const { return false; }
  /// Whether gradients come quicker, with the same bits, where spikes can be read by unit, too (SpikesView::by_unit).
  virtual bool reads_turned_spikes() const { return false; }
  virtual Evaluation evaluate(const Batch& batch, const Context& context, Tape& tape) const = 0;
  /// Adds ∂(summed loss)/∂parameters to `gradient`. Const and re-entrant: shards of a batch run side by side.
  virtual Evaluation evaluate_with_gradient(const Batch& batch, const Context& context, Tape& tape,
                                            Gradient& gradient) const = 0;

  /// Throws a DataError or ShapeError, naming `source` and the first sample that is wrong, unless the model can be told that
  /// these are the answers [n, …]: before a training, so that it does not end by what could be known at its beginning.
  virtual void require_answers(ArrayView y, const std::string& source) const { (void)y, (void)source; }

  /// Whether a sample's gradient depends on the others of its batch (batch statistics). Then the trainer calls these two: the
  /// shards of a batch advance together, and after the step the running statistics follow (`tape`: of the first shard).
  virtual bool couples_samples() const { return false; }
  virtual void evaluate_together(std::span<ShardOfBatch> shards, WorkerPool& pool) const {
    pool.run(shards.size(), [&](std::size_t i) {
      ShardOfBatch& shard = shards[i];
      shard.result = evaluate_with_gradient(shard.batch, shard.context, *shard.tape, *shard.gradient);
    });
  }
  virtual void keep_statistics(const Tape& tape) { (void)tape; }
};

/// Zeros, one array per parameter.
Gradient make_gradient(Model& model);
void set_zero(Gradient& gradient);
/// a *= factor
void scale(Gradient& a, double factor);

class Differentiable : public virtual Model {
 public:
  /// The scores before the loss, [sample, k]. They lie on the tape until its next pass. The model may read x again on the way
  /// back: the caller keeps it, unchanged, until then. On one tape, call after call allocates nothing.
  virtual ArrayView logits(ArrayView x, const Context& context, Tape& tape) const = 0;
  /// ∂(Σ cotangent · logits)/∂x, [sample, …], for the pass that `tape` holds. It lies on the tape until the next call.
  virtual ArrayView pull_back(ArrayView cotangent, const Tape& tape) const = 0;
};

/// A model of layers whose inner activities may be looked at.
class Layered : public virtual Model {
 public:
  /// What each layer says to the samples, by the layers' names, from the first to the last; spikes as counts [sample, step, unit].
  virtual NamedArrays activities(const Samples& samples, const Context& context) const = 0;
};

class LocalLearner : public virtual Model {
 public:
  /// Learns from samples [n, …entry], one after the other. x / divisor is what the model sees; `context.step` is the
  /// number of samples of this epoch seen before. Threads of `pool` may help; the bits don't depend on how many.
  /// Throws NumericError when a value stops being finite.
  virtual void observe(ArrayView samples, double divisor, const Context& context, WorkerPool& pool) = 0;
};

}  // namespace neurarium
