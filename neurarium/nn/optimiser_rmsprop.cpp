#include "neurarium/nn/optimiser_parts.hpp"

#include <cmath>

namespace neurarium {
namespace {

class RmsProp : public Optimiser {
 public:
  struct Params {
    double learning_rate = 0.01;
    double alpha = 0.99;
    double epsilon = 1e-8;
    double momentum = 0;
    bool centred = false;
    double weight_decay = 0;
    static Schema fields() {
      return Schema::of<Params>({
          field("learning_rate", &Params::learning_rate, "Step size η.").positive(),
          field("alpha", &Params::alpha, "Share α of the old mean square that is kept.").at_least(0).below(1),
          field("epsilon", &Params::epsilon, "Added to the root, so that nothing is divided by 0.").positive(),
          field("momentum", &Params::momentum, "Share μ of the last step that is kept.").at_least(0).below(1),
          field("centred", &Params::centred, "Divide by the standard deviation instead of the root mean square."),
          field("weight_decay", &Params::weight_decay, "λ: the gradient of ½ λ w² is added.").at_least(0),
      });
    }
  };
  explicit RmsProp(const Params& params) : params_(params) {}

  void step(const std::vector<NamedView>& parameters, const Gradient& gradient, double rate_factor,
            WorkerPool* pool) override {
    square_.prepare(parameters);
    if (params_.centred) mean_.prepare(parameters);
    if (params_.momentum > 0) velocity_.prepare(parameters);
    in_stretches(parameters, pool, [&](std::size_t i, Stretch part) {
      with_floating(parameters[i].values.dtype(), [&]<class T>() {
        const auto w = part.of(parameters[i].values.as<T>().flat());
        const auto g = part.of(gradient[i].as<T>().flat());
        const auto s = part.of(square_.flat<T>(i));
        const auto m = params_.centred ? part.of(mean_.flat<T>(i)) : std::span<T>{};
        const auto v = params_.momentum > 0 ? part.of(velocity_.flat<T>(i)) : std::span<T>{};
        const T rate = static_cast<T>(params_.learning_rate * rate_factor), keep = static_cast<T>(params_.alpha),
                take = static_cast<T>(1 - params_.alpha), epsilon = static_cast<T>(params_.epsilon),
                inertia = static_cast<T>(params_.momentum), decay = static_cast<T>(params_.weight_decay);
        SignedStep<T> signs(parameters[i]);
        for (std::size_t j = 0; j < w.size(); ++j) {
          const T slope = g[j] + decay * w[j];
          s[j] = keep * s[j] + take * slope * slope;
          T spread = s[j];
          if (!m.empty()) {
            m[j] = keep * m[j] + take * slope;
            spread = std::max(T{0}, spread - m[j] * m[j]);  // rounding may bring it below 0
          }
          T move = slope / (std::sqrt(spread) + epsilon);
          if (!v.empty()) move = v[j] = inertia * v[j] + move;
          w[j] -= rate * move;
        }
        signs.finish({s, m, v});
      });
    });
  }

  std::vector<NamedView> state(const std::vector<NamedView>& parameters) override {
    std::vector<NamedView> state;
    square_.add_to(state, parameters);
    if (params_.centred) mean_.add_to(state, parameters);
    if (params_.momentum > 0) velocity_.add_to(state, parameters);
    return state;
  }

 private:
  Params params_;
  Slots square_{"square"}, mean_{"mean"}, velocity_{"velocity"};
};

}  // namespace

void register_rmsprop(Registry& registry) {
  registry
      .add<RmsProp::Params>("optimiser", "rmsprop",
                            "Steps divided by the root mean square of recent gradients (Tieleman & Hinton 2012).")
      .makes<Optimiser>([](const RmsProp::Params& params) { return std::make_unique<RmsProp>(params); });
}

}  // namespace neurarium
