#include "neurarium/train/adversarial.hpp"

#include <cmath>

#include "neurarium/core/digits.hpp"
#include "neurarium/core/rng.hpp"
#include "neurarium/interchange/json.hpp"
#include "neurarium/nn/network_state.hpp"

namespace neurarium {

AdversarialParams::AdversarialParams() : attack{"fgsm", Value::table()} { attack.settings.set("random_start", true); }

Schema AdversarialParams::fields() {
  using P = AdversarialParams;
  return Schema::of<P>({
      field("epsilon", &P::epsilon, "Radius of the changes, in units of the data; 0 = learn from samples as they are.")
          .at_least(0),
      component("attack", &P::attack, "attack", "What changes the samples in each step."),
      field("bounds", &P::bounds,
            "Least and largest number that a sample may hold; default: by type or range of the data."),
  });
}

namespace {

template <class T>
class AdversaryOf : public Adversary {
 public:
  AdversaryOf(const AdversarialParams& params, const Model& model, const Bounds& bounds, const Registry& registry)
      : attack_(registry.make<Attack<T>>("attack", params.attack, "train.adversarial.attack")),
        target_(model, 0),
        epsilon_(params.epsilon),
        bounds_(bounds) {
    if (attack_->seeks_smallest())
      throw SpecError(
          "train.adversarial.attack: " + params.attack.type + " looks for the smallest change, whatever epsilon is",
          "use fgsm, pgd or apgd");
    if (attack_->access() == Access::gradients && !dynamic_cast<const Differentiable*>(&model))
      throw SpecError("train.adversarial.attack: " + params.attack.type +
                          " follows gradients at the input, and this model has none",
                      "train without train.adversarial");
    if (const std::size_t least = attack_->least_classes(); least > 2) {
      const Tensor<T> nothing(Shape{1, model.input_shape().elements()});
      require_classes(least, target_.logits(nothing.view()).shape()[1], params.attack, "train.adversarial.attack");
    }
  }

  ArrayView changed(ArrayView x, ArrayView y, double divisor, const Context& context) override {
    const std::size_t n = x.shape()[0];
    const Shape rows{n, x.size() / n};
    x_.resize(rows), changed_.resize(rows);
    scale_into(x, divisor, x_.flat());
    const std::uint64_t seed =
        philox(Stream(context.seed, "train.adversarial"), {context.epoch, 0, 0, 0})[0];  // new starts in each epoch
    const AttackTask<T> task{std::as_const(x_).view(),
                             y.as<std::int64_t>().flat(),
                             context.sample_ids,
                             x.shape().tail(),
                             epsilon_,
                             bounds_,
                             seed};
    attack_->run(target_, task, changed_.view());
    return std::as_const(changed_).view().reshaped(x.shape());
  }

 private:
  std::unique_ptr<Attack<T>> attack_;
  Target<T> target_;
  double epsilon_;
  Bounds bounds_;
  Tensor<T> x_, changed_;
};

}  // namespace

void require_sense(const AdversarialParams& params, const Registry& registry) {
  require_bounds(params.bounds, "train.adversarial.bounds");
  if (params.wanted()) return;
  const auto text = [&](const Component& attack) {
    return attack.type + to_json(completed(attack, registry, "attack").settings, -1);
  };
  const bool names_attack = text(params.attack) != text(AdversarialParams().attack);
  if (names_attack || !params.bounds.empty())
    throw SpecError(
        std::string("train.adversarial.") + (names_attack ? "attack" : "bounds") +
            ": train.adversarial.epsilon is 0, so that no sample would be changed",
        "set train.adversarial.epsilon, 8/255 say; or leave attack and bounds out, to learn from samples as "
        "they are");
}

Bounds adversarial_bounds(const AdversarialParams& params, ArrayView data, ArrayView answers, double divisor) {
  if (!params.wanted()) return {};
  if (answers.dtype() != DType::i64 || answers.shape().axes() != 1)
    throw SpecError("train.adversarial: the answers are no labels, so that nothing says when a sample is fooled",
                    "train without it, or on labels 0, 1, 2 …");
  const Bounds bounds = bounds_of(params.bounds, data, divisor, "train.adversarial.bounds");
  if (params.epsilon > bounds.width() * std::sqrt(static_cast<double>(data.size() / data.shape()[0])))
    throw SpecError("train.adversarial.epsilon: " + short_digits(params.epsilon) + " is more than the data are wide",
                    "it is in the units of the data: 8/255 of pixels in 0 … 1 is 0.0314");
  return bounds;
}

std::unique_ptr<Adversary> make_adversary(const AdversarialParams& params, const Model& model, const Bounds& bounds,
                                          const Registry& registry) {
  if (!params.wanted()) return nullptr;
  return with_floating(model.scalar(), [&]<class T>() -> std::unique_ptr<Adversary> {
    return std::make_unique<AdversaryOf<T>>(params, model, bounds, registry);
  });
}

}  // namespace neurarium
