// Formants: made-up words as spikes, for machines without any speech: two bumps of activity that wander over a cochlea's channels, by voices of
// their own height and speed. The test is by voices that are not in training.
//
// Word c (of 8) begins with its two formants at places a₁, a₂ of the cochlea (0 low … 1 high) and ends with them at b₁, b₂, in a straight
// line over 250 ms. Voice s moves all places by h = 0.06 z and takes 250 ms · e^{0.15 z'} (z, z' normal, one each for a voice, |z| and
// |z'| ≤ 2). A sample has 40 spikes per formant, evenly drawn over its time; each lies 0.03 z'' beside its formant. step = ⌊t/dt⌋ and
// channel = ⌊place · channels⌋; what lies outside is left out.
//
//   formants                              the defaults
//   formants:seed=3,training_samples=200  settings as in TOML, separated by commas
//
// Sample k of a set is a pure function of the seed, the set's name and k; its word is k mod 8, its voice drawn.
#pragma once

#include "neurarium/core/schema.hpp"
#include "neurarium/data/dataset.hpp"

namespace neurarium {

struct FormantsParams {
  std::uint64_t seed = 0;
  std::int64_t training_samples = 800;
  std::int64_t test_samples = 240;
  std::int64_t training_voices = 20;
  std::int64_t test_voices = 6;
  std::int64_t channels = 40;
  double dt = 4e-3;        ///< s
  double duration = 0.36;  ///< s
  static Schema fields();
};

/// Whether a data set of that name is this one: "formants" or "formants:SETTINGS".
bool is_formants(const std::string& name);
/// The settings that a name tells. SpecError for unknown ones and such out of range.
FormantsParams formants_params(const std::string& name);
/// Spikes of [⌈duration/dt⌉, channels]; hashed.
Dataset formants_dataset(const std::string& name);

}  // namespace neurarium
