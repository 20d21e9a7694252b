#include "neurarium/nn/attack.hpp"

#include <limits>

#include "neurarium/core/rng.hpp"
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
Target<T>::Target(const Model& model, std::uint64_t seed, std::function<bool()> stop, std::size_t draws)
    : model_(&model),
      differentiable_(dynamic_cast<const Differentiable*>(&model)),
      seed_(seed),
      stop_(std::move(stop)),
      draws_(draws),
      other_draws_(draws - 1) {}

template <class T>
ArrayView Target<T>::pass(View<const T> x, std::size_t draw, Tape& tape) {
  if (stop_ && stop_()) throw Interrupted("stopped in an attack");
  const std::uint64_t seed =
      draw == 0 ? seed_ : philox(Stream(seed_, "attack.draws"), {0, 0, 0, static_cast<std::uint32_t>(draw)})[0];
  const Context context{Mode::eval, seed, 0, 0, {}};
  queries_ += x.shape()[0];
  if (differentiable_) return differentiable_->logits(x, context, tape);
  return outputs_ = std::move(model_->outputs(x, context).front().second);
}

template <class T>
View<const T> Target<T>::logits(View<const T> x) {
  const ArrayView logits = pass(x, 0, tape_);
  const Shape& shape = logits.shape();
  if (shape.axes() != 2 || shape[1] < 2)
    throw ShapeError("outputs of the network under attack", "[samples, classes] with at least 2 classes",
                     to_string(shape));
  x_ = x, has_other_draws_ = false;
  return logits.template as<T>();
}

template <class T>
bool Target<T>::draws_answers(View<const T> x) {
  const View<const T> now = logits(x);
  const std::vector<T> first(now.flat().begin(), now.flat().end());
  Tape tape;
  return !std::ranges::equal(first, pass(x, 1, tape).template as<T>().flat());
}

// The gradient of the first draw, and with it those of the others for the same samples and cotangent.
template <class T>
View<const T> Target<T>::averaged(ArrayView first, View<const T> cotangent) {
  if (draws_ == 1) return first.as<T>();
  mean_gradient_.resize(first.shape());
  const auto sum = mean_gradient_.flat();
  std::ranges::copy(first.as<T>().flat(), sum.begin());
  for (std::size_t k = 1; k < draws_; ++k) {
    if (!has_other_draws_) pass(x_, k, other_draws_[k - 1]);
    const ArrayView more = differentiable_->pull_back(cotangent, other_draws_[k - 1]);
    const auto numbers = more.as<T>().flat();
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += numbers[i];
  }
  has_other_draws_ = true;
  for (T& number : sum) number /= static_cast<T>(draws_);
  return std::as_const(mean_gradient_).view();
}

template <class T>
View<const T> Target<T>::pull_back(View<const T> cotangent, std::span<const char> done) {
  if (!differentiable_)
    throw SpecError("this network has no gradient at its input", "attack it with square or hop-skip-jump");
  const View<const T> at_input = averaged(differentiable_->pull_back(cotangent, tape_), cotangent);
  const std::size_t n = cotangent.shape()[0];
  gradients_ += n * draws_;
  const View<const T> gradient = at_input.reshaped({n, at_input.size() / n});
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
