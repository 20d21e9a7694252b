// What a map's code is worth, measured on held-out images; v image, o activity, r reconstruction, n units, D inputs.
//   snr               10 log₁₀ Σ v² / Σ (v − r)² over all images, in dB
//   gain-corrected    the same after the best gain per image, v ≈ g r with g = v·r / r·r: does the shape fit?
//   sparseness        Treves–Rolls, (1 − ⟨o⟩² / ⟨o²⟩) / (1 − 1/n): 0 if all are equally active, 1 if only one is.
//                     Population: over the units for each image; lifetime: over the images for each unit; then the mean.
//                     Treves & Rolls, Network 2 (1991); normalised as in Vinje & Gallant, Science 287 (2000).
//   on                a unit with o > ½ on an image
//   silent image      one on which less than 0.5 % of the units are on
//   dead unit         one whose mean activity is below 0.001
//   divergence        generalised Kullback–Leibler, Σ v ln(v/r) − v + r per image: what the weight step descends
//   zero weight       at or below 10⁻¹⁰, where the rule sets it to 0
//   Hoyer sparseness  (√D − Σ|w| / √Σw²) / (√D − 1): 0 if all weights are alike, 1 if only one is left; mean over units.
//                     Hoyer, J. Machine Learning Research 5 (2004).
#pragma once

#include <vector>

#include "neurarium/core/array.hpp"
#include "neurarium/studies/topographic/grid.hpp"

namespace neurarium {

struct CodeMeasures {
  double mean_activity = 0;
  double border_activity = 0;  ///< of the units in the last row and the last column
  double snr_db = 0;
  double gain_corrected_snr_db = 0;
  double divergence = 0;
  double population_sparseness = 0;
  double lifetime_sparseness = 0;
  double max_share_on = 0;  ///< largest share of units that are on, on one image
  double mean_share_on = 0;
  double silent_images = 0;           ///< share of the images
  double dead_units = 0;              ///< number
  std::vector<std::size_t> units_on;  ///< per image
};

/// v [n, D], activity o [n, units], r [n, D]; any floating type.
CodeMeasures measure_code(ArrayView v, ArrayView activity, ArrayView r, const Grid& grid);

struct WeightMeasures {
  double share_zero = 0;
  double share_above_one = 0;
  double hoyer_sparseness = 0;
  double largest = 0;
};

/// weights [units, D]
WeightMeasures measure_weights(ArrayView weights);

}  // namespace neurarium
