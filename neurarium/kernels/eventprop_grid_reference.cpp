// The equations of eventprop_grid.hpp, one unit and one step after the other.
#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "neurarium/kernels/eventprop_grid.hpp"

namespace neurarium::kernels {

template <class T>
bool reference::grid_forward(const GridUnits<T>& u, const GridWeights<T>& weights, const GridEvents& inputs,
                             std::size_t steps, std::size_t most, GridSpikes<T>& out, GridPeaks<T>* peaks) {
  const std::size_t width = u.width(), already = out.step.size();
  std::vector<T> v(width), i(width), b(width), by_membrane(width), by_synapse(width), i_by_synapse(width);
  std::vector<std::uint32_t> waits(width);  // so many steps
  std::vector<std::size_t> last(width);     // spike
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
      const T old_v = v[j], old_i = i[j], old_b = b[j], threshold = u.threshold()[j];
      v[j] = u.decay()[j] * old_v + u.drive()[j] * old_i;
      i[j] = u.synapse_decay()[j] * old_i;
      b[j] *= u.threshold_decay()[j];
      if (waits[j] > 0) {
        v[j] = by_membrane[j] = by_synapse[j] = 0;
        if (--waits[j] == 0) out.restart[last[j]] = i[j];
      }
      if (v[j] >= threshold + b[j]) {
        const T share = (threshold + old_b - old_v) / (v[j] - old_v - (b[j] - old_b));
        const T raised = old_b + share * (b[j] - old_b);
        waits[j] = u.refractory_steps(), last[j] = out.step.size();
        out.step.push_back(n), out.unit.push_back(static_cast<std::uint16_t>(j));
        out.slope.push_back(old_i + share * (i[j] - old_i) - threshold -
                            raised * (1 - u.membrane()[j] * u.threshold_rate()[j]));
        if (waits[j] > 0) out.restart.push_back(0);
        b[j] += u.growth()[j];
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
    if (out.step.size() - already > most) return false;
  }
  return true;
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

/// What units that take time to recover add to the way back.
template <class T>
class Recoveries {
 public:
  Recoveries(const GridUnits<T>& u, const GridOwn<T>& own, std::size_t steps)
      : u_(u), own_(own), h_(u.width()), a_(u.width()), since_(u.width()), waiting_(own.spikes.count) {
    std::vector<T> b(u.width());
    for (std::size_t k = 0; k < own.spikes.count; ++k) {
      const std::size_t unit = own.spikes.unit[k];
      b_.push_back(b[unit] * kept(unit, own.spikes.step[k] - since_[unit]));
      b[unit] = b_.back() + u.growth()[unit], since_[unit] = own.spikes.step[k];
    }
    while (waiting_ > 0 && end_of(waiting_ - 1) > steps) --waiting_;
  }
  /// The units whose refractory time ends at step n.
  void release(std::size_t n, std::vector<T>& lv) {
    for (; waiting_ > 0 && end_of(waiting_ - 1) == n; --waiting_) {
      const std::size_t unit = own_.spikes.unit[waiting_ - 1];
      h_[unit] = std::exchange(lv[unit], T{0});
    }
  }
  /// λV of its unit before spike k.
  T jump(std::size_t k, T from, const GridGradient<T>& gradient) {
    const std::size_t unit = own_.spikes.unit[k];
    const T growth = u_.growth()[unit], rate = u_.threshold_rate()[unit], threshold = u_.threshold()[unit];
    if (a_[unit] != 0) {
      const std::uint32_t steps = since_[unit] - own_.spikes.step[k];
      a_[unit] *= kept(unit, steps);
      if (gradient.growth) gradient.growth[unit] += a_[unit];
      if (gradient.tau_adaptation)
        gradient.tau_adaptation[unit] += a_[unit] * (b_[k] + growth) * (static_cast<T>(steps) * u_.dt() * rate * rate);
    }
    const T slope = std::max(own_.slope[k], u_.floor() * threshold);
    const T current =
        u_.refractory_steps() > 0 ? own_.restart[k] : slope + threshold + b_[k] * (1 - u_.membrane()[unit] * rate);
    const T lv = (h_[unit] * current + from + a_[unit] * growth * rate) / slope;
    h_[unit] = 0, a_[unit] += u_.membrane()[unit] * lv, since_[unit] = own_.spikes.step[k];
    return lv;
  }

 private:
  std::uint64_t end_of(std::size_t k) const { return std::uint64_t{own_.spikes.step[k]} + u_.refractory_steps(); }
  T kept(std::size_t unit, std::uint32_t steps) const {
    return std::pow(u_.threshold_decay()[unit], static_cast<T>(steps));
  }
  const GridUnits<T>& u_;
  const GridOwn<T>& own_;
  std::vector<T> b_;                  ///< of each spike: just before it
  std::vector<T> h_, a_;              ///< λV where the refractory time ends; ∂E/∂b before the spike handled last
  std::vector<std::uint32_t> since_;  ///< and the step of that
  std::size_t waiting_;               ///< spikes whose refractory time ends are still to come
};

}  // namespace

template <class T>
void reference::grid_backward(const GridUnits<T>& u, const GridWeights<T>& weights, const GridEvents& inputs,
                              std::size_t steps, const GridOwn<T>& own, const GridGradient<T>& gradient) {
  const std::size_t width = u.width();
  std::vector<T> lv(width), li(width), d(width), x;
  std::size_t e = inputs.count, k = own.spikes.count, kick = own.kicks.size();
  while (e > 0 && inputs.step[e - 1] > steps)
    if (--e; gradient.input_times) gradient.input_times[e] = 0;
  std::optional<Recoveries<T>> recoveries;
  if (u.recovers()) recoveries.emplace(u, own, steps);
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
    if (recoveries) recoveries->release(n, lv);
    for (; k > 0 && own.spikes.step[k - 1] == n; --k) {
      const std::size_t unit = own.spikes.unit[k - 1];
      T from = own.above[k - 1];
      if (weights.recurrent) {
        add_row(gradient.recurrent, unit);
        from += dot(weights.recurrent + unit * width, d.data(), width);
      }
      if (recoveries) lv[unit] = recoveries->jump(k - 1, from, gradient);
      else
        lv[unit] +=
            (u.threshold()[unit] * lv[unit] + from) / std::max(own.slope[k - 1], u.floor() * u.threshold()[unit]);
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
  template bool reference::grid_forward<T>(const GridUnits<T>&, const GridWeights<T>&, const GridEvents&, std::size_t, \
                                           std::size_t, GridSpikes<T>&, GridPeaks<T>*);                                \
  template void reference::grid_backward<T>(const GridUnits<T>&, const GridWeights<T>&, const GridEvents&,             \
                                            std::size_t, const GridOwn<T>&, const GridGradient<T>&);
NEURARIUM_INSTANTIATE(float)
NEURARIUM_INSTANTIATE(double)
#undef NEURARIUM_INSTANTIATE

}  // namespace neurarium::kernels
