#include "neurarium/train/adversarial.hpp"

#include <cmath>

#include "neurarium/core/digits.hpp"
#include "neurarium/core/rng.hpp"
#include "neurarium/interchange/json.hpp"

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

namespace {

void find_idle(std::span<const Value* const> given, const Value& section, const Registry& registry,
               const std::string& path, std::vector<Fault>& faults) {
  const auto written = [&](const std::string& key) -> const Value* {
    for (const Value* layer : given)
      if (const Value* value = layer->find_path(path + "." + key)) return value;
    return nullptr;
  };
  const Value* epsilon = section.find("epsilon");
  if (!epsilon || !epsilon->is_number() || epsilon->as_number() != 0 || written("epsilon")) return;
  const auto differs = [&](const char* key, const Value& usual) {
    const Value* value = section.find(key);
    return value && to_json(*value, -1) != to_json(usual, -1);
  };
  std::vector<Fault> none;
  const Value usual = AdversarialParams::fields().complete(Value::table(), {&registry, &none, {}, {}});
  for (const char* key : {"attack", "bounds"}) {
    const Value* value = written(key);
    if (!value || !differs(key, usual.at(key))) continue;
    faults.push_back({value->where(), path + "." + key, "there is no epsilon, so that no sample would be changed",
                      "set " + path +
                          ".epsilon, 8/255 say; or leave attack and bounds out, to learn from samples as "
                          "they are"});
  }
}

}  // namespace

void find_idle_adversaries(const Schema& schema, std::span<const Value* const> given, const Value& whole,
                           const Registry& registry, const std::string& path, std::vector<Fault>& faults) {
  const std::vector<std::string> own = AdversarialParams::fields().names();
  for (const FieldInfo& field : schema.fields()) {
    const Value* section = field.section ? whole.find(field.name) : nullptr;
    if (!section) continue;
    const std::string here = path.empty() ? field.name : path + "." + field.name;
    if (field.section->names() == own) find_idle(given, *section, registry, here, faults);
    else find_idle_adversaries(*field.section, given, *section, registry, here, faults);
  }
}

Bounds adversarial_bounds(const AdversarialParams& params, ArrayView data, ArrayView answers, double divisor) {
  if (!params.wanted()) return {};
  if (answers.dtype() != DType::i64 || answers.shape().axes() != 1)
    throw SpecError("train.adversarial: the answers are no labels, so that nothing says when a sample is fooled",
                    "train without it, or on labels 0, 1, 2 …");
  const Bounds bounds = bounds_of(params.bounds, data, divisor, "train.adversarial.bounds");
  if (params.epsilon >
      bounds.width() * std::sqrt(static_cast<double>(data.size()) / static_cast<double>(data.shape()[0])))
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
