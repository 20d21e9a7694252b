// The exact engine. Feed-forward layers are solved unit by unit: each goes from arrival to arrival in closed form. Units of recurrent
// layers go together (recurrent.hpp).
#include <numeric>

#include "neurarium/models/eventprop_lif/event_pass.hpp"

namespace neurarium::eventprop {
namespace {

template <class T>
class EventEngine : public Engine<T> {
 public:
  std::unique_ptr<Pass<T>> make_pass() const override { return std::make_unique<EventPass<T>>(); }
  void forward(const Numbers<T>& n, const SpikeTimes<T>& in, SpikeTimes<T>& out, Pass<T>& pass) const override;
  void backward(const Numbers<T>& n, const SpikeTimes<T>& in, const SpikeTimes<T>& out, std::span<const T> out_gradient,
                const Pass<T>& pass, const Gradients<T>& gradients) const override;

 private:
  void backward_units(const Numbers<T>& n, const SpikeTimes<T>& in, const SampleSpikes<T>& spikes,
                      const TimeGradient<T>& times, const Gradients<T>& gradients, const EventPass<T>& p) const;
  void backward_recurrent(const Numbers<T>& n, const SpikeTimes<T>& in, const SampleSpikes<T>& spikes,
                          const TimeGradient<T>& times, const Gradients<T>& gradients, const EventPass<T>& p) const;
  void find_spikes(const Numbers<T>& n, const SpikeTimes<T>& in, std::size_t sample, EventPass<T>& p) const;
  void find_recurrent_spikes(const Numbers<T>& n, const SpikeTimes<T>& in, std::size_t sample, EventPass<T>& p) const;
  void add_silent(const Numbers<T>& n, std::size_t sample, SpikeTimes<T>& out, EventPass<T>& p) const;
};

template <class T>
void make_time_constants(const Numbers<T>& n, const EventPass<T>& p) {
  p.taus.clear();
  for (std::size_t j = 0; j < n.units; ++j) p.taus.emplace_back(n.tau_membrane[j], n.tau_synapse[j]);
}

/// What arrives at unit j; for most layers it is the same for all, and made for the first.
template <class T>
Course<T> course_of(const Numbers<T>& n, const SpikeTimes<T>& in, std::size_t sample, std::size_t j,
                    const EventPass<T>& p) {
  const bool synaptic = n.delay_kind == Delays::synaptic;
  if (j == 0 || synaptic) make_arrivals(n, in, sample, j, p.arrivals);
  Course<T> course{p.arrivals, nullptr, static_cast<T>(in.duration())};
  if (!n.one_tau || synaptic) return course;
  if (j == 0) make_flows(course, p.taus[0], p.flows);
  course.flows = p.flows.data();
  return course;
}

/// Whether all units see the same, have the same time constants and recover at once: then a vector of them goes at a time.
template <class T>
bool goes_together(const Numbers<T>& n) {
  return n.one_tau && n.delay_kind != Delays::synaptic && !n.recovers();
}

template <class T>
void EventEngine<T>::find_spikes(const Numbers<T>& n, const SpikeTimes<T>& in, std::size_t sample,
                                 EventPass<T>& p) const {
  p.spikes.clear(), p.peak_of.resize(n.units), p.fired.assign(n.units, 0);
  const auto check_count = [&] {
    if (p.spikes.size() > n.most_spikes) throw TooManySpikes{sample, p.spikes.back().unit};
    return true;
  };
  if (goes_together(n)) {
    kernels::forward_units(course_of(n, in, sample, 0, p), p.taus[0], n.threshold, n.most_spikes, p.spikes);
    check_count();
  } else {
    for (std::size_t j = 0; j < n.units; ++j) {
      const auto spike = [&](T time, T slope) {
        p.spikes.push_back({time, static_cast<std::uint32_t>(j), slope});
        return check_count();
      };
      const Course<T> course = course_of(n, in, sample, j, p);
      if (n.recovers()) forward_unit(j, course, p.taus[j], n.threshold[j], n.recovery(j), spike);
      else forward_unit(j, course, p.taus[j], n.threshold[j], spike);
    }
  }
  for (const LayerSpike<T>& spike : p.spikes) p.fired[spike.unit] = 1;
  for (std::size_t j = 0; n.silent_push > 0 && j < n.units; ++j)
    if (!p.fired[j]) p.peak_of[j] = find_peak(j, course_of(n, in, sample, j, p), p.taus[j]);
  std::ranges::sort(p.spikes, std::less<>{});
}

template <class T>
void EventEngine<T>::find_recurrent_spikes(const Numbers<T>& n, const SpikeTimes<T>& in, std::size_t sample,
                                           EventPass<T>& p) const {
  p.spikes.clear(), p.peak_of.resize(n.units), p.fired.assign(n.units, 0);
  make_layer_arrivals(n, in, sample, p.arrivals, p.layer_arrivals);
  const T end = static_cast<T>(in.duration());
  try {
    p.recurrent.forward(n, p.taus, p.layer_arrivals, end, p.spikes);
  } catch (const TooManySpikes& too_many) {
    throw TooManySpikes{sample, too_many.unit};
  }
  std::ranges::sort(p.spikes, std::less<>{});
  for (const LayerSpike<T>& spike : p.spikes) p.fired[spike.unit] = 1;
  if (!(n.silent_push > 0)) return;
  const auto first_event = static_cast<std::uint32_t>(in.count(sample));
  for (std::size_t j = 0; j < n.units; ++j) {
    if (p.fired[j]) continue;
    make_arrivals(n, in, sample, j, p.arrivals);
    for (std::size_t k = 0; k < p.spikes.size(); ++k)
      p.arrivals.push_back({p.spikes[k].time, first_event + static_cast<std::uint32_t>(k),
                            n.recurrent.data() + p.spikes[k].unit * n.units});
    std::ranges::sort(p.arrivals, arrives_before<T>);
    p.peak_of[j] = find_peak(j, Course<T>{p.arrivals, nullptr, end}, p.taus[j]);
  }
}

template <class T>
void EventEngine<T>::add_silent(const Numbers<T>& n, std::size_t, SpikeTimes<T>& out, EventPass<T>& p) const {
  p.silent.clear();
  const T end = static_cast<T>(out.duration()), push = static_cast<T>(n.silent_push);
  for (std::size_t j = 0; j < n.units; ++j)
    if (!p.fired[j])
      p.silent.emplace_back(end + push * std::max(n.threshold[j] - p.peak_of[j].value, T{0}),
                            static_cast<std::uint32_t>(j));
  std::ranges::sort(p.silent);
  for (const auto& [time, unit] : p.silent) {
    out.add(time, static_cast<typename SpikeTimes<T>::Unit>(unit));
    p.slope.push_back(0);
    p.peaks.push_back(p.peak_of[unit]);
  }
}

template <class T>
void EventEngine<T>::forward(const Numbers<T>& n, const SpikeTimes<T>& in, SpikeTimes<T>& out, Pass<T>& pass) const {
  auto& p = static_cast<EventPass<T>&>(pass);
  p.slope.clear(), p.peaks.clear(), p.first_peak.assign(1, 0);
  make_time_constants(n, p);
  for (std::size_t sample = 0; sample < in.samples(); ++sample) {
    if (n.recurrent.data()) find_recurrent_spikes(n, in, sample, p);
    else find_spikes(n, in, sample, p);
    for (const LayerSpike<T>& spike : p.spikes) {
      out.add(spike.time, static_cast<typename SpikeTimes<T>::Unit>(spike.unit));
      p.slope.push_back(spike.slope);
    }
    if (n.silent_push > 0) add_silent(n, sample, out, p);
    out.end_sample();
    p.first_peak.push_back(p.peaks.size());
  }
}

/// The own spikes of each unit of a sample, in the order of time.
template <class T>
void sort_by_unit(const Numbers<T>& n, const SampleSpikes<T>& spikes, const EventPass<T>& p) {
  const auto units = spikes.units().first(spikes.fired());
  p.first_own.assign(n.units + 2, 0);
  for (const auto unit : units) ++p.first_own[unit + 2u];
  std::partial_sum(p.first_own.begin(), p.first_own.end(), p.first_own.begin());
  p.own.resize(units.size());
  for (std::size_t k = 0; k < units.size(); ++k)
    p.own[p.first_own[units[k] + 1u]++] = {spikes.times()[k], p.slope[spikes.first() + k], spikes.gradient(k)};
  p.raised.resize(n.recovers() ? p.own.size() : 0);
  for (std::size_t j = 0; n.recovers() && j < n.units; ++j) {
    Raised<T> raised;
    for (std::size_t k = p.first_own[j]; k < p.first_own[j + 1]; ++k) {
      p.raised[k] = raised.at(p.own[k].time, n.recovery(j).tau);
      raised.spike(p.own[k].time, n.recovery(j));
    }
  }
}

/// What a unit's adjoint has added up, to where it is asked for.
template <class T>
void add_sums(const Gradients<T>& gradients, std::size_t j, const UnitSums<T>& sums) {
  if (gradients.threshold) gradients.threshold[j] += sums.threshold;
  if (gradients.tau_membrane)
    gradients.tau_membrane[j] += sums.tau_membrane, gradients.tau_synapse[j] += sums.tau_synapse;
  if (gradients.adaptation) gradients.adaptation[j] += sums.growth, gradients.tau_adaptation[j] += sums.tau_adaptation;
}

template <class T>
void EventEngine<T>::backward(const Numbers<T>& n, const SpikeTimes<T>& in, const SpikeTimes<T>& out,
                              std::span<const T> out_gradient, const Pass<T>& pass,
                              const Gradients<T>& gradients) const {
  const auto& p = static_cast<const EventPass<T>&>(pass);
  std::ranges::fill(gradients.in, T{0});
  for (std::size_t sample = 0; sample < in.samples(); ++sample) {
    const TimeGradient<T> times{n, in.units_of(sample),
                                gradients.in.empty() ? nullptr : gradients.in.data() + in.first(sample),
                                gradients.delays};
    const SampleSpikes<T> spikes{out, out_gradient, sample, p.first_peak[sample + 1] - p.first_peak[sample]};
    if (n.recurrent.data()) backward_recurrent(n, in, spikes, times, gradients, p);
    else backward_units(n, in, spikes, times, gradients, p);
  }
}

template <class T>
void back_together(const Numbers<T>& n, const SpikeTimes<T>& in, std::size_t sample, const TimeGradient<T>& times,
                   const Gradients<T>& gradients, const EventPass<T>& p) {
  const Course<T> course = course_of(n, in, sample, 0, p);
  kernels::LayerSums<T> sums{n.weights.data(), gradients.weights, nullptr, gradients.threshold};
  if (times.in || times.delays) {
    p.of_arrival.assign(course.arrivals.size(), 0);
    sums.of_arrival = p.of_arrival.data();
  }
  kernels::backward_units<T>(course, p.taus[0], n.threshold, p.own, p.first_own.data(), sums);
  for (std::size_t a = 0; sums.of_arrival && a < course.arrivals.size(); ++a)
    times.add(course.arrivals[a].event, 0, p.of_arrival[a]);
}

template <class T>
void EventEngine<T>::backward_units(const Numbers<T>& n, const SpikeTimes<T>& in, const SampleSpikes<T>& spikes,
                                    const TimeGradient<T>& times, const Gradients<T>& gradients,
                                    const EventPass<T>& p) const {
  sort_by_unit(n, spikes, p);
  const auto go_back = [&](std::size_t j, const Course<T>& course, std::span<const OwnSpike<T>> own, T p_start,
                           T t_start) {
    const UnitSums<T> sums = backward_unit(
        j, course, p.taus[j], n.threshold[j], own, p_start, t_start, gradients.tau_membrane != nullptr,
        [&](const Arrival<T>& arrival, T q, T of_time) {
          if (gradients.weights) gradients.weights[times.who[arrival.event] * n.units + j] += q;
          times.add(arrival.event, j, arrival.row[j] * of_time);
        },
        n.recovery(j), p.raised.empty() ? nullptr : p.raised.data() + p.first_own[j]);
    add_sums(gradients, j, sums);
  };
  const bool together = goes_together(n);
  if (together) back_together(n, in, spikes.sample, times, gradients, p);
  for (std::size_t j = 0; (!together || gradients.tau_membrane) && j < n.units; ++j) {
    const std::span own(p.own.data() + p.first_own[j], p.first_own[j + 1] - p.first_own[j]);
    const Course<T> course = course_of(n, in, spikes.sample, j, p);
    if (own.empty()) continue;
    if (!together) {
      go_back(j, course, own, T{0}, T{0});
      continue;
    }
    // All else has been added already, in an order that must not depend on who asks for time constants.
    const UnitSums<T> sums =
        backward_unit<T>(j, course, p.taus[j], n.threshold[j], own, T{0}, T{0}, true, [](const Arrival<T>&, T, T) {});
    gradients.tau_membrane[j] += sums.tau_membrane, gradients.tau_synapse[j] += sums.tau_synapse;
  }
  for (std::size_t k = 0; k < spikes.silent; ++k) {
    const std::size_t j = spikes.units()[spikes.fired() + k];
    const Peak<T>& peak = p.peaks[p.first_peak[spikes.sample] + k];
    const T of_peak = -static_cast<T>(n.silent_push) * spikes.gradient(spikes.fired() + k);  // ∂E/∂max V
    if (of_peak == 0) continue;
    if (gradients.threshold) gradients.threshold[j] -= of_peak;
    if (peak.event != Peak<T>::no_event) times.add(peak.event, j, of_peak * peak.rise);
    if (n.delay_kind == Delays::synaptic) make_arrivals(n, in, spikes.sample, j, p.arrivals);
    Course<T> course{p.arrivals, nullptr, static_cast<T>(in.duration())};
    if (goes_together(n)) course.flows = p.flows.data();
    go_back(j, course, {}, of_peak, peak.time);
  }
}

template <class T>
void EventEngine<T>::backward_recurrent(const Numbers<T>& n, const SpikeTimes<T>& in, const SampleSpikes<T>& spikes,
                                        const TimeGradient<T>& times, const Gradients<T>& gradients,
                                        const EventPass<T>& p) const {
  make_layer_arrivals(n, in, spikes.sample, p.arrivals, p.layer_arrivals);
  p.own.clear(), p.starts.clear();
  for (std::size_t k = 0; k < spikes.fired(); ++k)
    p.own.push_back({spikes.times()[k], p.slope[spikes.first() + k], spikes.gradient(k)});
  for (std::size_t k = 0; k < spikes.silent; ++k) {
    const std::size_t j = spikes.units()[spikes.fired() + k];
    const Peak<T>& peak = p.peaks[p.first_peak[spikes.sample] + k];
    const T of_peak = -static_cast<T>(n.silent_push) * spikes.gradient(spikes.fired() + k);
    if (gradients.threshold) gradients.threshold[j] -= of_peak;
    p.starts.push_back({peak.time, static_cast<std::uint32_t>(j), of_peak, peak.event, of_peak * peak.rise});
  }
  std::ranges::stable_sort(p.starts, [](const auto& a, const auto& b) { return a.time > b.time; });
  p.recurrent.backward(n, p.taus, p.layer_arrivals, p.own, spikes.units(), p.starts,
                       static_cast<std::uint32_t>(in.count(spikes.sample)), gradients,
                       [&](const Arrival<T>& arrival, std::size_t j, T q, T of_time) {
                         if (gradients.weights) gradients.weights[times.who[arrival.event] * n.units + j] += q;
                         times.add(arrival.event, j, of_time);
                       });
}

template class EventEngine<float>;
template class EventEngine<double>;

}  // namespace

template <class T>
std::unique_ptr<Engine<T>> make_event_engine() {
  return std::make_unique<EventEngine<T>>();
}
template std::unique_ptr<Engine<float>> make_event_engine();
template std::unique_ptr<Engine<double>> make_event_engine();

}  // namespace neurarium::eventprop
