// Losses: how far outputs are from answers, and the gradient that says how to come nearer.
//   squared_error   E = ½ Σ_n Σ_j (y_nj − t_nj)²            ∂E/∂y = y − t
//   cross_entropy   E = −Σ_n Σ_j t_nj ln softmax(z_n)_j     ∂E/∂z = softmax(z) − t     (z: logits)
//     label_smoothing ε: t becomes (1 − ε) t + ε/k, with k classes (Szegedy et al., CVPR 2016; as torch.nn.CrossEntropyLoss)
//   time_averaged_cross_entropy                 loss_steps.cpp
//   first_spike_cross_entropy, spike_time_error loss_first_spike.cpp
// Answers are labels (int64 [n]: one-hot targets; with one output the label itself) or targets ([n, k]). Outputs of [steps, k] are
// told labels or targets [n, k] at every step, or targets [n, steps, k]; then the most active output is that of the largest sum.
// Source: Bishop, Pattern Recognition and Machine Learning, 2006, sections 5.2 and 5.3.
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/model.hpp"

namespace neurarium {

template <class T>
class Loss {
 public:
  virtual ~Loss() = default;
  /// Throws ShapeError if the loss makes no sense for outputs of this shape (of one sample).
  virtual void require_outputs(const Shape& outputs) const { (void)outputs; }
  /// Throws unless answers [n, …] fit outputs of this shape: labels 0 … k−1 or finite targets. A DataError names `source` and the
  /// first sample that is wrong.
  virtual void require_answers(ArrayView answers, const Shape& outputs, const std::string& source) const;
  /// Whether the outputs it is shown are logits: then softmax of them is the probability that the model gives each class.
  virtual bool reads_logits() const { return false; }
  /// Summed loss over the samples of `outputs` [n, …]; if `gradient` is given, ∂loss/∂outputs is written to it.
  /// Labels outside 0 … k−1 are a DataError, answers of another length or width a ShapeError.
  virtual Evaluation evaluate(View<const T> outputs, ArrayView answers, Tensor<T>* gradient) const = 0;
};

void register_losses(Registry& registry);

}  // namespace neurarium
