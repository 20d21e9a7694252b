#include "neurarium/robustness/laboratory.hpp"

#include <limits>
#include <map>

#include "neurarium/core/digits.hpp"
#include "neurarium/robustness/ball.hpp"
#include "neurarium/robustness/confidence.hpp"
#include "neurarium/robustness/detection.hpp"
#include "neurarium/robustness/laboratory_checks.hpp"
#include "neurarium/robustness/logit_row.hpp"
#include "neurarium/robustness/subset.hpp"

namespace neurarium {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();
constexpr double least_change = std::numeric_limits<double>::min();

template <class T>
class Laboratory {
 public:
  Laboratory(const Model& model, const AttackSamples& samples, const LaboratoryPlan& plan, RunContext& context)
      : model_(model), plan_(plan), context_(context), bounds_(samples.bounds), n_(samples.x.shape()[0]) {
    entry_ = samples.x.shape().tail();
    x_.resize(Shape{n_, entry_.elements()});
    scale_into(samples.x, samples.divisor, x_.flat());
    require_within<T>(std::as_const(x_).view(), bounds_);
    for (std::size_t i = 0; i < n_; ++i) ids_.push_back(i);
    look_at_clean(samples);
  }

  LaboratoryResult run() {
    std::map<std::string, int> seen;
    std::vector<std::unique_ptr<Attack<T>>> attacks;
    for (std::size_t i = 0; i < plan_.attacks.size(); ++i) {
      const Component& part = plan_.attacks[i];
      attacks.push_back(context_.registry().make<Attack<T>>("attack", part, "attacks"));
      require_classes(attacks.back()->least_classes(), classes_, part, "attacks." + std::to_string(i));
    }
    for (std::size_t i = 0; i < attacks.size(); ++i) {
      const std::string& type = plan_.attacks[i].type;
      const int number = ++seen[type];
      AttackOutcome outcome =
          start(number == 1 ? type : type + "-" + std::to_string(number), plan_.attacks[i], *attacks[i]);
      std::vector<AttackOutcome> parts((n_ + plan_.shard_size - 1) / plan_.shard_size);
      each_shard(n_, plan_.shard_size, outcome.name, context_,
                 [&](std::size_t shard, std::size_t first, std::size_t count) {
                   parts[shard] = attack(*attacks[i], first, count, outcome);
                 });
      for (const AttackOutcome& part : parts) {
        outcome.tally += part.tally;
        outcome.queries += part.queries, outcome.gradients += part.gradients;
        outcome.unconfirmed += part.unconfirmed;
      }
      result_.outcomes.push_back(std::move(outcome));
    }
    return std::move(result_);
  }

 private:
  std::function<bool()> stop() const {
    return [this] { return context_.stop_requested(); };
  }

  void look_at_clean(const AttackSamples& samples) {
    if (n_ == 0) throw DataError("samples to be attacked", "there are none");
    {
      Target<T> target(model_, context_.seed());
      classes_ = target.logits(std::as_const(x_).view().rows(0, 1)).shape()[1];
      require_labels(samples, classes_);
    }
    const auto labels = samples.y.as<std::int64_t>().flat();
    labels_.assign(labels.begin(), labels.end());
    clean_confidence_.resize(n_);
    std::vector<char> wrong(n_);
    each_shard(n_, plan_.shard_size, "clean samples", context_, [&](std::size_t, std::size_t first, std::size_t count) {
      Target<T> target(model_, context_.seed());
      const View<const T> z = target.logits(std::as_const(x_).view().rows(first, count));
      for (std::size_t i = 0; i < count; ++i) {
        wrong[first + i] = is_fooled(z, i, labels_[first + i]);
        clean_confidence_[first + i] = largest_probability<T>(z[i].flat());
      }
    });
    threshold_ = threshold_keeping(clean_confidence_, plan_.clean_coverage);
    wrong_.assign(wrong.begin(), wrong.end());
    result_.samples = n_, result_.labels = labels_;
    result_.wrong_already = static_cast<std::size_t>(std::ranges::count(wrong_, true));
    result_.clean_accuracy = static_cast<double>(n_ - result_.wrong_already) / static_cast<double>(n_);
    result_.clean_confidence = mean_of(clean_confidence_);
    result_.refusal_threshold = threshold_;
  }

  AttackOutcome start(const std::string& name, const Component& component, const Attack<T>& attack) const {
    AttackOutcome outcome;
    outcome.name = name, outcome.attack = component;
    outcome.norm = attack.norm(), outcome.access = attack.access();
    outcome.draws = attack.draws(), outcome.seeks_smallest = attack.seeks_smallest();
    outcome.epsilons = attack.norm() == Norm::linf ? plan_.epsilons_linf : plan_.epsilons_l2;
    if (outcome.epsilons.empty())
      throw SpecError(std::string("epsilon: there is none for ") + name + ", whose changes are measured in " +
                          name_of(outcome.norm),
                      "give one or more: 0.05,0.1");
    const double whole =
        outcome.norm == Norm::linf ? bounds_.width() : bounds_.width() * std::sqrt(static_cast<double>(x_.shape()[1]));
    if (outcome.epsilons.back() > whole * (1 + 1e-9))
      throw SpecError("epsilon: " + short_digits(outcome.epsilons.back()) + " is more than the data are wide (" +
                          short_digits(whole) + " in " + name_of(outcome.norm) + ")",
                      "ε is in the units of the data: 8/255 of pixels in 0 … 1 is 0.0314");
    outcome.smallest.assign(n_, never), outcome.smallest_answered.assign(n_, never);
    outcome.changed = Array(dtype_of<T>(), entry_.with_leading(n_));
    std::ranges::copy(x_.flat(), outcome.changed.template as<T>().flat().begin());
    for (std::size_t i = 0; i < n_; ++i)
      if (wrong_[i]) {
        outcome.smallest[i] = 0;
        if (clean_confidence_[i] >= threshold_) outcome.smallest_answered[i] = 0;
      }
    return outcome;
  }

  /// One shard through all ε. Writes its own samples' places in `whole`; what it counts is returned.
  AttackOutcome attack(const Attack<T>& attack, std::size_t first, std::size_t count, AttackOutcome& whole) const {
    Target<T> target(model_, context_.seed(), stop(), plan_.eot);
    AttackTask<T> task{std::as_const(x_).view().rows(first, count),
                       std::span(labels_).subspan(first, count),
                       std::span(ids_).subspan(first, count),
                       entry_,
                       0,
                       bounds_,
                       plan_.seed.value_or(context_.seed())};
    AttackOutcome counted;
    std::vector<double> radii = whole.epsilons;
    if (attack.seeks_smallest()) radii = {radii.back()};
    for (const double epsilon : radii) {
      if (epsilon == 0) continue;
      std::vector<std::size_t> open;
      for (std::size_t i = 0; i < count; ++i) {
        const bool done =
            (attack.goes_on_when_fooled() ? whole.smallest_answered : whole.smallest)[first + i] <= epsilon;
        if (!done) open.push_back(i);
      }
      if (open.empty()) break;
      task.epsilon = epsilon;
      const Subset<T> part(task, open);
      Tensor<T> changed(part.x.shape());
      attack.run(target, part.task, changed.view());
      judge(target, part, std::as_const(changed).view(), attack, epsilon, first, whole, counted);
    }
    counted.tally = target.tally(), counted.queries = target.queries(), counted.gradients = target.gradients();
    return counted;
  }

  void judge(Target<T>& target, const Subset<T>& part, View<const T> changed, const Attack<T>& attack, double epsilon,
             std::size_t first, AttackOutcome& whole, AttackOutcome& counted) const {
    const View<const T> logits = target.logits(changed);
    for (std::size_t i = 0; i < part.size(); ++i) {
      const std::size_t sample = first + part.rows[i];
      const auto x = changed[i].flat();
      const bool is_new = whole.smallest[sample] == never;
      const auto keep = [&] { std::ranges::copy(x, whole.changed.template as<T>()[sample].flat().begin()); };
      if (!is_fooled(logits, i, part.labels[i])) {
        if (is_new) keep();
        continue;
      }
      const double far = distance<T>(attack.norm(), x, part.task.x[i].flat());
      const bool within = attack.seeks_smallest() || far <= epsilon * (1 + 1e-5) + rounding();
      if (!within || std::ranges::any_of(x, [&](T v) { return !(v >= low() && v <= high()); })) {
        ++counted.unconfirmed;
        continue;
      }
      // Never 0, even where nothing is moved (a network that draws its answers): that is for what is wrong by itself.
      const double here = std::max(attack.seeks_smallest() ? far : std::min(far, epsilon), least_change);
      if (here < whole.smallest[sample]) keep();
      whole.smallest[sample] = std::min(whole.smallest[sample], here);
      if (largest_probability<T>(logits[i].flat()) >= threshold_)
        whole.smallest_answered[sample] = std::min(whole.smallest_answered[sample], here);
    }
  }

  T low() const { return static_cast<T>(bounds_.low); }
  T high() const { return static_cast<T>(bounds_.high); }
  /// By how much x ± ε may be off in T.
  double rounding() const {
    return 4 * static_cast<double>(std::numeric_limits<T>::epsilon()) *
           std::max(std::abs(bounds_.low), std::abs(bounds_.high));
  }

  const Model& model_;
  const LaboratoryPlan& plan_;
  RunContext& context_;
  Bounds bounds_;
  std::size_t n_, classes_ = 0;
  Shape entry_;
  Tensor<T> x_;
  std::vector<std::int64_t> labels_;
  std::vector<std::uint64_t> ids_;
  std::vector<bool> wrong_;
  std::vector<double> clean_confidence_;
  double threshold_ = 0;
  LaboratoryResult result_;
};

}  // namespace

LaboratoryResult attack_network(const Model& model, const AttackSamples& samples, const LaboratoryPlan& plan,
                                RunContext& context) {
  require_plan(plan);
  return with_floating(model.scalar(), [&]<class T>() { return Laboratory<T>(model, samples, plan, context).run(); });
}

bool draws_answers(const Model& model, const AttackSamples& samples, RunContext& context) {
  const ArrayView some = samples.x.rows(0, std::min<std::size_t>(samples.x.shape()[0], 100));
  return with_floating(model.scalar(), [&]<class T>() {
    Tensor<T> x(Shape{some.shape()[0], some.size() / some.shape()[0]});
    scale_into(some, samples.divisor, x.flat());
    return Target<T>(model, context.seed()).draws_answers(std::as_const(x).view());
  });
}

double accuracy_at(std::span<const double> smallest, double epsilon) {
  const auto right = std::ranges::count_if(smallest, [&](double s) { return s > epsilon; });
  return static_cast<double>(right) / static_cast<double>(smallest.size());
}

std::vector<double> worst_case(const LaboratoryResult& result, Norm norm, std::vector<double> AttackOutcome::*which) {
  std::vector<double> least;
  for (const AttackOutcome& outcome : result.outcomes) {
    if (outcome.norm != norm) continue;
    if (least.empty()) least.assign(result.samples, never);
    for (std::size_t i = 0; i < least.size(); ++i) least[i] = std::min(least[i], (outcome.*which)[i]);
  }
  return least;
}

std::vector<std::size_t> decisions(const Model& model, ArrayView x, RunContext& context,
                                   std::optional<std::uint64_t> seed) {
  std::vector<std::size_t> answers(x.shape()[0]);
  with_floating(model.scalar(), [&]<class T>() {
    const Tensor<T> rows = to_tensor<T>(x);
    const View<const T> all = rows.view().reshaped({answers.size(), rows.size() / answers.size()});
    each_shard(answers.size(), 100, "answers", context, [&](std::size_t, std::size_t first, std::size_t count) {
      Target<T> target(model, seed.value_or(context.seed()));
      const View<const T> z = target.logits(all.rows(first, count));
      for (std::size_t i = 0; i < count; ++i) answers[first + i] = decision(z, i);
    });
  });
  return answers;
}

}  // namespace neurarium
