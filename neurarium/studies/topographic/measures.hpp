// Figures of a trained map, taken on held-out images.
//   snr        10 log₁₀ Σ v² / Σ (v − r)², summed over all images, in dB
//   gain_snr   the same after the best scalar gain per image, v ≈ g r with g = v·r / r·r: does the shape fit?
//   max_share  largest share of units with o > ½ on one image
//   dead       units that exceed ½ on no image
#pragma once

#include "neurarium/core/array.hpp"

namespace neurarium {

struct MapMeasures {
  double mean_activity = 0;
  double snr_db = 0;
  double gain_corrected_snr_db = 0;
  double max_share_on = 0;
  double dead_units = 0;
  double share_of_zero_weights = 0;
  double share_of_weights_above_one = 0;
  double border_activity = 0;  ///< mean activity of the units in the last row and the last column
};

/// v [n, D], activity o [n, rows·columns], r [n, D], weights [rows·columns, D]; any floating type.
MapMeasures measure_map(ArrayView v, ArrayView activity, ArrayView r, ArrayView weights, std::size_t rows,
                        std::size_t columns);

}  // namespace neurarium
