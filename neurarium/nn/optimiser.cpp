#include "neurarium/nn/optimiser.hpp"

namespace neurarium {
namespace {

class Sgd : public Optimiser {
 public:
  struct Params {
    double learning_rate = 0.1;
    double momentum = 0;
    static Schema fields() {
      return Schema::of<Params>({
          field("learning_rate", &Params::learning_rate, "Step size η.").positive(),
          field("momentum", &Params::momentum, "Share μ of the last step that is kept.").at_least(0).below(1),
      });
    }
  };
  explicit Sgd(const Params& params) : params_(params) {}

  void step(const std::vector<NamedView>& parameters, const Gradient& gradient) override {
    if (params_.momentum > 0) prepare(parameters);
    for (std::size_t i = 0; i < parameters.size(); ++i)
      with_floating(parameters[i].values.dtype(), [&]<class T>() {
        const auto w = parameters[i].values.as<T>().flat();
        const auto g = gradient[i].as<T>().flat();
        const T rate = static_cast<T>(params_.learning_rate), keep = static_cast<T>(params_.momentum);
        if (params_.momentum == 0) {
          for (std::size_t j = 0; j < w.size(); ++j) w[j] -= rate * g[j];
          return;
        }
        const auto v = velocity_[i].as<T>().flat();
        for (std::size_t j = 0; j < w.size(); ++j) {
          v[j] = keep * v[j] + g[j];
          w[j] -= rate * v[j];
        }
      });
  }

  std::vector<NamedView> state(const std::vector<NamedView>& parameters) override {
    if (params_.momentum == 0) return {};
    prepare(parameters);
    std::vector<NamedView> state;
    for (std::size_t i = 0; i < velocity_.size(); ++i)
      state.push_back({"velocity." + parameters[i].name, velocity_[i].view()});
    return state;
  }

 private:
  void prepare(const std::vector<NamedView>& parameters) {
    if (velocity_.size() == parameters.size()) return;
    velocity_.clear();
    for (const NamedView& p : parameters) velocity_.emplace_back(p.values.dtype(), p.values.shape());
  }
  Params params_;
  std::vector<Array> velocity_;
};

}  // namespace

void register_optimisers(Registry& registry) {
  registry.add<Sgd::Params>("optimiser", "sgd", "Gradient descent, with momentum if asked: v ← μ v + g, w ← w − η v.")
      .makes<Optimiser>([](const Sgd::Params& params) { return std::make_unique<Sgd>(params); });
}

}  // namespace neurarium
