// The equations of eventprop_grid.hpp, one unit and one step after the other.
#include <algorithm>

#include "neurarium/kernels/eventprop_grid.hpp"

namespace neurarium::kernels {

template <class T>
void reference::grid_forward(const GridUnits<T>& u, const GridWeights<T>& weights, const GridEvents& inputs,
                             std::size_t steps, GridSpikes<T>& out, GridPeaks<T>* peaks) {
  const std::size_t width = u.width();
  std::vector<T> v(width), i(width), by_membrane(width), by_synapse(width), i_by_synapse(width);
  if (peaks) {
    for (auto* numbers : {&peaks->potential, &peaks->by_membrane, &peaks->by_synapse}) numbers->assign(width, T{0});
    peaks->step.assign(width, 0);
  }
  std::size_t e = 0;
  for (std::uint32_t n = 0; n <= steps; ++n) {
    const std::size_t before = out.step.size();
    for (std::size_t j = 0; j < width && n > 0; ++j) {
      if (out.with_derivatives) {
        by_synapse[j] = u.decay()[j] * by_synapse[j] + u.drive()[j] * i_by_synapse[j] + u.drive_by_synapse()[j] * i[j];
        by_membrane[j] =
            u.decay()[j] * by_membrane[j] + u.decay_by_membrane()[j] * v[j] + u.drive_by_membrane()[j] * i[j];
        i_by_synapse[j] = u.synapse_decay()[j] * i_by_synapse[j] + u.synapse_decay_by_synapse()[j] * i[j];
      }
      const T old_v = v[j], old_i = i[j], limit = u.threshold()[j];
      v[j] = u.decay()[j] * old_v + u.drive()[j] * old_i;
      i[j] = u.synapse_decay()[j] * old_i;
      if (v[j] >= limit) {
        out.step.push_back(n), out.unit.push_back(static_cast<std::uint16_t>(j));
        out.slope.push_back(old_i + (limit - old_v) / (v[j] - old_v) * (i[j] - old_i) - limit);
        if (out.with_derivatives) out.by_membrane.push_back(by_membrane[j]), out.by_synapse.push_back(by_synapse[j]);
        v[j] = by_membrane[j] = by_synapse[j] = 0;
      }
      if (peaks && v[j] > peaks->potential[j]) {
        peaks->potential[j] = v[j], peaks->step[j] = n;
        peaks->by_membrane[j] = by_membrane[j], peaks->by_synapse[j] = by_synapse[j];
      }
    }
    for (; e < inputs.count && inputs.step[e] == n; ++e)
      for (std::size_t j = 0; j < width; ++j) i[j] += weights.inputs[inputs.unit[e] * width + j];
    for (std::size_t k = before; k < out.step.size() && weights.recurrent; ++k)
      for (std::size_t j = 0; j < width; ++j) i[j] += weights.recurrent[out.unit[k] * width + j];
  }
}

namespace {

/// Σ_j row_j d_j in partial sums by j mod one line of 64 bytes, which are then added in halves.
template <class T>
T dot(const T* row, const T* d, std::size_t width) {
  constexpr std::size_t line = 64 / sizeof(T);
  T sum[line] = {};
  for (std::size_t j = 0; j < width; ++j) sum[j % line] += row[j] * d[j];
  for (std::size_t half = line / 2; half > 0; half /= 2)
    for (std::size_t j = 0; j < half; ++j) sum[j] += sum[j + half];
  return sum[0];
}

}  // namespace

template <class T>
void reference::grid_backward(const GridUnits<T>& u, const GridWeights<T>& weights, const GridEvents& inputs,
                              std::size_t steps, const GridOwn<T>& own, const GridGradient<T>& gradient) {
  const std::size_t width = u.width();
  std::vector<T> lv(width), li(width), d(width), x;
  std::size_t e = inputs.count, k = own.spikes.count, kick = own.kicks.size();
  while (e > 0 && inputs.step[e - 1] > steps)
    if (--e; gradient.input_times) gradient.input_times[e] = 0;
  for (std::size_t n = steps + 1; n-- > 0;) {
    for (std::size_t j = 0; j < width; ++j) {
      if (n < steps) {
        li[j] = u.synapse_decay()[j] * li[j] + u.back()[j] * lv[j];
        lv[j] = u.decay()[j] * lv[j];
      }
      d[j] = lv[j] - li[j];
    }
    const auto add_row = [&](T* to, std::size_t unit) {
      for (std::size_t j = 0; j < width && to; ++j) to[unit * width + j] += -u.synapse()[j] * li[j];
    };
    for (; e > 0 && inputs.step[e - 1] == n; --e) {
      add_row(gradient.inputs, inputs.unit[e - 1]);
      if (gradient.input_times)
        gradient.input_times[e - 1] = dot(weights.inputs + inputs.unit[e - 1] * width, d.data(), width);
    }
    for (; k > 0 && own.spikes.step[k - 1] == n; --k) {
      const std::size_t unit = own.spikes.unit[k - 1];
      T from = own.above[k - 1];
      if (weights.recurrent) {
        add_row(gradient.recurrent, unit);
        from += dot(weights.recurrent + unit * width, d.data(), width);
      }
      lv[unit] += (u.threshold()[unit] * lv[unit] + from) / std::max(own.slope[k - 1], u.floor() * u.threshold()[unit]);
      const T of_potential = u.membrane()[unit] * lv[unit];
      if (gradient.threshold) gradient.threshold[unit] += of_potential;
      if (gradient.membrane) gradient.membrane[unit] -= of_potential * own.by_membrane[k - 1];
      if (gradient.synapse) gradient.synapse[unit] -= of_potential * own.by_synapse[k - 1];
    }
    for (; kick > 0 && own.kicks[kick - 1].step == n; --kick)
      lv[own.kicks[kick - 1].unit] += own.kicks[kick - 1].amount;
  }
}

#define NEURARIUM_INSTANTIATE(T)                                                                                       \
  template void reference::grid_forward<T>(const GridUnits<T>&, const GridWeights<T>&, const GridEvents&, std::size_t, \
                                           GridSpikes<T>&, GridPeaks<T>*);                                             \
  template void reference::grid_backward<T>(const GridUnits<T>&, const GridWeights<T>&, const GridEvents&,             \
                                            std::size_t, const GridOwn<T>&, const GridGradient<T>&);
NEURARIUM_INSTANTIATE(float)
NEURARIUM_INSTANTIATE(double)
#undef NEURARIUM_INSTANTIATE

}  // namespace neurarium::kernels
