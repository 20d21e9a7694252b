#include "neurarium/nn/attack.hpp"

#include <limits>

#include "neurarium/kernels/steps.hpp"

namespace neurarium {

void require_bounds(const std::vector<double>& given, const std::string& setting) {
  if (given.empty()) return;
  if (given.size() != 2 || !(given[0] < given[1]) || !std::isfinite(given[0]) || !std::isfinite(given[1]))
    throw SpecError(setting + ": two numbers are wanted, the least and the largest", "give for example [0,1]");
}

Bounds bounds_of(const std::vector<double>& given, ArrayView x, double divisor, const std::string& setting) {
  require_bounds(given, setting);
  if (!given.empty()) return {given[0], given[1]};
  if (x.dtype() == DType::u8) return {0, 255 / divisor};
  Bounds bounds{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  with_dtype(x.dtype(), [&]<class S>() {
    for (const S number : x.template as<S>().flat()) {
      const double seen = static_cast<double>(number) / divisor;
      bounds.low = std::min(bounds.low, seen), bounds.high = std::max(bounds.high, seen);
    }
  });
  if (!(bounds.low < bounds.high))
    throw SpecError(setting + ": all numbers of the data are the same, so that they do not say what a sample may hold",
                    "give the least and the largest number, for example [0,1]");
  return bounds;
}

void require_classes(std::size_t least, std::size_t classes, const Component& attack, const std::string& setting) {
  if (classes >= least) return;
  const Value* loss = attack.settings.find("loss");
  const Value* targeted = attack.settings.find("targeted");
  throw SpecError(setting + ": " + attack.type + (loss && loss->is_text() ? " with the loss " + loss->as_text() : "") +
                      (targeted && targeted->is_bool() && targeted->as_bool() ? ", targeted," : "") +
                      " compares at least " + std::to_string(least) + " classes, and the network has " +
                      std::to_string(classes),
                  "set " + setting + ".loss to margin or scale-free, or name another attack");
}

template <class T>
Target<T>::Target(const Model& model, std::uint64_t seed, std::function<bool()> stop)
    : model_(&model),
      differentiable_(dynamic_cast<const Differentiable*>(&model)),
      seed_(seed),
      stop_(std::move(stop)) {}

template <class T>
View<const T> Target<T>::logits(View<const T> x) {
  if (stop_ && stop_()) throw Interrupted("stopped in an attack");
  const Context context{Mode::eval, seed_, 0, 0, {}};
  ArrayView logits;
  if (differentiable_) logits = differentiable_->logits(x, context, tape_);
  else logits = outputs_ = std::move(model_->outputs(x, context).front().second);
  queries_ += x.shape()[0];
  const Shape& shape = logits.shape();
  if (shape.axes() != 2 || shape[1] < 2)
    throw ShapeError("outputs of the network under attack", "[samples, classes] with at least 2 classes",
                     to_string(shape));
  return logits.template as<T>();
}

template <class T>
View<const T> Target<T>::pull_back(View<const T> cotangent, std::span<const char> done) {
  if (!differentiable_)
    throw SpecError("this network has no gradient at its input", "attack it with square or hop-skip-jump");
  const ArrayView at_input = differentiable_->pull_back(cotangent, tape_);
  const std::size_t n = cotangent.shape()[0];
  gradients_ += n;
  const View<const T> gradient = at_input.as<T>().reshaped({n, at_input.size() / n});
  for (std::size_t i = 0; i < n; ++i) {
    const auto largest = [&](View<const T> rows) {
      return static_cast<double>(kernels::largest_magnitude<T>(rows[i].flat()));
    };
    const double here = largest(gradient), there = largest(cotangent);
    if (there == 0 && !done.empty() && done[i]) continue;
    ++tally_.all;
    if (here == 0) ++tally_.zero;
    else if (!std::isfinite(here)) ++tally_.not_finite;
    else if (here < 1e-9 * there) ++tally_.vanishing;
  }
  return gradient;
}

template class Target<float>;
template class Target<double>;

}  // namespace neurarium
