#include "neurarium/studies/eventprop/anatomy_params.hpp"

#include <cmath>

#include "neurarium/core/digits.hpp"
#include "neurarium/studies/eventprop/poisson_train.hpp"

namespace neurarium::anatomy {
namespace {

constexpr std::int64_t most_steps = 5'000'000;

class Faults {
 public:
  explicit Faults(const AnatomyParams& params) : p_(params) {}

  void throw_if_any() {
    times();
    grids();
    rest();
    if (!faults_.empty()) throw SpecError(std::move(faults_));
  }

 private:
  void add(const std::string& key, const std::string& what, const std::string& mend) {
    faults_.push_back({{}, key, what, mend});
  }
  static std::string ms(double x) { return short_digits(x, 12) + " ms"; }

  /// Whether `step` divides `span`.
  bool divides(const std::string& key, double step, double span, const std::string& name_of_span) {
    const std::int64_t steps = whole_steps(span, step);
    if (steps < 0)
      add(key, "steps of " + ms(step) + " do not divide " + name_of_span + " of " + ms(span),
          "choose a step that goes into it a whole number of times");
    else if (steps > most_steps)
      add(key, "steps of " + ms(step) + " make " + std::to_string(steps) + " of " + name_of_span,
          "take longer steps, or less time: at most " + std::to_string(most_steps) + " steps");
    return steps >= 0 && steps <= most_steps;
  }

  void times() {
    if (p_.spike_times.empty()) add("spike_times", "there are none", "give at least one, in ms");
    for (std::size_t k = 0; k < p_.spike_times.size(); ++k) {
      const double t = p_.spike_times[k];
      if (!(t >= 0 && t < p_.total_ms))
        add("spike_times", "a spike at " + ms(t) + " is outside the trial", "0 ≤ time < total_ms = " + ms(p_.total_ms));
      else if (k > 0 && !(t > p_.spike_times[k - 1]))
        add("spike_times", ms(t) + " comes after " + ms(p_.spike_times[k - 1]), "give rising times, each once");
    }
    if (!(p_.epsp_spike >= 0 && p_.epsp_spike < p_.total_ms))
      add("epsp_spike", "a spike at " + ms(p_.epsp_spike) + " is outside the trial",
          "0 ≤ time < total_ms = " + ms(p_.total_ms));
  }

  void grids() {
    const auto spikes_on = [&](const std::string& key, double step) {
      std::int64_t before = -1;
      for (const double t : p_.spike_times) {
        const std::int64_t at = t == 0 ? 0 : whole_steps(t, step);
        if (at <= before || at >= whole_steps(p_.total_ms, step))
          add(key, "the spike at " + ms(t) + " is at no step of " + ms(step) + " of its own",
              "choose a step that divides the spike times");
        before = at;
      }
    };
    if (divides("dt", p_.dt, p_.total_ms, "total_ms")) {
      spikes_on("dt", p_.dt);
      if (p_.epsp_spike > 0 && whole_steps(p_.epsp_spike, p_.dt) < 0)
        add("epsp_spike", ms(p_.epsp_spike) + " is at no step of dt = " + ms(p_.dt), "give a multiple of dt");
    }
    if (p_.fine_dt > p_.dt) add("fine_dt", ms(p_.fine_dt) + " is above dt = " + ms(p_.dt), "fine_dt ≤ dt");
    else if (divides("fine_dt", p_.fine_dt, p_.dt, "dt")) divides("fine_dt", p_.fine_dt, p_.total_ms, "total_ms");
    if (p_.dt_steps.empty()) add("dt_steps", "there are none", "give at least one, in ms");
    for (std::size_t k = 0; k < p_.dt_steps.size(); ++k) {
      const double step = p_.dt_steps[k];
      if (!(step > 0 && std::isfinite(step))) {
        add("dt_steps", ms(step) + " is no step", "give numbers > 0");
        continue;
      }
      if (k > 0 && !(step < p_.dt_steps[k - 1]))
        add("dt_steps", ms(step) + " comes after " + ms(p_.dt_steps[k - 1]), "give falling steps");
      // The random spikes come at steps of dt, and must be at steps of these, too.
      if (divides("dt_steps", step, p_.dt, "dt") && divides("dt_steps", step, p_.total_ms, "total_ms"))
        spikes_on("dt_steps", step);
    }
  }

  void rest() {
    if (p_.largest_spacing < p_.dt)
      add("largest_spacing", ms(p_.largest_spacing) + " is below dt = " + ms(p_.dt), "largest_spacing ≥ dt");
    else if (!p_.spike_times.empty() && !(p_.spike_times.front() + p_.largest_spacing < p_.total_ms))
      add("largest_spacing", "the second spike would come at " + ms(p_.spike_times.front() + p_.largest_spacing),
          "first spike + largest_spacing < total_ms = " + ms(p_.total_ms));
    if (p_.r_max.empty()) add("r_max", "there are none", "give at least one rate in Hz");
    for (const double r : p_.r_max) {
      if (!(r >= 0 && std::isfinite(r))) add("r_max", short_digits(r) + " Hz is no rate", "give numbers ≥ 0");
      else if (r / 1000 * p_.dt > 1)
        add("r_max", short_digits(r) + " Hz is more than a spike in each step of " + ms(p_.dt), "r_max ≤ 1000 / dt");
    }
  }

  const AnatomyParams& p_;
  std::vector<Fault> faults_;
};

}  // namespace

Schema AnatomyParams::fields() {
  using P = AnatomyParams;
  return Schema::of<P>({
      field("tau_m", &P::tau_m, "Time constant of the membrane.").unit("ms").positive(),
      field("tau_s", &P::tau_s, "Time constant of the synapse.").unit("ms").positive(),
      field("weight", &P::weight, "Weight from the hidden unit to the output, of either sign."),
      field("spike_times", &P::spike_times, "When the hidden unit fires, rising.").unit("ms"),
      field("total_ms", &P::total_ms, "Length of a trial.").unit("ms").positive(),
      field("dt", &P::dt, "The notebook's step. It divides total_ms and the spike times.").unit("ms").positive(),
      field("fine_dt", &P::fine_dt, "Its fine step, which divides dt.").unit("ms").positive(),
      field("outputs", &P::outputs, "Output units of the softmax; all but one rest at 0.").between(2, 1000000),
      field("dt_steps", &P::dt_steps,
            "Steps at which Euler's λ is held beside the exact one: falling, each divides dt.")
          .unit("ms"),
      field("largest_spacing", &P::largest_spacing,
            "Two spikes are moved apart up to here, in steps of dt or a multiple.")
          .unit("ms")
          .positive(),
      field("r_max", &P::r_max, "Peak rates of the random hidden spikes.").unit("Hz"),
      field("repeats", &P::repeats, "Random trains for each rate.").between(1, 100000),
      field("rate_centre", &P::rate_centre, "When the random spikes are densest.").unit("ms"),
      field("rate_width", &P::rate_width, "Standard deviation of that bump.").unit("ms").positive(),
      field("bins", &P::bins, "Bins of the histogram of λ_V − λ_I at the random spikes.").between(1, 10000),
      field("epsp_weight", &P::epsp_weight,
            "Weight of the single spike whose response is drawn; not corrected for dt."),
      field("epsp_spike", &P::epsp_spike, "When it comes.").unit("ms"),
  });
}

void AnatomyParams::check() const { Faults(*this).throw_if_any(); }

std::int64_t whole_steps(double span, double step) {
  const double steps = span / step;
  if (!(steps < 9e15)) return -1;
  const double whole = std::round(steps);
  return std::abs(steps - whole) <= 1e-6 && whole >= 1 ? static_cast<std::int64_t>(whole) : -1;
}

std::size_t AnatomyParams::steps_of(double step) const {
  return static_cast<std::size_t>(std::llround(total_ms / step));
}

std::vector<std::size_t> AnatomyParams::spike_steps(double step) const {
  std::vector<std::size_t> steps;
  for (const double t : spike_times) steps.push_back(static_cast<std::size_t>(std::llround(t / step)));
  return steps;
}

}  // namespace neurarium::anatomy
