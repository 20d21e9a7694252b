#include "neurarium/data/cochlea.hpp"

#include <cmath>
#include <complex>
#include <numbers>

#include "neurarium/core/digits.hpp"
#include "neurarium/core/errors.hpp"

namespace neurarium {
namespace {

constexpr double pi = std::numbers::pi;

double erb_number(double f) { return 21.4 * std::log10(1 + 0.00437 * f); }
double frequency_at(double erbs) { return (std::pow(10, erbs / 21.4) - 1) / 0.00437; }
double erb(double f) { return 24.7 * (1 + 0.00437 * f); }

}  // namespace

Schema CochleaParams::fields() {
  using P = CochleaParams;
  return Schema::of<P>({
      field("channels", &P::channels, "Places along the basilar membrane.").between(1, 65536),
      field("lowest", &P::lowest, "Frequency of the first place.").unit("Hz").at_least(20),
      field("highest", &P::highest, "Frequency of the last place.").unit("Hz").at_least(20),
      field("emphasis", &P::emphasis, "How much of the number before is taken off each number of the sound.")
          .between(0, 1),
      field("level", &P::level, "Each sound is made so loud.").unit("dB").between(0, 120),
      field("time_constant", &P::time_constant, "Of the bushy cells.").unit("s").between(1e-4, 1),
      field("threshold", &P::threshold, "Mean rate of the nerve's fibres at which a bushy cell fires.")
          .unit("Hz")
          .positive(),
      field("refractory", &P::refractory, "For so long after a spike a bushy cell stays at rest.")
          .unit("s")
          .at_least(0),
  });
}

Cochlea::Cochlea(const CochleaParams& params, double sample_rate)
    : sample_rate_(sample_rate), emphasis_(params.emphasis), level_(params.level) {
  std::vector<Fault> faults;
  const Schema schema = CochleaParams::fields();
  schema.complete(schema.write(&params), {nullptr, &faults, "", {}});
  if (params.lowest > params.highest)
    faults.push_back({{},
                      "lowest",
                      short_digits(params.lowest) + " Hz is above highest, " + short_digits(params.highest) + " Hz",
                      "exchange them"});
  if (!faults.empty()) throw SpecError(std::move(faults));
  if (!(sample_rate >= std::max(16000.0, 2.1 * params.highest)))
    throw SpecError("sound of " + short_digits(sample_rate) + " samples per second can't be heard up to " +
                        short_digits(params.highest) + " Hz",
                    "give sound of at least " + short_digits(std::max(16000.0, 2.1 * params.highest)) +
                        " samples per second, or a lower `highest`");

  const double low = erb_number(params.lowest), high = erb_number(params.highest);
  for (std::int64_t i = 0; i < params.channels; ++i) {
    const double place = params.channels > 1 ? static_cast<double>(i) / static_cast<double>(params.channels - 1) : 0;
    const double f = frequency_at(low + place * (high - low)), b = erb(f) / (pi * 720 / 64 / 36);
    const std::complex<double> pole = std::exp(2 * pi * std::complex<double>(-b, f) / sample_rate);
    frequencies_.push_back(f);
    cells_.pole_re.push_back(static_cast<float>(pole.real()));
    cells_.pole_im.push_back(static_cast<float>(pole.imag()));
    cells_.gain.push_back(static_cast<float>(1 - std::abs(pole)));
  }

  constexpr double A = 5, B = 300, g = 2000, y = 5.05, l = 2500, r = 6580, x = 66.31, h = 50000;
  const double dt = 1 / sample_rate, k = g * A / (A + B);
  const double c = y * k / (l * k + y * (l + r));  // where all derivatives are 0
  cells_.A = static_cast<float>(A), cells_.B = static_cast<float>(B), cells_.g = static_cast<float>(g * dt);
  cells_.y = static_cast<float>(y * dt), cells_.l_and_r = static_cast<float>((l + r) * dt);
  cells_.r = static_cast<float>(r * dt), cells_.x = static_cast<float>(x * dt), cells_.h = static_cast<float>(h);
  cells_.q = static_cast<float>(c * (l + r) / k), cells_.c = static_cast<float>(c);
  cells_.w = static_cast<float>(c * r / x);
  cells_.alpha = static_cast<float>(dt / params.time_constant);
  cells_.threshold = static_cast<float>(params.threshold);
  cells_.dead = static_cast<float>(std::round(params.refractory * sample_rate));
  if (params.threshold <= 1.05 * h * c)
    throw SpecError(std::vector<Fault>{
        {{},
         "threshold",
         short_digits(params.threshold) + " Hz, and in silence the fibres fire at " + short_digits(h * c, 3) + " Hz",
         "give more than " + short_digits(1.05 * h * c, 3)}});
}

std::vector<float> Cochlea::at_level(std::span<const float> sound) const {
  std::vector<double> raised;
  double before = 0, power = 0;
  for (const float x : sound) {
    raised.push_back(static_cast<double>(x) - emphasis_ * before);
    before = static_cast<double>(x);
    power += raised.back() * raised.back();
  }
  const double mean = sound.empty() ? 0 : std::sqrt(power / static_cast<double>(sound.size()));
  // Twice: of a tone, which is two rotating numbers, a resonator sees one. The tiny rest keeps decaying numbers away
  // from those with few digits, with which processors are slow.
  const double scale = mean > 0 ? 2 * std::pow(10, (level_ - 30) / 20) / mean : 0;
  std::vector<float> out;
  for (const double x : raised) out.push_back(static_cast<float>(scale * x + 1e-15));
  return out;
}

TimedSpikes Cochlea::hear(std::span<const float> sound) const {
  std::vector<kernels::PlaceSpike> spikes;
  kernels::hear(cells_, at_level(sound), spikes);
  TimedSpikes out;
  for (const auto& spike : spikes) {
    out.times.push_back(static_cast<double>(spike.sample) / sample_rate_);
    out.units.push_back(spike.place);
  }
  return out;
}

}  // namespace neurarium
