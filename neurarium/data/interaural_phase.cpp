#include "neurarium/data/interaural_phase.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/core/digits.hpp"
#include "neurarium/core/rng.hpp"
#include "neurarium/kernels/philox.hpp"
#include "neurarium/kernels/raised_sine.hpp"

namespace neurarium {
namespace {

constexpr double pi = std::numbers::pi;
constexpr std::size_t block = 64;          // samples that a thread makes at a time
constexpr std::size_t drawn_together = 8;  // steps; the draws depend on it

/// 1/rate, cut to four digits, so that what the message says is small enough.
double largest_dt(double rate) {
  const double dt = 1 / rate, unit = std::pow(10, std::floor(std::log10(dt)) - 3);
  return std::floor(dt / unit * (1 + 1e-12)) * unit;
}

/// The draws of one set.
class Draws {
 public:
  Draws(const InterauralPhaseParams& params, std::uint64_t seed, const std::string& name, std::uint32_t epoch)
      : ipd_(seed, "interaural_phase." + name + ".ipd"),
        phase_(seed, "interaural_phase." + name + ".phase"),
        spikes_(seed, "interaural_phase." + name + ".spikes"),
        epoch_(params.phase == "per_epoch" ? epoch : 0),
        one_phase_(params.phase == "per_set") {}

  double ipd(std::uint32_t sample) const { return -pi / 2 + pi * uniform(ipd_, {0, sample, 0, 0}); }
  double phase(std::uint32_t sample) const { return uniform(phase_, {epoch_, one_phase_ ? 0 : sample, 0, 0}); }
  /// A word for each unit in each of `drawn_together` steps from `step` on: more at once, since vectors hold many.
  void words(std::uint32_t sample, std::uint32_t step, std::span<std::uint32_t> out) const {
    kernels::philox_elements(spikes_, {epoch_, sample, step, 0}, out);
  }

 private:
  Stream ipd_, phase_, spikes_;
  std::uint32_t epoch_;
  bool one_phase_;
};

/// Makes one sample after the other.
class Nerves {
 public:
  Nerves(const InterauralPhaseParams& params, const InterauralProbabilities& probabilities, const Draws& draws)
      : steps_(static_cast<std::size_t>(params.steps)),
        dead_(params.dead_steps()),
        probabilities_(probabilities),
        draws_(draws),
        p_(params.units()),
        words_(drawn_together * params.units()),
        fired_(params.units()),
        ready_(dead_ > 0 ? params.units() : 0) {}

  void append(std::uint32_t sample, double ipd, double phase, StepSpikes& out) {
    std::ranges::fill(ready_, 0);
    const std::size_t fibres = p_.size() / 2;
    const double angles[] = {2 * pi * phase, 2 * pi * phase + ipd};
    const double sines[] = {std::sin(angles[0]), std::sin(angles[1])};
    const double cosines[] = {std::cos(angles[0]), std::cos(angles[1])};
    for (std::size_t t = 0; t < steps_; ++t) {
      for (const std::size_t ear : {0, 1})
        probabilities_.at(sines[ear], cosines[ear], t, ear, std::span(p_).subspan(ear * fibres, fibres));
      if (t % drawn_together == 0) draws_.words(sample, static_cast<std::uint32_t>(t), words_);
      const auto words = std::span<const std::uint32_t>(words_).subspan(t % drawn_together * p_.size(), p_.size());
      std::size_t count = kernels::fired_cells(words, p_, fired_);
      if (dead_ > 0) count = only_ready(t, count);
      out.add_known_step(fired_.data(), count);
    }
  }

 private:
  std::size_t only_ready(std::size_t t, std::size_t count) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const StepSpikes::Unit unit = fired_[i];
      if (ready_[unit] > t) continue;
      ready_[unit] = t + 1 + dead_;
      fired_[kept++] = unit;
    }
    return kept;
  }

  std::size_t steps_, dead_;
  const InterauralProbabilities& probabilities_;
  const Draws& draws_;
  std::vector<double> p_;
  std::vector<std::uint32_t> words_;
  std::vector<StepSpikes::Unit> fired_;
  std::vector<std::size_t> ready_;  ///< the step from which a unit may fire again
};

}  // namespace

Schema InterauralPhaseParams::fields() {
  using P = InterauralPhaseParams;
  return Schema::of<P>({
      field("steps", &P::steps, "Steps of time per sample.").between(1, 1'000'000),
      field("dt", &P::dt, "Length of a step.").unit("s").positive(),
      field("fibres", &P::fibres, "Fibres of the auditory nerve per ear; there are twice as many units.")
          .between(1, 32768),
      field("classes", &P::classes, "Bins of equal width between -90 and 90 degrees.").between(1, 1'000'000),
      field("frequency", &P::frequency, "Of the tone.").unit("Hz").at_least(0),
      field("rate_max", &P::rate_max, "A fibre's rate at its best phase, beside the spontaneous one.")
          .unit("Hz")
          .at_least(0),
      field("sharpness", &P::sharpness, "Exponent k of (½(1 + sin θ))^k: the higher, the sharper the phase locking.")
          .at_least(0),
      field("spontaneous_rate", &P::spontaneous_rate, "Added to the rate of every fibre.").unit("Hz").at_least(0),
      field("spontaneous_rates", &P::spontaneous_rates,
            "Added on top, fibre by fibre: a rate for each fibre of an ear, or for each of both ears. Empty: none.")
          .unit("Hz")
          .at_least(0),
      field("refractory", &P::refractory, "Absolute refractory period, rounded up to whole steps.")
          .unit("s")
          .at_least(0),
      field("phase_span", &P::phase_span, "From the phase of an ear's first fibre to that of its last one.")
          .unit("rad")
          .between(0, 2 * pi),
      field("phase", &P::phase,
            "The stimulus' phase: one for the set, one for each sample, or one for each sample anew in each epoch, "
            "with new "
            "spikes.")
          .one_of({"per_set", "per_sample", "per_epoch"}),
  });
}

void InterauralPhaseParams::check() const {
  std::vector<Fault> faults;
  const Schema schema = fields();
  schema.complete(schema.write(this), {nullptr, &faults, "", {}});
  if (!faults.empty()) throw SpecError(std::move(faults));
  const auto given = spontaneous_rates.size();
  if (given != 0 && given != static_cast<std::size_t>(fibres) && given != units())
    faults.push_back({{},
                      "spontaneous_rates",
                      std::to_string(given) + " rates for " + std::to_string(fibres) + " fibres per ear",
                      "give " + std::to_string(fibres) + " (the same for both ears) or " + std::to_string(units())});
  if (faults.empty()) {
    const double most = given == 0 ? 0 : std::ranges::max(spontaneous_rates);
    const double rate = rate_max + spontaneous_rate + most;
    if (rate * dt > 1 + 1e-12)
      faults.push_back({{},
                        "dt",
                        "a fibre at its best phase fires at " + short_digits(rate) + " Hz, which is " +
                            short_digits(rate * dt) + " spikes in a step of " + short_digits(dt) + " s: more than one",
                        "give dt ≤ " + short_digits(largest_dt(rate)) + " s (and more steps), or lower rates"});
  }
  if (!faults.empty()) throw SpecError(std::move(faults));
}

std::size_t InterauralPhaseParams::dead_steps() const noexcept {
  return static_cast<std::size_t>(std::min(std::ceil(refractory / dt - 1e-9), static_cast<double>(steps)));
}

InterauralProbabilities::InterauralProbabilities(const InterauralPhaseParams& params) {
  params.check();
  scale_ = params.rate_max * params.dt;
  power_ = params.sharpness;
  const auto sines = [](double cycles, std::vector<double>& sine, std::vector<double>& cosine) {
    const double angle = 2 * pi * (cycles - std::floor(cycles));
    sine.push_back(std::sin(angle)), cosine.push_back(std::cos(angle));
  };
  for (std::int64_t t = 0; t < params.steps; ++t)
    sines(params.frequency * (static_cast<double>(t) * params.dt), sin_time_, cos_time_);
  for (std::int64_t j = 0; j < params.fibres; ++j) {
    const double place = params.fibres > 1 ? static_cast<double>(j) / static_cast<double>(params.fibres - 1) : 0;
    sin_fibre_.push_back(std::sin(place * params.phase_span)),
        cos_fibre_.push_back(std::cos(place * params.phase_span));
  }
  for (std::size_t i = 0; i < params.units(); ++i) {
    const auto& own = params.spontaneous_rates;
    least_.push_back((params.spontaneous_rate + (own.empty() ? 0 : own[i % own.size()])) * params.dt);
  }
}

void InterauralProbabilities::at(double sine, double cosine, std::size_t step, std::size_t ear,
                                 std::span<double> p) const {
  const double s = sine * cos_time_[step] + cosine * sin_time_[step];
  const double c = cosine * cos_time_[step] - sine * sin_time_[step];
  const std::size_t fibres = sin_fibre_.size();
  kernels::raised_sines(s, c, sin_fibre_, cos_fibre_, scale_, power_, std::span(least_).subspan(ear * fibres, fibres),
                        p);
}

void InterauralProbabilities::at(double cycles, std::size_t step, std::size_t ear, std::span<double> p) const {
  at(std::sin(2 * pi * cycles), std::cos(2 * pi * cycles), step, ear, p);
}

Tensor<double> InterauralProbabilities::of(double ipd, double phase) const {
  const std::size_t steps = sin_time_.size(), fibres = sin_fibre_.size();
  Tensor<double> p(Shape{steps, 2 * fibres});
  for (std::size_t t = 0; t < steps; ++t)
    for (const std::size_t ear : {0, 1})
      at(phase + (ear == 1 ? ipd / (2 * pi) : 0), t, ear, p.flat().subspan((2 * t + ear) * fibres, fibres));
  return p;
}

InterauralPhaseSet make_interaural_phase(const InterauralPhaseParams& params, std::size_t samples, std::uint64_t seed,
                                         const std::string& name, std::uint32_t epoch, WorkerPool* pool) {
  const InterauralProbabilities probabilities(params);
  if (samples > 0xffffffffu)
    throw SpecError("interaural_phase: " + std::to_string(samples) + " samples", "give at most 4294967295");
  const Draws draws(params, seed, name, epoch);
  const auto steps = static_cast<std::size_t>(params.steps);
  InterauralPhaseSet set{StepSpikes(steps, params.units()), {}, {}, {}};
  for (std::size_t i = 0; i < samples; ++i) {
    set.ipd.push_back(draws.ipd(static_cast<std::uint32_t>(i)));
    set.phase.push_back(draws.phase(static_cast<std::uint32_t>(i)));
    set.labels.push_back(discretise(set.ipd.back(), params.classes));
  }
  const auto make = [&](std::size_t from, std::size_t to, StepSpikes& out) {
    Nerves nerves(params, probabilities, draws);
    for (std::size_t i = from; i < to; ++i) {
      nerves.append(static_cast<std::uint32_t>(i), set.ipd[i], set.phase[i], out);
      // The first sample tells how much room the others will need.
      if (i == from) out.reserve(to - from, out.events() * (to - from) / 4 * 5);
    }
  };
  if (pool == nullptr || pool->threads() == 1) {
    make(0, samples, set.spikes);
    return set;
  }
  std::vector<StepSpikes> parts((samples + block - 1) / block, set.spikes);
  pool->run(parts.size(), [&](std::size_t k) { make(k * block, std::min((k + 1) * block, samples), parts[k]); });
  std::size_t events = 0;
  for (const StepSpikes& part : parts) events += part.events();
  set.spikes.reserve(samples, events);
  for (StepSpikes& part : parts) {
    set.spikes.append(part);
    part = {};
  }
  return set;
}

std::int64_t discretise(double ipd, std::int64_t classes) {
  if (std::isnan(ipd)) throw SpecError("discretise: the interaural phase is NaN", "give an angle in -π/2 … π/2");
  const auto n = static_cast<double>(classes);
  return static_cast<std::int64_t>(std::clamp(std::floor((ipd + pi / 2) * n / pi), 0.0, n - 1));
}

double continuise(std::int64_t label, std::int64_t classes) {
  return (static_cast<double>(label) + 0.5) / static_cast<double>(classes) * pi - pi / 2;
}

double mean_absolute_error_deg(std::span<const std::int64_t> estimated, std::span<const double> ipd,
                               std::int64_t classes) {
  if (estimated.size() != ipd.size() || ipd.empty())
    throw ShapeError("mean_absolute_error_deg", "an estimate for each of at least one sample",
                     std::to_string(estimated.size()) + " for " + std::to_string(ipd.size()));
  double sum = 0;
  for (std::size_t i = 0; i < ipd.size(); ++i) sum += std::abs(continuise(estimated[i], classes) - ipd[i]);
  return sum / static_cast<double>(ipd.size()) * 180 / pi;
}

}  // namespace neurarium
