#include "neurarium/data/formants.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/core/digits.hpp"
#include "neurarium/core/errors.hpp"
#include "neurarium/core/normal.hpp"
#include "neurarium/data/settings_in_name.hpp"

namespace neurarium {
namespace {

constexpr std::string_view kind = "formants";
constexpr double word_seconds = 0.25, height_sd = 0.06, speed_sd = 0.15, width = 0.03;
constexpr std::uint32_t spikes_per_formant = 40;

struct Word {
  const char* name;
  double begin[2], end[2];
};
constexpr Word words[] = {{"ai", {0.45, 0.55}, {0.20, 0.80}}, {"ia", {0.20, 0.80}, {0.45, 0.55}},
                          {"au", {0.45, 0.55}, {0.20, 0.40}}, {"ua", {0.20, 0.40}, {0.45, 0.55}},
                          {"ui", {0.20, 0.40}, {0.20, 0.80}}, {"iu", {0.20, 0.80}, {0.20, 0.40}},
                          {"ea", {0.30, 0.70}, {0.45, 0.55}}, {"ae", {0.45, 0.55}, {0.30, 0.70}}};

double bounded_normal(const Stream& stream, const Counter& counter) {
  return std::clamp(normal(stream, counter), -2.0, 2.0);
}

Split make(const FormantsParams& p, const std::string& set, std::int64_t samples, std::int64_t voices,
           std::int64_t first_voice) {
  const Stream of_samples(p.seed, "formants." + set), of_voices(p.seed, "formants.voices");
  const auto steps = static_cast<std::size_t>(std::ceil(p.duration / p.dt - 1e-9));
  const auto channels = static_cast<std::size_t>(p.channels);
  StepSpikes spikes(steps, channels);
  Split split{{}, Array(DType::i64, {static_cast<std::size_t>(samples)}), nullptr};
  std::vector<std::vector<StepSpikes::Unit>> rows(steps);
  for (std::uint32_t k = 0; k < static_cast<std::uint32_t>(samples); ++k) {
    const std::size_t label = k % std::size(words);
    const auto voice = static_cast<std::uint32_t>(
        first_voice + static_cast<std::int64_t>(uniform(of_samples, {0, k, 0, 0}) * static_cast<double>(voices)));
    const double height = height_sd * bounded_normal(of_voices, {0, voice, 0, 0});
    const double seconds = word_seconds * std::exp(speed_sd * bounded_normal(of_voices, {0, voice, 1, 0}));
    for (auto& row : rows) row.clear();
    for (std::uint32_t formant = 0; formant < 2; ++formant)
      for (std::uint32_t e = 0; e < spikes_per_formant; ++e) {
        const double share = uniform(of_samples, {0, k, 1 + formant, e});
        const double place = words[label].begin[formant] +
                             share * (words[label].end[formant] - words[label].begin[formant]) + height +
                             width * normal(of_samples, {0, k, 3 + formant, e});
        const double step = std::floor(share * seconds / p.dt);
        if (step >= static_cast<double>(steps) || place < 0 || place >= 1) continue;
        rows[static_cast<std::size_t>(step)].push_back(
            static_cast<StepSpikes::Unit>(place * static_cast<double>(channels)));
      }
    for (auto& row : rows) {
      std::ranges::sort(row);
      spikes.add_known_step(row.data(), row.size());
    }
    split.y.as<std::int64_t>()(k) = static_cast<std::int64_t>(label);
  }
  split.spikes = std::make_shared<const StepSpikes>(std::move(spikes));
  return split;
}

}  // namespace

Schema FormantsParams::fields() {
  using P = FormantsParams;
  return Schema::of<P>({
      field("seed", &P::seed, "Which voices and spikes are drawn.").at_most(static_cast<double>(largest_seed)),
      field("training_samples", &P::training_samples, "Samples to learn from.").between(1, 1e6),
      field("test_samples", &P::test_samples, "Samples of the test.").between(0, 1e6),
      field("training_voices", &P::training_voices, "Voices that say those.").between(1, 1e6),
      field("test_voices", &P::test_voices, "Voices that say these, and nothing else.").between(1, 1e6),
      field("channels", &P::channels, "Of the cochlea.").between(1, StepSpikes::most_units),
      field("dt", &P::dt, "Length of a step.").unit("s").positive(),
      field("duration", &P::duration, "Of a sample; later spikes are left out.").unit("s").positive(),
  });
}

bool is_formants(const std::string& name) { return name == kind || name.starts_with(std::string(kind) + ":"); }

FormantsParams formants_params(const std::string& name) {
  if (name == kind) return {};
  auto params = params_in_name<FormantsParams>(name, kind, "formants:seed=1,training_samples=200");
  if (params.duration / params.dt > 1e5) throw SpecError("dt: samples of more than 100,000 steps", "give a longer dt");
  if (params.duration < 4 * params.dt)
    throw SpecError("duration: " + short_digits(params.duration) + " s are fewer than 4 steps of " +
                        short_digits(params.dt) + " s: words need time",
                    "give a longer duration, such as 0.3, or a shorter dt");
  return params;
}

Dataset formants_dataset(const std::string& name) {
  const FormantsParams params = formants_params(name);
  Dataset data;
  data.name = name;
  data.dt = params.dt;
  for (const Word& word : words) data.classes.emplace_back(word.name);
  data.train = make(params, "training", params.training_samples, params.training_voices, 0);
  if (params.test_samples > 0)
    data.test = make(params, "test", params.test_samples, params.test_voices, params.training_voices);
  data.sha256 = content_hash(data);
  return data;
}

}  // namespace neurarium
