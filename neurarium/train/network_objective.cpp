#include "neurarium/train/network_objective.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/core/digits.hpp"

namespace neurarium {
namespace {

constexpr const char* not_finite = "start from other weights, or check the data for NaN";

/// Adds or copies between an array of parameters and its piece of the long vector.
template <class F>
void for_each_number(MutableArrayView array, double* piece, F f) {
  with_floating(array.dtype(), [&]<class T>() {
    for (T& x : array.as<T>().flat()) f(x, *piece++);
  });
}

}  // namespace

NetworkObjective::NetworkObjective(Trainable& model, const SplitView& split, double divisor,
                                   std::vector<std::uint64_t> ids, double factor, std::size_t shard_size,
                                   RunContext& context)
    : model_(model),
      split_(split),
      divisor_(divisor),
      ids_(std::move(ids)),
      factor_(factor),
      shard_size_(shard_size),
      context_(context),
      parameters_(model.parameters()) {
  for (const NamedView& parameter : parameters_) size_ += parameter.values.size();
}

std::vector<double> NetworkObjective::parameters() const {
  std::vector<double> w(size_);
  double* at = w.data();
  for (const NamedView& parameter : parameters_) {
    for_each_number(parameter.values, at, [](const auto& from, double& to) { to = static_cast<double>(from); });
    at += parameter.values.size();
  }
  return w;
}

void NetworkObjective::set_parameters(std::span<const double> w) {
  std::size_t at = 0;
  for (const NamedView& parameter : parameters_)
    with_floating(parameter.values.dtype(), [&]<class T>() {
      for (T& x : parameter.values.as<T>().flat()) x = static_cast<T>(w[at++]);
    });
}

std::span<const std::uint64_t> NetworkObjective::shard(std::size_t i) const {
  return std::span(ids_).subspan(i * shard_size_, std::min(shard_size_, ids_.size() - i * shard_size_));
}

Context NetworkObjective::pass(std::span<const std::uint64_t> ids) const {
  return {Mode::train, context_.seed(), 0, 0, ids};
}

void NetworkObjective::move_to(std::span<const double> w) {
  if (context_.stop_requested()) throw Interrupted("stopped while training");
  set_parameters(w);
}

double NetworkObjective::evaluate(std::span<const double> w, std::span<double> gradient) {
  move_to(w);
  last_w_.clear();
  // Some shards at a time: their gradients have to wait for one another, and must fit into memory.
  if (slots_.empty()) {
    slots_.resize(std::min(shards(), 4 * static_cast<std::size_t>(context_.pool().threads())));
    for (Slot& slot : slots_) slot.gradient = make_gradient(model_);
  }
  std::ranges::fill(gradient, 0.0);
  Evaluation sum;
  for (std::size_t first = 0; first < shards(); first += slots_.size()) {
    const std::size_t count = std::min(slots_.size(), shards() - first);
    context_.pool().run(count, [&](std::size_t i) {
      const auto ids = shard(first + i);
      const Array x = gather_rows(split_.x, ids), y = gather_rows(split_.y, ids);
      set_zero(slots_[i].gradient);
      slots_[i].result = model_.evaluate_with_gradient({x, y, divisor_}, pass(ids), slots_[i].tape, slots_[i].gradient);
    });
    for (std::size_t i = 0; i < count; ++i) {
      sum += slots_[i].result;
      double* at = gradient.data();
      for (Array& part : slots_[i].gradient) {
        for_each_number(part.view(), at, [](const auto& from, double& to) { to += static_cast<double>(from); });
        at += part.size();
      }
    }
  }
  if (!std::isfinite(sum.loss)) throw NumericError("loss", 0, 0, not_finite);
  std::size_t first = 0;
  for (const NamedView& parameter : parameters_) {
    const auto part = gradient.subspan(first, parameter.values.size());
    const auto bad = std::ranges::find_if(part, [](double g) { return !std::isfinite(g); });
    if (bad != part.end())
      throw NumericError("gradient of " + parameter.name, 0, static_cast<std::size_t>(bad - part.begin()), not_finite);
    first += parameter.values.size();
  }
  for (double& g : gradient) g *= factor_;
  last_w_.assign(w.begin(), w.end());
  last_ = sum;
  return factor_ * sum.loss;
}

Evaluation NetworkObjective::measure(std::span<const double> w) {
  if (std::ranges::equal(w, last_w_)) return last_;
  move_to(w);
  std::vector<Evaluation> results(shards());
  context_.pool().run(shards(), [&](std::size_t i) {
    const auto ids = shard(i);
    const Array x = gather_rows(split_.x, ids), y = gather_rows(split_.y, ids);
    Tape tape;
    results[i] = model_.evaluate({x, y, divisor_}, pass(ids), tape);
  });
  Evaluation sum;
  for (const Evaluation& result : results) sum += result;
  return sum;
}

Array NetworkObjective::outputs_of(std::span<const std::uint64_t> ids) const {
  const Array x = scaled(gather_rows(split_.x, ids), divisor_, model_.scalar());
  return converted(model_.outputs(x, pass(ids)).front().second, DType::f64);
}

// As the losses read answers (nn/loss.hpp): a label stands for 1 at its place, or for itself if there is one output.
Array NetworkObjective::targets_of(std::span<const std::uint64_t> ids) const {
  const Array answers = gather_rows(split_.y, ids);
  if (answers.dtype() != DType::i64 || answers.shape().axes() != 1 || outputs_ == 1)
    return converted(answers, DType::f64);
  Array targets(DType::f64, {ids.size(), outputs_});
  for (std::size_t i = 0; i < ids.size(); ++i)
    targets.as<double>()(i, static_cast<std::size_t>(answers.as<std::int64_t>()(i))) = 1;
  return targets;
}

void NetworkObjective::residuals_at(std::span<const double> w, std::span<double> r) {
  move_to(w);
  context_.pool().run(shards(), [&](std::size_t i) {
    const auto ids = shard(i);
    const Array y = outputs_of(ids), t = targets_of(ids);
    if (y.size() != ids.size() * outputs_ || t.size() != y.size())
      throw ShapeError("targets", to_string(Shape{ids.size(), outputs_}), to_string(t.shape()));
    double* to = r.data() + i * shard_size_ * outputs_;
    for (std::size_t j = 0; j < y.size(); ++j) *to++ = y.as<double>().flat()[j] - t.as<double>().flat()[j];
  });
  const auto bad = std::ranges::find_if(r, [](double x) { return !std::isfinite(x); });
  if (bad != r.end()) throw NumericError("outputs", 0, static_cast<std::size_t>(bad - r.begin()), not_finite);
}

// With the target y − e_j, the gradient of ½ Σ (y − t)² is that of output j.
void NetworkObjective::jacobian_at(std::span<const double> w, View<double> jacobian) {
  move_to(w);
  context_.pool().run(shards(), [&](std::size_t i) {
    const auto ids = shard(i);
    const Array outputs = outputs_of(ids);
    Tape tape;
    Gradient gradient = make_gradient(model_);
    for (std::size_t n = 0; n < ids.size(); ++n) {
      const Array x = gather_rows(split_.x, ids.subspan(n, 1));
      for (std::size_t j = 0; j < outputs_; ++j) {
        Array target(ArrayView(DType::f64, Shape{1, outputs_}, outputs.view().data() + n * outputs_ * sizeof(double)));
        target.as<double>()(std::size_t{0}, j) -= 1;
        target = converted(target, model_.scalar());
        set_zero(gradient);
        model_.evaluate_with_gradient({x, target, divisor_}, pass(ids.subspan(n, 1)), tape, gradient);
        double* at = jacobian[(i * shard_size_ + n) * outputs_ + j].flat().data();
        for (Array& part : gradient) {
          for_each_number(part.view(), at, [](const auto& from, double& to) { to = static_cast<double>(from); });
          at += part.size();
        }
      }
    }
  });
}

LeastSquares* NetworkObjective::least_squares() {
  const auto refuse = [](const std::string& why) {
    throw SpecError("train.optimiser: levenberg_marquardt needs the loss ½ Σ (y − t)²: " + why,
                    "set model.loss = \"squared_error\", or use lbfgs");
  };
  outputs_ = outputs_of(std::span(ids_).first(1)).size();
  const std::vector<double> w = parameters();
  const Evaluation said = measure(w);  // tells of answers that don't fit, too
  if (targets_of(std::span(ids_).first(1)).size() != outputs_) refuse("this loss reads the answers in another way");
  std::vector<double> r(residuals());
  residuals_at(w, r);
  double half = 0;
  for (const double x : r) half += x * x / 2;
  if (!(std::abs(half - said.loss) <= 1e-5 * std::max(half, std::abs(said.loss))))
    refuse("this one says " + short_digits(said.loss, 6) + " where that is " + short_digits(half, 6));
  return this;
}

}  // namespace neurarium
