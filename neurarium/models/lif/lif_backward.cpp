// lif back through time: the adjoint of lif_forward.cpp, with surrogate derivatives of the spikes.
#include <cmath>

#include "neurarium/models/lif/lif_pass.hpp"

namespace neurarium {

using kernels::gemm;
using kernels::Op;

/// ∂E/∂s of sample i as it comes from above; rows that are not whole lines are copied to place `slot`.
template <class T>
kernels::LifSpikeGradient<T> Lif<T>::spike_gradient(const Activity<T>& out_gradient, std::size_t i, std::size_t slot,
                                                    Scratch& s) const {
  if (out_gradient.layout() == Layout::product) {
    set_zero(s.per_unit, Shape{width_});
    std::copy_n(out_gradient.product().data() + i * units_, units_, s.per_unit.data());
    return {nullptr, out_gradient.factors().data(), s.per_unit.data()};
  }
  const T* from = out_gradient.dense().data() + i * steps_ * units_;
  if (units_ == width_ && !params_.recurrent) return {from};
  T* to = rows_of(s.spike_gradient, slot);
  for (std::size_t t = 0; t < steps_; ++t) std::copy_n(from + t * units_, units_, to + t * width_);
  return {to};
}

/// The surrogate derivatives of sample i: a formula, or rows in place `slot`.
template <class T>
kernels::LifSlopes<T> Lif<T>::slopes(std::size_t i, std::size_t slot, const Cache& c, Scratch& s) const {
  if (const auto curve = parts_.surrogate->curve(); curve && !params_.soft_spikes) return {nullptr, *curve};
  const std::span<T> slopes(rows_of(s.slope, slot), steps_ * width_);
  kernels::lif_distances<T>(c.units, c.traces[i], steps_, slopes.data());
  parts_.surrogate->slopes(slopes, slopes);
  return {slopes.data(), {}};
}

template <class T>
kernels::LifUnitsGradient<T> Lif<T>::units_gradient(Scratch& s) const {
  kernels::LifUnitsGradient<T> sums;
  if (params_.learn_time_constants)
    sums.decay = s.decay.data(), sums.synapse_decay = s.synapse_decay.data(),
    sums.adaptation_decay = s.adaptation_decay.data();
  if (params_.learn_thresholds)
    sums.threshold = s.threshold.data(), sums.adaptation_strength = s.adaptation_strength.data();
  return sums;
}

// Recurrent spikes add to the gradient of the step before: all samples go back through time together.
template <class T>
void Lif<T>::backward_recurrent(const Activity<T>& out_gradient, const Cache& c, Scratch& s) const {
  std::vector<kernels::LifSlopes<T>> curves;
  for (std::size_t i = 0; i < c.samples; ++i) {
    spike_gradient(out_gradient, i, i, s);
    curves.push_back(slopes(i, i, c, s));
    s.costates[i].reset(width_);
  }
  s.row.resize(Shape{c.samples, width_}), s.back.resize(Shape{c.samples, width_});
  for (std::size_t t = steps_; t-- > 0;) {
    if (t + 1 < steps_) {
      for (std::size_t i = 0; i < c.samples; ++i)
        std::copy_n(rows_of(s.drive, i) + (t + 1) * width_, width_, s.row.data() + i * width_);
      gemm<T>(1, s.row.view(), Op::none, c.recurrent.view(), Op::transpose, 0, s.back.view());
      for (std::size_t i = 0; i < c.samples; ++i) {
        T* here = rows_of(s.spike_gradient, i) + t * width_;
        for (std::size_t j = 0; j < width_; ++j) here[j] += s.back(i, j);
      }
    }
    for (std::size_t i = 0; i < c.samples; ++i)
      kernels::lif_backward<T>(c.units, c.traces[i], {rows_of(s.spike_gradient, i)}, curves[i],
                               {rows_of(s.drive, i), nullptr, {}, params_.use_bias ? s.bias.data() : nullptr}, t, t + 1,
                               s.costates[i], units_gradient(s));
  }
}

// What ∂E/∂h of sample i, in its place of `drive`, adds to the sums of the weights' gradients, where that is not done on the way.
template <class T>
void Lif<T>::add_products(std::size_t i, const Cache& c, Scratch& s) const {
  const View<const T> drive(rows_of(s.drive, params_.recurrent ? i : 0), Shape{steps_, width_});
  if (!c.gathers) gemm<T>(1, c.dense[i], Op::transpose, drive, Op::none, 1, s.weights.view());
  if (!params_.recurrent && !turned_inputs_of(i, c)) return;
  if (const auto turned = turned_inputs_of(i, c)) kernels::scatter_turned_rows<T>(*turned, drive, s.weights.view());
  else if (const auto inputs = inputs_of(i, c)) kernels::scatter_rows<T>(inputs->events, drive, s.weights.view());
  if (!params_.recurrent || steps_ == 1) return;
  const View<const T> next(drive.data() + width_, Shape{steps_ - 1, width_});
  const SpikesView fired = params_.soft_spikes ? SpikesView() : c.out->spikes();
  if (fired) kernels::scatter_rows<T>({fired.rows(i), fired.all(), steps_ - 1}, next, s.recurrent.view());
  else
    gemm<T>(1, View<const T>(c.traces[i].spike, Shape{steps_ - 1, width_}), Op::transpose, next, Op::none, 1,
            s.recurrent.view());
}

template <class T>
void Lif<T>::weight_gradients(const Cache& c, const Scratch& s, std::span<const View<T>> gradient) const {
  const auto add = [&](const Tensor<T>& sums, View<T> to) {
    for (std::size_t i = 0; i < to.shape()[0]; ++i) {
      const T* from = sums.data() + i * width_;
      T* row = to.data() + i * units_;
      for (std::size_t j = 0; j < units_; ++j) row[j] += from[j];
    }
  };
  const auto learned = gradient.last(recurrent_signs_.is_learned() ? 2 : 1);  // if signs are: they stand at the end
  add(s.weights, signs_.gradient_at_weight(c.signs, gradient[0]));
  signs_.pull_back(weight_, c.signs, c.samples, gradient[0], learned.front());
  if (!params_.recurrent) return;
  add(s.recurrent, recurrent_signs_.gradient_at_weight(c.recurrent_signs, gradient[1]));
  recurrent_signs_.pull_back(recurrent_, c.recurrent_signs, c.samples, gradient[1], gradient.back());
}

template <class T>
void Lif<T>::unit_gradients(const Cache& c, const Scratch& s, std::span<const View<T>> gradient) const {
  std::size_t at = params_.recurrent ? 2 : 1;
  const auto plain = [&](std::span<const T> sums) {
    const View<T> to = gradient[at++];
    for (std::size_t j = 0; j < units_; ++j) to(j) += sums[j];
  };
  // ∂α/∂ln τ = α dt/τ
  const auto time_constant = [&](const Tensor<T>& log_tau, const std::vector<T>& decay, const std::vector<T>& sums) {
    const View<T> to = gradient[at++];
    for (std::size_t j = 0; j < units_; ++j)
      to(j) += sums[j] * decay[j] * static_cast<T>(params_.dt) / std::exp(log_tau(j));
  };
  if (params_.use_bias) plain(s.bias.flat());
  if (params_.learn_time_constants) {
    time_constant(log_tau_membrane_.value, c.decay, s.decay);
    if (c.units.synapse_decay) time_constant(log_tau_synapse_.value, c.synapse_decay, s.synapse_decay);
    if (c.units.adaptation_decay) time_constant(log_tau_adaptation_.value, c.adaptation_decay, s.adaptation_decay);
  }
  if (!params_.learn_thresholds) return;
  plain(s.threshold);
  if (c.units.adaptation_decay) plain(s.adaptation_strength);
}

template <class T>
void Lif<T>::backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                      std::span<const View<T>> gradient) const {
  const Cache& c = tape.cache<Cache>();
  if (!c.keeps_traces) throw InternalError(name_ + ": backward after a pass that said there would be none");
  if (!c.scratch) c.scratch = std::make_unique<Scratch>();
  Scratch& s = *c.scratch;
  const std::size_t slots = params_.recurrent ? c.samples : 1;
  const bool wants_weights = !gradient.empty(), recurrent = params_.recurrent;
  set_zero(s.spike_gradient, Shape{slots, steps_, width_});
  s.slope.resize(s.spike_gradient.shape()), s.drive.resize(s.spike_gradient.shape());
  s.costates.resize(slots);
  for (auto* sums : {&s.decay, &s.threshold, &s.synapse_decay, &s.adaptation_decay, &s.adaptation_strength})
    sums->assign(width_, T{0});
  set_zero(s.bias, Shape{width_});
  if (wants_weights) {
    set_zero(s.weights, Shape{inputs_, width_});
    if (recurrent) set_zero(s.recurrent, Shape{width_, width_});
  }
  const View<T> to = in_gradient ? in_gradient->make_dense(Shape{c.samples, steps_, inputs_}) : View<T>();
  if (recurrent) backward_recurrent(out_gradient, c, s);
  for (std::size_t i = 0; i < c.samples; ++i) {
    T* rows = rows_of(s.drive, recurrent ? i : 0);
    if (!recurrent) {
      const bool turned = wants_weights && turned_inputs_of(i, c).has_value();
      if (c.gathers && i + 1 < c.samples) {
        if (turned) kernels::fetch_ahead(*turned_inputs_of(i + 1, c));
        else kernels::fetch_ahead(inputs_of(i + 1, c)->events);
      }
      kernels::LifDriveGradient<T> below;
      if (in_gradient || !c.gathers || params_.soft_spikes || turned) below.rows = rows;
      if (c.gathers && wants_weights && !turned)
        below.weights = s.weights.data(), below.events = inputs_of(i, c)->events;
      if (params_.use_bias) below.start = s.bias.data();
      s.costates[0].reset(width_);
      kernels::lif_backward<T>(c.units, c.traces[i], spike_gradient(out_gradient, i, 0, s), slopes(i, 0, c, s), below,
                               0, steps_, s.costates[0], units_gradient(s));
    }
    if (wants_weights) add_products(i, c, s);
    if (in_gradient)
      gemm<T>(1, View<const T>(rows, Shape{steps_, width_}), Op::none, c.weights.view(), Op::transpose, 0, to[i]);
  }
  if (gradient.empty()) return;
  weight_gradients(c, s, gradient);
  unit_gradients(c, s, gradient);
}

template void Lif<float>::backward(const Activity<float>&, Activity<float>*, const Tape&,
                                   std::span<const View<float>>) const;
template void Lif<double>::backward(const Activity<double>&, Activity<double>*, const Tape&,
                                    std::span<const View<double>>) const;

}  // namespace neurarium
