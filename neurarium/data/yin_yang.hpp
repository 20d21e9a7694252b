// The Yin-Yang data set (L. Kriener, J. Göltz, M. A. Petrovici: The Yin-Yang Dataset, NICE 2022, arXiv:2102.08211):
// points of the plane in three classes that no straight lines tell apart, so that a network needs a hidden layer for
// them.
//
// The big circle has radius R = 0.5 and its middle at (0.5, 0.5); two dots of radius r = 0.1 lie at (0.25, 0.5) and
// (0.75, 0.5). With the distances d_left, d_right of a point from the middles of the dots:
//   2 "dot"   d_left < r or d_right < r
//   1 "yang"  else, if r < d_left ≤ R/2, or y > 0.5 and d_right > R/2
//   0 "yin"   else
// (class numbers and names are those of the authors' program). A sample is (x, y, 1 − x, 1 − y); its class is drawn
// first, each with probability 1/3, and then the point uniformly from the class: points of the square are drawn until
// one is of it.
//
//   yin-yang                                   the defaults: 5,000 points to learn from, 1,000 for the test, seed 0
//   yin-yang:seed=3,training_samples=2000      settings as in TOML, separated by commas
//
// Sample k of a set is a pure function of the seed, the set's name and k.
#pragma once

#include "neurarium/core/pool.hpp"
#include "neurarium/core/schema.hpp"
#include "neurarium/data/dataset.hpp"

namespace neurarium {

struct YinYangParams {
  std::uint64_t seed = 0;
  std::int64_t training_samples = 5000;
  std::int64_t test_samples = 1000;
  static Schema fields();
};

/// Of a point inside the big circle: 0 yin, 1 yang, 2 dot.
int yin_yang_class(double x, double y) noexcept;

/// Whether a data set of that name is this one: "yin-yang" or "yin-yang:SETTINGS".
bool is_yin_yang(const std::string& name);
/// The settings that a name tells. SpecError for unknown ones and such out of range.
YinYangParams yin_yang_params(const std::string& name);
/// x float32 [n, 4], y int64 [n]; hashed. The same bits with any pool.
Dataset yin_yang_dataset(const std::string& name, WorkerPool* pool = nullptr);

}  // namespace neurarium
