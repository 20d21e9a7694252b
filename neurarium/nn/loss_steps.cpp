// time_averaged_cross_entropy: the cross-entropy of what a network says at each step, averaged over the steps.
//   E = −1/steps Σ_s Σ_j t_j ln softmax(z_s)_j,   z [steps, classes],   ∂E/∂z_s = (softmax(z_s) − t) / steps
// The network is to be right at all times, from its first moments on. Accuracy reads the largest sum over the steps.
// Source: Nowotny, Turner, Knight, Neuromorphic Computing and Engineering 5, 2025 ("average cross-entropy").
#include "neurarium/nn/loss_rows.hpp"

namespace neurarium {

using namespace loss_rows;

namespace {

struct TimeAveragedParams {
  static Schema fields() { return Schema::of<TimeAveragedParams>({}); }
};

template <class T>
class TimeAveragedCrossEntropy : public Loss<T> {
 public:
  using Params = TimeAveragedParams;
  explicit TimeAveragedCrossEntropy(const Params&) {}
  void require_outputs(const Shape& outputs) const override {
    if (outputs.axes() != 2 || outputs[0] == 0 || outputs[1] < 2)
      throw ShapeError("model.loss: outputs of time_averaged_cross_entropy",
                       "[steps, classes], with two classes or more", to_string(outputs),
                       "end with readout = \"trace\" (spike_integrator, leaky_integrator), or use cross_entropy");
  }
  void require_answers(ArrayView answers, const Shape& outputs, const std::string& source) const override {
    Loss<T>::require_answers(answers, outputs, source);
    require_shares(answers, source, "time_averaged_cross_entropy");
  }
  Evaluation evaluate(View<const T> outputs, ArrayView answers, Tensor<T>* gradient) const override {
    const std::size_t steps = steps_of(outputs.shape().tail());
    return evaluate_rows(outputs, answers, gradient, [&](std::span<const T> z, std::span<const T> t, std::span<T> g) {
      const std::size_t classes = z.size() / steps;
      double sum = 0;
      for (std::size_t first = 0; first < z.size(); first += classes)
        sum += cross_entropy<T>(z.subspan(first, classes), g.empty() ? g : g.subspan(first, classes),
                                1 / static_cast<double>(steps),
                                [&](std::size_t j) { return static_cast<double>(t[first + j]); });
      return sum;
    });
  }
};

}  // namespace

void register_losses_of_steps(Registry& registry) {
  add<TimeAveragedCrossEntropy>(registry, "time_averaged_cross_entropy",
                                "E = −1/steps Σ t ln softmax(z): cross-entropy at each step, of [steps, classes].");
}

}  // namespace neurarium
