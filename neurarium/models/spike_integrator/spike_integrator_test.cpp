// All readouts and their gradients beside quadrature, search and central differences (validation/eventprop/write_readouts.py);
// and what closed forms lose if they are not taken care of.
#include "neurarium/models/spike_integrator/spike_integrator.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/interchange/npz.hpp"
#include "neurarium/nn/described_network_test.hpp"

namespace neurarium {
namespace {

const Array& stored(const std::string& key) {
  static const NamedArrays all = read_npz(std::string(NEURARIUM_SOURCE_DIR) + "/tests/data/eventprop/readouts.npz");
  for (const auto& [name, array] : all)
    if (name == key) return array;
  throw InternalError("no array " + key);
}

/// The weights are given.
std::shared_ptr<const Initialiser> unused_initialiser() {
  struct Unused : Initialiser {
    void fill(std::span<double>, std::size_t, std::size_t, const Stream&) const override {
      FAIL() << "weights are given";
    }
  };
  return std::make_shared<Unused>();
}

template <class T>
void expect_near(std::span<const T> found, const Array& expected, double tolerance, const char* what) {
  const Tensor<double> numbers = to_tensor<double>(expected.view());
  ASSERT_EQ(found.size(), numbers.size()) << what;
  double scale = 1e-12;
  for (const double x : numbers.flat()) scale = std::max(scale, std::abs(x));
  for (std::size_t i = 0; i < numbers.size(); ++i)
    EXPECT_NEAR(static_cast<double>(found[i]), numbers.flat()[i], tolerance * scale) << what << '[' << i << ']';
}

class ReadoutBesideScipy : public testing::TestWithParam<std::tuple<std::string, std::string>> {
 protected:
  // The same sample three times, the one in the middle without a spike.
  template <class T>
  void check(double tolerance) const {
    const auto& [readout, taus] = GetParam();
    const std::string name = readout + "." + taus + "/";
    SpikeIntegratorParams params;
    const auto weights = stored(name + "weights");
    params.units = static_cast<std::int64_t>(weights.shape()[1]);
    params.tau_membrane = stored(name + "tau").as<double>()(0),
    params.tau_synapse = stored(name + "tau").as<double>()(1);
    // Those whose name says how have a time constant of their own.
    const std::size_t kind = readout.find("weighted_");
    params.readout = kind == std::string::npos ? readout : readout.substr(0, kind + std::string("weighted").size());
    if (kind != std::string::npos || readout == "input_weighted")
      params.tau_weight = stored(name + "tau_weight").as<double>().data()[0];
    params.dt = stored("dt").as<double>().data()[0], params.steps = 9;
    params.gain = 3, params.learn_time_constants = true;
    params.weights.array = std::make_shared<Array>(weights);
    SpikeIntegrator<T> layer(params, unused_initialiser());
    const Shape entry = layer.build({weights.shape()[0]}, "readout", 0);
    Activity<T> in, out, slope, back;
    SpikeTimes<T>& spikes = in.make_times(3, weights.shape()[0], stored("duration").as<double>().data()[0]);
    const auto times = stored(name + "times").as<double>().flat();
    const auto units = stored(name + "units").as<std::int64_t>().flat();
    for (int i = 0; i < 3; ++i) {
      for (std::size_t k = 0; k < times.size() && i != 1; ++k)
        spikes.add(static_cast<T>(times[k]), static_cast<typename SpikeTimes<T>::Unit>(units[k]));
      spikes.end_sample();
    }
    Tape tape;
    layer.forward(in, out, {}, tape);
    ASSERT_EQ(out.shape(), entry.with_leading(3));
    const std::size_t size = entry.elements();
    std::vector<T> per_gain(out.dense().flat().begin(), out.dense().flat().end());
    for (T& x : per_gain) x /= 3;
    expect_near<T>(std::span(per_gain).first(size), stored(name + "answer"), tolerance, "answer");
    expect_near<T>(std::span(per_gain).last(size), stored(name + "answer"), tolerance, "answer of the third sample");
    for (std::size_t e = size; e < 2 * size; ++e) EXPECT_EQ(per_gain[e], T{0});
    // ∂/∂ of the third sample's answer only: gain 3 and cotangent / 3 leave what is stored
    const View<T> given = slope.make_dense(out.shape());
    std::ranges::fill(given.flat(), T{0});
    const auto cotangent = stored(name + "cotangent").as<double>().flat();
    for (std::size_t e = 0; e < size; ++e) given.flat()[2 * size + e] = static_cast<T>(cotangent[e] / 3);
    Tensor<T> of_weight(weights.shape()), of_membrane(Shape{1}), of_synapse(Shape{1});
    const std::vector<View<T>> gradient = {of_weight.view(), of_membrane.view(), of_synapse.view()};
    layer.backward(slope, &back, tape, gradient);
    expect_near<T>(std::as_const(of_weight).flat(), stored(name + "of_weights"), tolerance, "∂/∂W");
    const std::vector<T> of_tau = {of_membrane(0), of_synapse(0)};
    expect_near<T>(of_tau, stored(name + "of_log_tau"), tolerance, "∂/∂ln τ");
    const auto of_times = std::as_const(back).per_event();
    expect_near<T>(of_times.last(times.size()), stored(name + "of_times"), tolerance, "∂/∂t");
    for (const T g : of_times.first(times.size())) EXPECT_EQ(g, T{0});
  }
};

TEST_P(ReadoutBesideScipy, InDouble) { check<double>(2e-9); }
TEST_P(ReadoutBesideScipy, InFloat) { check<float>(2e-5); }

INSTANTIATE_TEST_SUITE_P(SpikeIntegrator, ReadoutBesideScipy,
                         testing::Combine(testing::Values("mean", "sum", "weighted", "weighted_slowly", "last", "max",
                                                          "trace", "linear_weighted", "sigmoid_weighted",
                                                          "sigmoid_weighted_steeply", "input_weighted"),
                                          testing::Values("usual", "equal", "slow_synapse")),
                         [](const auto& p) { return std::get<0>(p.param) + "_" + std::get<1>(p.param); });

// A spike may come in halves, at one time: nothing changes, and both together have the gradient of the whole.
TEST(SpikeIntegrator, SpikesOfOneTimeAddUp) {
  for (const char* readout :
       {"mean", "sum", "weighted", "linear_weighted", "sigmoid_weighted", "last", "max", "trace"}) {
    const auto run = [&](std::size_t parts) {
      SpikeIntegratorParams params;
      params.readout = readout, params.units = 2, params.steps = 7, params.dt = 9e-3;
      Array weights(DType::f64, {3 * parts, 2});
      const std::vector<double> rows = {1, -0.5, 2, 1.5, -3, -1};  // the third ends rises
      for (std::size_t i = 0; i < 3 * parts; ++i)
        for (std::size_t j = 0; j < 2; ++j)
          weights.as<double>()(i, j) = rows[2 * (i / parts) + j] / static_cast<double>(parts);
      params.weights.array = std::make_shared<Array>(weights);
      SpikeIntegrator<double> layer(params, unused_initialiser());
      layer.build({3 * parts}, "readout", 0);
      Activity<double> in, out, slope, back;
      SpikeTimes<double>& spikes = in.make_times(1, 3 * parts, 0.06);
      for (const auto& [time, unit] : {std::pair(0.01, 0), {0.02, 1}, {0.022, 2}, {0.04, 0}})
        for (std::size_t part = 0; part < parts; ++part)
          spikes.add(time, static_cast<SpikeTimes<double>::Unit>(parts * static_cast<std::size_t>(unit) + part));
      spikes.end_sample();
      Tape tape;
      layer.forward(in, out, {}, tape);
      const auto given = slope.make_dense(out.shape()).flat();
      for (std::size_t e = 0; e < given.size(); ++e) given[e] = 1 / (static_cast<double>(e) + 1);
      Tensor<double> of_weight(weights.shape());
      const std::vector<View<double>> gradient = {of_weight.view()};
      layer.backward(slope, &back, tape, gradient);
      std::vector<double> found(out.dense().flat().begin(), out.dense().flat().end());
      for (std::size_t k = 0; k < 4; ++k) {
        double sum = 0;
        for (std::size_t part = 0; part < parts; ++part) sum += back.per_event()[k * parts + part];
        found.push_back(sum);
      }
      for (std::size_t i = 0; i < 6; ++i) found.push_back(of_weight(parts * (i / 2), i % 2));
      return found;
    };
    const auto whole = run(1), halves = run(2), thirds = run(3);
    for (std::size_t e = 0; e < whole.size(); ++e) {
      EXPECT_NEAR(halves[e], whole[e], 1e-12 * std::max(1.0, std::abs(whole[e]))) << readout << ' ' << e;
      EXPECT_NEAR(thirds[e], whole[e], 1e-12 * std::max(1.0, std::abs(whole[e]))) << readout << ' ' << e;
    }
  }
}

// On a grid a spike of step s is a spike at start + s dt: the same answers and gradients of parameters; and the gradient at its input
// is what one more spike would do, at every step.
TEST(SpikeIntegrator, SpikesOnAGridAreSpikesAtTheirTimes) {
  constexpr std::size_t steps = 20, inputs = 3;
  constexpr double dt = 2e-3, start = 3e-3, duration = 40e-3;
  const std::vector<std::pair<std::size_t, std::uint16_t>> events = {{0, 1}, {2, 0}, {2, 2}, {9, 2}, {15, 0}, {19, 1}};
  for (const char* readout : {"mean", "sum", "weighted", "linear_weighted", "sigmoid_weighted", "last"}) {
    SCOPED_TRACE(readout);
    SpikeIntegratorParams params;
    params.readout = readout, params.units = 2, params.gain = 3, params.dt = dt, params.start = start;
    params.learn_time_constants = true;
    Array weights(DType::f64, {inputs, 2});
    const std::vector<double> numbers = {1, -0.5, 2, 1.5, -3, -1};
    std::ranges::copy(numbers, weights.as<double>().data());
    params.weights.array = std::make_shared<Array>(weights);
    struct Found {
      std::vector<double> answer, of_parameters;
      Activity<double> of_input;
    };
    const auto run = [&](const Shape& entry, Activity<double>& in) {
      SpikeIntegrator<double> layer(params, unused_initialiser());
      layer.build(entry, "readout", 0);
      EXPECT_EQ(layer.takes_times(), entry.axes() == 1);
      EXPECT_EQ(layer.takes_spikes(), entry.axes() == 2);
      Activity<double> out, slope;
      Tape tape;
      layer.forward(in, out, {}, tape);
      const auto given = slope.make_dense(out.shape()).flat();
      for (std::size_t e = 0; e < given.size(); ++e) given[e] = 1 / (static_cast<double>(e) + 1);
      Tensor<double> of_weight(weights.shape()), of_membrane(Shape{1}), of_synapse(Shape{1});
      const std::vector<View<double>> gradient = {of_weight.view(), of_membrane.view(), of_synapse.view()};
      Found found;
      layer.backward(slope, &found.of_input, tape, gradient);
      found.answer.assign(out.dense().flat().begin(), out.dense().flat().end());
      found.of_parameters.assign(of_weight.flat().begin(), of_weight.flat().end());
      found.of_parameters.insert(found.of_parameters.end(), {of_membrane(0), of_synapse(0)});
      return found;
    };
    // Two samples, the second without its first spike, as times, as events and as numbers.
    Activity<double> times, spikes, dense;
    SpikeTimes<double>& at = times.make_times(2, inputs, duration);
    StepSpikes& on_grid = spikes.make_spikes(2, steps, inputs);
    const View<double> counts = dense.make_dense({2, steps, inputs});
    std::ranges::fill(counts.flat(), 0.0);
    for (std::size_t i = 0; i < 2; ++i) {
      for (std::size_t s = 0; s < steps; ++s) {
        std::vector<std::uint16_t> now;
        for (std::size_t e = i; e < events.size(); ++e)
          if (events[e].first == s) now.push_back(events[e].second);
        for (const std::uint16_t unit : now)
          at.add(start + static_cast<double>(s) * dt, unit), counts(i, s, std::size_t{unit}) = 1;
        on_grid.add_step(now);
      }
      at.end_sample();
    }
    const Found by_times = run({inputs}, times), by_events = run({steps, inputs}, spikes),
                by_numbers = run({steps, inputs}, dense);
    for (const Found* found : {&by_events, &by_numbers}) {
      for (std::size_t e = 0; e < by_times.answer.size(); ++e) EXPECT_NEAR(found->answer[e], by_times.answer[e], 1e-14);
      for (std::size_t e = 0; e < by_times.of_parameters.size(); ++e)
        EXPECT_NEAR(found->of_parameters[e], by_times.of_parameters[e], 1e-12 * std::abs(by_times.of_parameters[e]));
    }
    // One more spike changes answers by what the gradient says: they are linear in the counts.
    const View<const double> slopes = std::as_const(by_numbers.of_input).dense();
    ASSERT_EQ(by_events.of_input.layout(), Layout::product);
    for (std::size_t s = 0; s < steps; ++s)
      for (std::size_t j = 0; j < inputs; ++j) {
        counts(1, s, j) += 1;
        const Found more = run({steps, inputs}, dense);
        counts(1, s, j) -= 1;
        double change = 0;
        for (std::size_t u = 0; u < 2; ++u)
          change += (more.answer[2 + u] - by_numbers.answer[2 + u]) / static_cast<double>(3 + u);
        EXPECT_NEAR(slopes(1, s, j), change, 1e-12 * (1 + std::abs(change))) << s << ' ' << j;
        EXPECT_NEAR(by_events.of_input.product()(1, j) * by_events.of_input.factors()[s], change,
                    1e-12 * (1 + std::abs(change)));
      }
  }
}

// The course of a weight by input has a jump at each spike; with one spike it is a weight e^(−t/τ) that begins there.
TEST(SpikeIntegrator, OneSpikeWeighsItselfByItsOwnDecay) {
  const TimeConstants tau{0.02, 0.005};
  const double t = 0.013, duration = 0.06, decay = 0.008;
  const InputCourse course(tau, decay, duration);
  const std::vector<double> times{t}, weights{1.5};
  std::vector<Response> answers;
  course.answers(times, answers);
  EXPECT_NEAR(answers[0].value, integral(tau, 1 / decay, duration - t).value, 1e-16);
  std::vector<double> by_weight;
  course.by_weight(times, weights, by_weight);
  // It moves as a whole, so only the end of the trial changes: minus what is gathered last.
  EXPECT_NEAR(1.5 * answers[0].slope + by_weight[0], -1.5 * integral(tau, 1 / decay, duration - t).slope, 1e-13);
}

// τm = τs is no special case: near it, nothing jumps.
TEST(SpikeIntegrator, ClosedFormsAreSmoothWhereTimeConstantsMeet) {
  const double u = 0.013;
  const auto all = [&](double synapse) {
    const TimeConstants tau{0.01, synapse};
    return std::array{potential(tau, u).value,
                      potential(tau, u).slope,
                      potential_by_tau(tau, u).of_log_membrane,
                      potential_by_tau(tau, u).of_log_synapse,
                      integral(tau, 30, u).value,
                      integral(tau, 30, u).slope,
                      integral_by_tau(tau, 30, u).of_log_membrane,
                      integral_by_tau(tau, 30, u).of_log_synapse,
                      time_to_peak(tau, 0.3, 1.1)};
  };
  const auto at = all(0.01);
  EXPECT_NEAR(at[0], 1.3 * std::exp(-1.3), 1e-15);
  for (const double change : {1e-15, 1e-12, 1e-9, 1e-7, 1e-3, 0.076, 0.0775}) {
    const auto above = all(0.01 * (1 + change)), below = all(0.01 / (1 + change));
    for (std::size_t i = 0; i < at.size(); ++i)  // the mean of both is second order in the change
      EXPECT_NEAR((above[i] + below[i]) / 2, at[i], (1e-13 + 2 * change * change) * std::max(std::abs(at[i]), 0.01))
          << i << " at " << change;
  }
  EXPECT_NEAR(time_to_peak({0.02, 0.005}, 0, 1), std::log(4.0) / 150, 1e-15);
  EXPECT_LT(time_to_peak({0.02, 0.005}, 1, 0.5), 0);    // it falls
  EXPECT_LT(time_to_peak({0.02, 0.005}, -1, -0.5), 0);  // it rises, to 0
  EXPECT_LT(time_to_peak({0.02, 0.005}, -3, 0.5), 0);   // too little
}

TEST(SpikeIntegrator, LongTrialsWithShortTimeConstantsStayFinite) {
  for (const TimeConstants tau :
       {TimeConstants{1e-3, 0.5e-3}, TimeConstants{0.5e-3, 1e-3}, TimeConstants{1e-3, 1e-3}}) {
    const double u = 100;
    EXPECT_EQ(potential(tau, u).value, 0);
    EXPECT_NEAR(integral(tau, 0, u).value, tau.synapse, 1e-18);  // all of a spike's charge
    EXPECT_NEAR(integral_by_tau(tau, 0, u).of_log_synapse, tau.synapse, 1e-17);
    EXPECT_NEAR(integral_by_tau(tau, 0, u).of_log_membrane, 0, 1e-17);
    EXPECT_EQ(potential_by_tau(tau, u).of_log_membrane, 0);
  }
}

TEST(SpikeIntegrator, RefusesOtherEntriesAndTimeConstantsThatGotLost) {
  EXPECT_THROW(described_network("[model]\ntype = \"sequential\"\ninputs = [3, 2, 2]\n[[model.layers]]\ntype = "
                                 "\"spike_integrator\"\n"),
               Error);
  SpikeIntegratorParams params;
  params.learn_time_constants = true, params.units = 1;
  params.weights.array = std::make_shared<Array>(DType::f64, Shape{1, 1});
  SpikeIntegrator<float> layer(params, unused_initialiser());
  EXPECT_THROW(layer.build({3, 2, 2}, "readout", 0), ShapeError);
  for (const char* readout : {"max", "trace"}) {
    params.readout = readout;
    EXPECT_THROW(SpikeIntegrator<float>(params, unused_initialiser()).build({3, 1}, "readout", 0), SpecError);
  }
  layer.build({1}, "readout", 0);
  layer.parameters()[2]->value(0) = NAN;
  Activity<float> in, out;
  in.make_times(1, 1, 0.1).end_sample();
  Tape tape;
  EXPECT_THROW(layer.forward(in, out, {}, tape), NumericError);
}

}  // namespace
}  // namespace neurarium
