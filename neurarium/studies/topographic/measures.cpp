#include "neurarium/studies/topographic/measures.hpp"

#include <algorithm>
#include <cmath>

namespace neurarium {

MapMeasures measure_map(ArrayView v_in, ArrayView o_in, ArrayView r_in, ArrayView w_in, std::size_t rows,
                        std::size_t columns) {
  const Tensor<double> v = to_tensor<double>(v_in), o = to_tensor<double>(o_in), r = to_tensor<double>(r_in),
                       w = to_tensor<double>(w_in);
  const std::size_t images = v.shape()[0], inputs = v.size() / images, units = rows * columns;
  MapMeasures m;
  double power = 0, error = 0, gain_error = 0, activity = 0, border = 0;
  std::vector<bool> ever_on(units, false);
  for (std::size_t i = 0; i < images; ++i) {
    double vv = 0, vr = 0, rr = 0;
    for (std::size_t j = 0; j < inputs; ++j) {
      const double a = v.flat()[i * inputs + j], b = r.flat()[i * inputs + j];
      vv += a * a, vr += a * b, rr += b * b;
    }
    power += vv;
    error += vv - 2 * vr + rr;
    gain_error += rr > 0 ? std::max(0.0, vv - vr * vr / rr) : vv;
    std::size_t on = 0;
    for (std::size_t n = 0; n < units; ++n) {
      const double x = o.flat()[i * units + n];
      activity += x;
      if (n / columns == rows - 1 || n % columns == columns - 1) border += x;
      if (x > 0.5) ++on, ever_on[n] = true;
    }
    m.max_share_on = std::max(m.max_share_on, static_cast<double>(on) / static_cast<double>(units));
  }
  const double n_images = static_cast<double>(images);
  m.mean_activity = activity / (n_images * static_cast<double>(units));
  m.border_activity = border / (n_images * static_cast<double>(rows + columns - 1));
  m.snr_db = 10 * std::log10(power / error);
  m.gain_corrected_snr_db = 10 * std::log10(power / gain_error);
  m.dead_units = static_cast<double>(std::ranges::count(ever_on, false));
  for (const double x : w.flat()) {
    m.share_of_zero_weights += x == 0;
    m.share_of_weights_above_one += x > 1;
  }
  m.share_of_zero_weights /= static_cast<double>(w.size());
  m.share_of_weights_above_one /= static_cast<double>(w.size());
  return m;
}

}  // namespace neurarium
