// topographic_map: sparse coding on a grid of units with lateral excitation, learned one sample at a time
// ("SparseDream"; founding notebook: topographic-sparsedream).
//
// Units n = y·columns + x on a grid of rows × columns, weights W [N, D] ≥ 0, thresholds t [N], lateral matrix
// L [N, N] of zeros and ones. For an image v [D], v ≥ 0, with σ the logistic function:
//   p = σ(W v − t)                     feed-forward activity
//   o = σ(W v + L p − t)               activity, after one step of lateral excitation
//   r = Wᵀ o                           reconstruction
//   w_nj ← w_nj · (1 + ξ o_n q_j),  q = (v − r) / max(r, ε)
//   t_n  ← t_n + γ (o_n − s)
// The weight step is a gradient step on the generalised Kullback–Leibler divergence
// D(v‖r) = Σ v ln(v/r) − v + r, preconditioned by w: an online multiplicative (KL) non-negative matrix factorisation
// (Lee & Seung, NIPS 2000) with a feed-forward code. s is the wanted mean activity, γ its homeostasis.
//
// fidelity = "notebook" repeats the notebook to the last rounding error; "corrected" mends its slips. Each mend can also
// be had alone (`corrections`), so that its effect can be measured:
//   neighbourhood  the notebook's slices end at min(K − 1, y + radius + 1), and slice ends are exclusive: the last row and
//                  the last column are never a source of excitation (they still receive it). Mended: min(K, …).
//   clipping       the notebook sets weights not above ε to 0 on samples 0, 100, 200 … of an epoch only. Mended: at every
//                  sample.
//   growth         where r is near 0, one sample can multiply a weight by up to 1 + ξ v/ε, here 2·10⁸. Mended: a weight at
//                  most doubles in one step (ξ o q ≤ 1).
// activity_floor > 0 leaves units with o at or below it out of reconstruction and weight update of that step (their
// thresholds still move): less work, another rule. 0 = the notebook.
// A unit never excites itself. Weights that are 0 stay 0 for ever: the rule is multiplicative.
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/models/topographic_map/map_learner.hpp"
#include "neurarium/nn/model.hpp"

namespace neurarium {

struct TopographicMapParams {
  std::int64_t rows = 20;
  std::int64_t columns = 20;
  std::int64_t inputs = 0;
  std::int64_t radius = 2;
  std::string fidelity = "corrected";
  std::vector<std::string> corrections;
  double learning_rate = 0.02;
  double threshold_rate = 0.01;
  double sparsity = 0.05;
  double precision = 1e-10;
  double initial_low = 0.1;
  double initial_high = 1;
  double activity_floor = 0;
  std::string scalar = "float32";
  std::uint64_t seed = 0;
  ArraySource weights;
  ArraySource thresholds;
  static Schema fields();
};

template <class T>
class TopographicMap : public LocalLearner {
 public:
  using Params = TopographicMapParams;
  explicit TopographicMap(const Params& params);

  DType scalar() const override { return dtype_of<T>(); }
  Shape input_shape() const override { return {weights_.shape()[1]}; }
  /// weights [rows·columns, inputs]
  std::vector<NamedView> parameters() override { return {{"weights", MutableArrayView(weights_.view())}}; }
  /// thresholds [rows·columns]
  std::vector<NamedView> buffers() override { return {{"thresholds", MutableArrayView(thresholds_.view())}}; }
  /// feedforward p [n, N], activity o [n, N], reconstruction r [n, D] — the notebook's p, o, r.
  NamedArrays outputs(const Samples& samples, const Context& context) const override;
  void observe(ArrayView samples, double divisor, const Context& context, WorkerPool& pool) override;
  std::vector<std::pair<std::string, std::string>> choices() const override;

 private:
  topographic::Rule<T> rule_;
  Tensor<T> weights_, thresholds_;
  topographic::MapLearner<T> learner_;
};

}  // namespace neurarium
