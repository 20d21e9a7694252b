#include "neurarium/nn/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace neurarium {
namespace {

/// From `from` (share 0) to `to` (share 1) along half a cosine.
double along_cosine(double from, double to, double share) {
  return to + (from - to) / 2 * (1 + std::cos(std::numbers::pi * share));
}

struct Constant : Schedule {
  struct Params {
    static Schema fields() { return Schema::of<Params>({}); }
  };
  explicit Constant(const Params&) {}
  double factor(std::uint64_t, std::uint64_t, std::uint64_t) const override { return 1; }
};

struct Step : Schedule {
  struct Params {
    std::int64_t every = 10;
    double gamma = 0.1;
    static Schema fields() {
      return Schema::of<Params>({
          field("every", &Params::every, "Epochs between two changes.").at_least(1),
          field("gamma", &Params::gamma, "The factor γ of each change.").positive().at_most(1),
      });
    }
  };
  explicit Step(const Params& p) : params(p) {}
  double factor(std::uint64_t step, std::uint64_t steps_per_epoch, std::uint64_t) const override {
    const std::uint64_t changes = step / steps_per_epoch / static_cast<std::uint64_t>(params.every);
    return std::pow(params.gamma, static_cast<double>(changes));
  }
  Params params;
};

struct Cosine : Schedule {
  struct Params {
    double low = 0;
    double warm_up = 0;
    static Schema fields() {
      return Schema::of<Params>({
          field("low", &Params::low, "Share of the learning rate that is left at the end.").between(0, 1),
          field("warm_up", &Params::warm_up, "Share of all steps, before those, in which the rate rises in a line.")
              .between(0, 1),
      });
    }
  };
  explicit Cosine(const Params& p) : params(p) {}
  double factor(std::uint64_t step, std::uint64_t, std::uint64_t steps) const override {
    const double s = static_cast<double>(step), all = static_cast<double>(steps);
    const double rising = std::round(params.warm_up * all);
    if (s < rising) return (s + 1) / (rising + 1);
    return along_cosine(1, params.low, (s - rising) / (all - rising));
  }
  Params params;
};

struct OneCycle : Schedule {
  struct Params {
    double warm_up = 0.3;
    double start_divisor = 25;
    double end_divisor = 1e4;
    static Schema fields() {
      return Schema::of<Params>({
          field("warm_up", &Params::warm_up, "Share of all steps in which the rate rises.").between(0, 1),
          field("start_divisor", &Params::start_divisor, "The first rate is learning_rate / start_divisor.")
              .at_least(1),
          field("end_divisor", &Params::end_divisor, "The last rate is the first one / end_divisor.").at_least(1),
      });
    }
  };
  explicit OneCycle(const Params& p) : params(p) {}
  double factor(std::uint64_t step, std::uint64_t, std::uint64_t steps) const override {
    const double first = 1 / params.start_divisor, last = first / params.end_divisor;
    const double s = static_cast<double>(step), end = static_cast<double>(steps) - 1;
    // Neither part is shorter than nothing: a training of a few steps may have no room for one of them.
    const double top = std::clamp(params.warm_up * static_cast<double>(steps) - 1, 0.0, std::max(0.0, end));
    if (s <= top) return top > 0 ? along_cosine(first, 1, s / top) : 1;
    return along_cosine(1, last, std::min(1.0, (s - top) / (end - top)));
  }
  Params params;
};

template <class S>
void add(Registry& registry, const char* type, const char* doc) {
  registry.add<typename S::Params>("schedule", type, doc).template makes<Schedule>([](const typename S::Params& p) {
    return std::make_unique<S>(p);
  });
}

}  // namespace

Schema EaseInParams::fields() {
  using P = EaseInParams;
  return Schema::of<P>({
      field("start", &P::start, "Share of the learning rate in the first step; 1 = no ease-in.").positive().at_most(1),
      field("growth", &P::growth, "The factor by which it grows from step to step, until it is all there.").at_least(1),
  });
}

double EaseInParams::factor(std::uint64_t step) const {
  return std::min(1.0, start * std::pow(growth, static_cast<double>(step)));
}

void register_schedules(Registry& registry) {
  add<Constant>(registry, "constant", "The learning rate stays.");
  add<Step>(registry, "step", "The learning rate is multiplied by gamma every few epochs.");
  add<Cosine>(registry, "cosine", "The learning rate falls along half a cosine over the whole training.");
  add<OneCycle>(registry, "one_cycle", "The learning rate rises, then falls to almost nothing (Smith & Topin 2018).");
}

}  // namespace neurarium
