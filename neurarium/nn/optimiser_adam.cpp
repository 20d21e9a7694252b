#include "neurarium/nn/optimiser_parts.hpp"

#include <cmath>

#include "neurarium/kernels/adam.hpp"

namespace neurarium {
namespace {

struct AdamSettings {
  double learning_rate = 0.001;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0;
  template <class Params>
  static Schema fields_of(const char* decay) {
    return Schema::of<Params>({
        field("learning_rate", &Params::learning_rate, "Step size η.").positive(),
        field("beta1", &Params::beta1, "Share β₁ of the old mean gradient that is kept.").at_least(0).below(1),
        field("beta2", &Params::beta2, "Share β₂ of the old mean square that is kept.").at_least(0).below(1),
        field("epsilon", &Params::epsilon, "Added to the root, so that nothing is divided by 0.").positive(),
        field("weight_decay", &Params::weight_decay, decay).at_least(0),
    });
  }
};

struct AdamParams : AdamSettings {
  static constexpr bool decoupled = false;
  static Schema fields() { return fields_of<AdamParams>("λ: the gradient of ½ λ w² is added."); }
};
struct AdamWParams : AdamSettings {
  static constexpr bool decoupled = true;
  AdamWParams() { weight_decay = 0.01; }
  static Schema fields() { return fields_of<AdamWParams>("λ: w shrinks by η λ w before each step."); }
};

class Adam : public Optimiser {
 public:
  Adam(const AdamSettings& settings, bool decoupled) : settings_(settings), decoupled_(decoupled) {}

  void step(const std::vector<NamedView>& parameters, const Gradient& gradient, double rate_factor,
            WorkerPool* pool) override {
    mean_.prepare(parameters);
    square_.prepare(parameters);
    double& steps = steps_.as<double>()(0);
    steps += 1;
    const double rate = settings_.learning_rate * rate_factor;
    const double first = 1 - std::pow(settings_.beta1, steps), second = 1 - std::pow(settings_.beta2, steps);
    const double coupled = decoupled_ ? 0 : settings_.weight_decay;
    const double shrink = decoupled_ ? 1 - rate * settings_.weight_decay : 1;
    in_stretches(parameters, pool, [&](std::size_t i, Stretch part) {
      with_floating(parameters[i].values.dtype(), [&]<class T>() {
        const auto narrow = [](double x) { return static_cast<T>(x); };
        const kernels::AdamStep<T> numbers{narrow(settings_.beta1),
                                           narrow(1 - settings_.beta1),
                                           narrow(settings_.beta2),
                                           narrow(1 - settings_.beta2),
                                           narrow(settings_.epsilon),
                                           narrow(rate / first),
                                           narrow(std::sqrt(second)),
                                           narrow(coupled),
                                           narrow(shrink)};
        SignedStep<T> signs(parameters[i]);
        const auto mean = part.of(mean_.flat<T>(i)), square = part.of(square_.flat<T>(i));
        kernels::adam<T>(numbers, part.of(gradient[i].as<T>().flat()), mean, square,
                         part.of(parameters[i].values.as<T>().flat()));
        signs.finish({mean, square});
      });
    });
  }

  std::vector<NamedView> state(const std::vector<NamedView>& parameters) override {
    std::vector<NamedView> state;
    mean_.add_to(state, parameters);
    square_.add_to(state, parameters);
    state.push_back({"steps", steps_.view()});
    return state;
  }

 private:
  AdamSettings settings_;
  bool decoupled_;
  Slots mean_{"mean"}, square_{"square"};
  Array steps_{DType::f64, {1}};
};

template <class Params>
void add(Registry& registry, const char* type, const char* doc) {
  registry.add<Params>("optimiser", type, doc).template makes<Optimiser>([](const Params& params) {
    return std::make_unique<Adam>(params, Params::decoupled);
  });
}

}  // namespace

void register_adam(Registry& registry) {
  add<AdamParams>(registry, "adam",
                  "Running means of gradient and square, corrected for their start (Kingma & Ba 2015).");
  add<AdamWParams>(registry, "adamw", "Adam with decoupled weight decay (Loshchilov & Hutter 2019).");
}

}  // namespace neurarium
