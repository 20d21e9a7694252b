#include "neurarium/nn/optimiser_parts.hpp"

namespace neurarium {
namespace {

class Sgd : public Optimiser {
 public:
  struct Params {
    double learning_rate = 0.1;
    double momentum = 0;
    bool nesterov = false;
    double weight_decay = 0;
    static Schema fields() {
      return Schema::of<Params>({
          field("learning_rate", &Params::learning_rate, "Step size η.").positive(),
          field("momentum", &Params::momentum, "Share μ of the last step that is kept.").at_least(0).below(1),
          field("nesterov", &Params::nesterov, "Look ahead: step along g + μ v. Needs momentum."),
          field("weight_decay", &Params::weight_decay, "λ: the gradient of ½ λ w² is added.").at_least(0),
      });
    }
  };
  explicit Sgd(const Params& params) : params_(params) {
    if (params.nesterov && params.momentum == 0)
      throw SpecError("optimiser sgd: nesterov needs momentum", "set momentum = 0.9, say");
  }

  void step(const std::vector<NamedView>& parameters, const Gradient& gradient, double rate_factor,
            WorkerPool* pool) override {
    if (params_.momentum > 0) velocity_.prepare(parameters);
    in_stretches(parameters, pool, [&](std::size_t i, Stretch part) {
      with_floating(parameters[i].values.dtype(), [&]<class T>() {
        const auto w = part.of(parameters[i].values.as<T>().flat());
        const auto g = part.of(gradient[i].as<T>().flat());
        const T rate = static_cast<T>(params_.learning_rate * rate_factor);
        const T keep = static_cast<T>(params_.momentum), decay = static_cast<T>(params_.weight_decay);
        SignedStep<T> signs(parameters[i]);
        if (params_.momentum == 0) {
          for (std::size_t j = 0; j < w.size(); ++j) w[j] -= rate * (g[j] + decay * w[j]);
          signs.finish({});
          return;
        }
        const auto v = part.of(velocity_.flat<T>(i));
        const bool nesterov = params_.nesterov;
        for (std::size_t j = 0; j < w.size(); ++j) {
          const T slope = g[j] + decay * w[j];
          v[j] = keep * v[j] + slope;
          w[j] -= rate * (nesterov ? slope + keep * v[j] : v[j]);
        }
        signs.finish({v});
      });
    });
  }

  std::vector<NamedView> state(const std::vector<NamedView>& parameters) override {
    std::vector<NamedView> state;
    if (params_.momentum > 0) velocity_.add_to(state, parameters);
    return state;
  }

 private:
  Params params_;
  Slots velocity_{"velocity"};
};

}  // namespace

void register_sgd(Registry& registry) {
  registry.add<Sgd::Params>("optimiser", "sgd", "Gradient descent, with momentum if asked: v ← μ v + g, w ← w − η v.")
      .makes<Optimiser>([](const Sgd::Params& params) { return std::make_unique<Sgd>(params); });
}

}  // namespace neurarium
