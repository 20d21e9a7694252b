// Surrogate gradients against dual numbers: the equations of models/lif/lif.hpp and its readouts written down once more, for numbers that carry
// their own derivatives. A spike's value is the step's; its derivative is the surrogate's. Every dynamics × order × reset, with every
// surrogate and readout among them, to 1e-9.
// Source of the method: Wengert, "A simple automatic derivative evaluation program", CACM 1964.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "neurarium/core/rng.hpp"
#include "neurarium/nn/described_network_test.hpp"

namespace neurarium {
namespace {

constexpr std::size_t most_parameters = 96, samples = 3, steps = 18, inputs = 5, units = 4, classes = 3;
constexpr double dt = 1e-3;

/// A number and its derivatives by all parameters of a network.
struct Dual {
  double value = 0;
  std::array<double, most_parameters> slope{};
  Dual(double x = 0) : value(x) {}  // NOLINT(google-explicit-constructor): constants are numbers, too
};
/// f(a, b), whose derivatives there are by_a and by_b.
Dual of_two(double value, const Dual& a, double by_a, const Dual& b, double by_b) {
  Dual result(value);
  for (std::size_t k = 0; k < most_parameters; ++k) result.slope[k] = by_a * a.slope[k] + by_b * b.slope[k];
  return result;
}
Dual operator+(const Dual& a, const Dual& b) { return of_two(a.value + b.value, a, 1, b, 1); }
Dual operator-(const Dual& a, const Dual& b) { return of_two(a.value - b.value, a, 1, b, -1); }
Dual operator*(const Dual& a, const Dual& b) { return of_two(a.value * b.value, a, b.value, b, a.value); }
Dual exp(const Dual& a) { return of_two(std::exp(a.value), a, std::exp(a.value), a, 0); }
Dual log(const Dual& a) { return of_two(std::log(a.value), a, 1 / a.value, a, 0); }
/// exp(−dt/τ) for ln τ.
Dual decay_of(const Dual& log_tau) { return exp(Dual(-dt) * exp(Dual(-1) * log_tau)); }

struct Case {
  std::string dynamics, spike, reset, surrogate, readout;
  bool detached = false;
};

/// The surrogates with the numbers that they have by themselves (nn/surrogate.hpp).
double slope_at(const std::string& surrogate, double x) {
  const double pi = std::numbers::pi;
  if (surrogate == "sigmoid") return 5 / ((1 + std::exp(-5 * x)) * (1 + std::exp(5 * x)));
  if (surrogate == "fast_sigmoid") return 1 / std::pow(1 + 10 * std::abs(x), 2);
  if (surrogate == "arctan") return 1 / (1 + std::pow(pi * x, 2));
  if (surrogate == "triangle") return std::max(0.0, 1 - std::abs(x));
  if (surrogate == "rectangle") return std::abs(x) < 0.5 ? 1 : 0;
  if (surrogate == "gaussian") return std::exp(-x * x / (2 * 0.16)) / (0.4 * std::sqrt(2 * pi));
  if (surrogate == "table")
    return x < -1 || x > 2 ? 0 : x < 0 ? 1 + x : 1 - x / 2;  // lines through (−1, 0), (0, 1), (2, 0)
  return 1;                                                  // straight
}

/// What a network holds, by name, each number with derivative 1 by itself.
class Parameters {
 public:
  explicit Parameters(Model& model) {
    for (const NamedView& parameter : model.parameters()) {
      std::vector<Dual>& numbers = by_name_.emplace_back(parameter.name, std::vector<Dual>()).second;
      for (const double x : parameter.values.as<double>().flat()) {
        numbers.emplace_back(x);
        numbers.back().slope.at(count_++) = 1;
      }
    }
  }
  bool has(const std::string& name) const { return find(name) != nullptr; }
  const Dual& at(const std::string& name, std::size_t i) const { return find(name)->at(i); }
  std::size_t count() const { return count_; }

 private:
  const std::vector<Dual>* find(const std::string& name) const {
    for (const auto& [known, numbers] : by_name_)
      if (known == name) return &numbers;
    return nullptr;
  }
  std::vector<std::pair<std::string, std::vector<Dual>>> by_name_;
  std::size_t count_ = 0;
};

using Course = std::vector<std::vector<Dual>>;  // [steps][units]

/// One layer of units that fire, on one sample.
Course fire(const Case& c, const Parameters& p, const std::string& layer, const Course& x, std::size_t count) {
  const bool late = c.spike == "late", adapts = p.has(layer + ".adaptation"),
             has_synapse = p.has(layer + ".log_tau_synapse");
  const double refractory = c.dynamics == "everything" && !late && layer == "lif1" ? 2 : 0;  // steps
  Course spikes;
  std::vector<Dual> v(count), s(count), i(count), a(count);
  std::vector<double> hold(count, 0);
  for (std::size_t t = 0; t < x.size(); ++t) {
    const std::vector<Dual> before = t == 0 ? std::vector<Dual>(count) : spikes.back();
    std::vector<Dual> now(count);
    for (std::size_t j = 0; j < count; ++j) {
      Dual h = p.has(layer + ".bias") ? p.at(layer + ".bias", j) : Dual();
      for (std::size_t k = 0; k < x[t].size(); ++k) h = h + x[t][k] * p.at(layer + ".weight", k * count + j);
      if (p.has(layer + ".recurrent"))
        for (std::size_t k = 0; k < count; ++k) h = h + before[k] * p.at(layer + ".recurrent", k * count + j);
      i[j] = has_synapse ? decay_of(p.at(layer + ".log_tau_synapse", j)) * i[j] + h : h;
      Dual threshold = p.at(layer + ".threshold", j);
      if (adapts) {
        a[j] = decay_of(p.at(layer + ".log_tau_adaptation", j)) * a[j] + s[j];
        threshold = threshold + p.at(layer + ".adaptation", j) * a[j];
      }
      Dual u = decay_of(p.at(layer + ".log_tau_membrane", j)) * v[j] + i[j];
      const auto spike_of = [&](const Dual& distance) {
        return of_two(distance.value > 0 ? 1 : 0, distance, slope_at(c.surrogate, distance.value), distance, 0);
      };
      now[j] = s[j];
      if (late) {
        s[j] = spike_of(v[j] - threshold);
      } else if (hold[j] > 0) {
        u = v[j], now[j] = s[j] = Dual(), hold[j] -= 1;
      } else {
        now[j] = s[j] = spike_of(u - threshold);
        if (s[j].value > 0) hold[j] = refractory;
      }
      const Dual resets = c.detached ? Dual(now[j].value) : now[j];
      v[j] = c.reset == "zero" ? u * (Dual(1) - resets) : c.reset == "subtract" ? u - threshold * resets : u;
    }
    spikes.push_back(now);
  }
  return spikes;
}

/// The answers to one sample.
std::vector<Dual> answer(const Case& c, const Parameters& p, const Course& x) {
  const Course hidden = fire(c, p, "lif1", x, units);
  std::vector<Dual> out(classes);
  if (c.readout == "count") {
    const Course spikes = fire(c, p, "lif2", hidden, classes);
    for (const auto& step : spikes)
      for (std::size_t j = 0; j < classes; ++j) out[j] = out[j] + step[j];
    return out;
  }
  const std::string layer = "leaky_integrator1";
  const Dual decay = decay_of(p.at(layer + ".log_tau_membrane", 0));
  for (std::size_t j = 0; j < classes; ++j) {
    Dual o, sum, largest(-INFINITY);
    for (std::size_t t = 0; t < steps; ++t) {
      Dual next = decay * o;
      for (std::size_t k = 0; k < units; ++k) next = next + hidden[t][k] * p.at(layer + ".weight", k * classes + j);
      if (c.spike != "late") o = next;
      sum = sum + o;
      if (o.value > largest.value) largest = o;
      if (c.spike == "late" && t + 1 < steps) o = next;
    }
    out[j] = c.readout == "mean"  ? sum * Dual(1.0 / steps)
             : c.readout == "sum" ? sum
             : c.readout == "max" ? largest
                                  : o;
  }
  return out;
}

std::unique_ptr<Model> network(const Case& c, std::uint64_t seed) {
  const std::string common =
      "learn_time_constants = true\nlearn_thresholds = true\nspike = \"" + c.spike + "\"\nreset = \"" + c.reset +
      "\"\ndetach_reset = " + (c.detached ? "true" : "false") + "\nsurrogate = " +
      (c.surrogate == "table" ? "{type = \"table\", x = [-1.0, 0.0, 2.0], slope = [0.0, 1.0, 0.0]}"
                              : "\"" + c.surrogate + "\"") +
      "\n";
  const bool late = c.spike == "late", all = c.dynamics == "everything";
  std::string more;
  if (all || c.dynamics == "cuba") more += "tau_synapse = \"3 ms\"\n";
  if (all || c.dynamics == "recurrent") more += "recurrent = true\nuse_bias = true\n";
  if (!late && (all || c.dynamics == "alif")) more += "adaptation = 0.3\ntau_adaptation = \"20 ms\"\n";
  if (!late && all) more += "refractory = \"2 ms\"\n";
  const std::string readout =
      c.readout == "count"
          ? "[[model.layers]]\ntype = \"lif\"\nunits = 3\n" + common + "[[model.layers]]\ntype = \"spike_count\"\n"
          : "[[model.layers]]\ntype = \"leaky_integrator\"\nunits = 3\nlearn_time_constant = true\nreadout = \"" +
                c.readout + "\"\ninput = \"" + c.spike + "\"\n";
  return described_network(
      "[model]\ntype = \"sequential\"\ninputs = [18, 5]\nloss = \"cross_entropy\"\nscalar = \"float64\"\nseed = " +
      std::to_string(seed) +
      "\n[[model.layers]]\ntype = \"lif\"\nunits = 4\ninitialiser = {type = \"normal\", mean = 0.4, sd = 0.8}\n" +
      common + more + readout);
}

/// The largest number of the gradient.
double expect_gradient_of_dual_numbers(const Case& c, std::uint64_t seed) {
  const auto model = network(c, seed);
  auto& trainable = dynamic_cast<Trainable&>(*model);
  StepSpikes spikes(steps, inputs);
  Array labels(DType::i64, {samples});
  const Parameters p(*model);
  Dual loss;
  double fired = 0;
  for (std::uint32_t i = 0; i < samples; ++i) {
    Course x;
    for (std::uint32_t t = 0; t < steps; ++t) {
      std::vector<StepSpikes::Unit> now;
      auto& here = x.emplace_back(inputs);
      for (std::uint32_t j = 0; j < inputs; ++j)
        if (uniform(Stream(seed, "inputs"), {0, i, t, j}) < 0.4)
          now.push_back(static_cast<StepSpikes::Unit>(j)), here[j] = Dual(1);
      spikes.add_step(now);
    }
    labels.as<std::int64_t>()(i) = i % classes;
    for (const auto& step : fire(c, p, "lif1", x, units))
      for (const Dual& s : step) fired += s.value;
    const std::vector<Dual> z = answer(c, p, x);
    Dual sum;
    for (const Dual& one : z) sum = sum + exp(one);
    loss = loss + log(sum) - z[i % classes];
  }
  EXPECT_GT(fired, 0);
  Tape tape;
  Gradient gradient = make_gradient(*model);
  const Evaluation result = trainable.evaluate_with_gradient({{}, labels, 1, spikes}, {}, tape, gradient);
  EXPECT_NEAR(result.loss, loss.value, 1e-9);
  double largest = 0;
  for (const double slope : loss.slope) largest = std::max(largest, std::abs(slope));
  std::size_t k = 0;
  for (std::size_t n = 0; n < gradient.size(); ++n)
    for (const double found : gradient[n].as<double>().flat())
      EXPECT_NEAR(found, loss.slope[k++], 1e-9 * std::max(1.0, largest)) << model->parameters()[n].name;
  return largest;
}

TEST(LifDualNumbers, EveryDynamicsOrderResetSurrogateAndReadout) {
  const char* const surrogates[] = {"sigmoid",   "fast_sigmoid", "arctan",   "triangle",
                                    "rectangle", "gaussian",     "straight", "table"};
  const char* const readouts[] = {"mean", "sum", "last", "max", "count"};
  std::size_t number = 0, learn = 0;
  for (const std::string dynamics : {"plain", "cuba", "alif", "recurrent", "everything"})
    for (const std::string spike : {"same_step", "late"}) {
      if (dynamics == "alif" && spike == "late") continue;  // refused
      for (const char* reset : {"zero", "subtract", "none"})
        for (const bool detached : {false, true})
          for (const char* readout : readouts) {
            const Case c{dynamics, spike, reset, surrogates[number++ % std::size(surrogates)], readout, detached};
            SCOPED_TRACE(c.dynamics + " " + c.spike + " " + c.reset + " " + c.surrogate + " " + c.readout +
                         (c.detached ? " detached" : ""));
            learn += expect_gradient_of_dual_numbers(c, number) > 1e-3;
            if (testing::Test::HasFailure()) return;  // one says enough
          }
    }
  EXPECT_EQ(number, 270U);
  EXPECT_GT(learn, number * 9 / 10);  // of all, some see nothing: the largest membrane may be the first, 0
}

}  // namespace
}  // namespace neurarium
