// Spikes on a grid and their adjoint: NumPy's numbers (validation/eventprop/write_grid.py), and the plain loops on every instruction set.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "neurarium/core/rng.hpp"
#include "neurarium/interchange/npz.hpp"
#include "neurarium/kernels/eventprop_grid.hpp"
#include "neurarium/kernels/targets.hpp"

namespace neurarium::kernels {
namespace {

void on_every_target(const std::function<void()>& task) {
  for (const std::int64_t target : runnable_targets()) {
    SCOPED_TRACE(target);
    force_target(target);
    task();
  }
  force_target(0);
}

/// A case of grid.npz.
class Case {
 public:
  explicit Case(std::string name) : name_(std::move(name)) {
    static const NamedArrays all = read_npz(std::string(NEURARIUM_SOURCE_DIR) + "/tests/data/eventprop/grid.npz");
    for (const auto& [key, array] : all)
      if (key.starts_with(name_ + "/")) arrays_.emplace(key.substr(name_.size() + 1), &array);
  }
  bool has(const std::string& key) const { return arrays_.contains(key); }
  template <class T>
  std::span<const T> stored(const std::string& key) const {
    return arrays_.at(key)->as<T>().flat();
  }
  template <class T>
  std::vector<T> as(const std::string& key) const {
    const auto from = stored<double>(key);
    return {from.begin(), from.end()};
  }
  GridEvents events(const char* step, const char* unit) const {
    const auto steps = stored<std::uint32_t>(step);
    return {steps.data(), stored<std::uint16_t>(unit).data(), steps.size()};
  }

 private:
  std::string name_;
  std::map<std::string, const Array*> arrays_;
};

/// Rows of `units` numbers with lines of `width`.
template <class T>
Tensor<T> filled_up(const std::vector<T>& numbers, std::size_t units, std::size_t width) {
  const std::size_t rows = numbers.size() / units;
  Tensor<T> lines(Shape{rows, width});
  for (std::size_t i = 0; i < rows; ++i) std::copy_n(numbers.data() + i * units, units, lines.data() + i * width);
  return lines;
}

/// Everything that one sample's forward and backward pass leave.
template <class T>
struct Course {
  GridSpikes<T> own;
  GridPeaks<T> peaks;
  Tensor<T> weights, recurrent;
  std::vector<T> threshold, membrane, synapse, input_times;
};

template <class T>
struct Problem {
  GridUnits<T> units;
  Tensor<T> weights, recurrent;
  GridEvents inputs;
  std::size_t steps = 0;
  std::vector<T> above;
  std::vector<GridKick<T>> kicks;

  explicit Problem(const Case& stored) {
    const auto settings = stored.as<double>("settings");
    const auto threshold = stored.as<T>("threshold");
    units = GridUnits<T>(stored.as<T>("membrane"), stored.as<T>("synapse"), threshold, settings[0],
                         static_cast<T>(settings[2]));
    steps = static_cast<std::size_t>(settings[1]);
    weights = filled_up(stored.as<T>("weights"), threshold.size(), units.width());
    if (stored.has("recurrent")) recurrent = filled_up(stored.as<T>("recurrent"), threshold.size(), units.width());
    inputs = stored.events("input_step", "input_unit");
    above = stored.as<T>("above");
  }
  GridWeights<T> weights_view() const { return {weights.data(), recurrent.size() ? recurrent.data() : nullptr}; }
  Course<T> run(bool plain, GridScratch<T>& scratch) const {
    Course<T> c;
    c.own.with_derivatives = true;
    if (plain) reference::grid_forward(units, weights_view(), inputs, steps, std::size_t{100'000}, c.own, &c.peaks);
    else EXPECT_TRUE(grid_forward(units, weights_view(), inputs, steps, 1 << 20, c.own, &c.peaks, scratch));
    const std::size_t spikes = c.own.step.size(), width = units.width();
    if (spikes != above.size()) return c;
    c.weights = Tensor<T>(weights.shape()), c.recurrent = Tensor<T>(Shape{width, width});
    for (auto* line : {&c.threshold, &c.membrane, &c.synapse}) line->resize(width);
    c.input_times.assign(inputs.count, T{7});
    const GridOwn<T> own{c.own.events(0, spikes), c.own.slope.data(), c.own.by_membrane.data(),
                         c.own.by_synapse.data(), above.data(),       kicks};
    const GridGradient<T> gradient{c.weights.data(),  c.recurrent.data(), c.threshold.data(),
                                   c.membrane.data(), c.synapse.data(),   c.input_times.data()};
    if (plain) reference::grid_backward(units, weights_view(), inputs, steps, own, gradient);
    else grid_backward(units, weights_view(), inputs, steps, own, gradient, scratch);
    return c;
  }
};

const char* const cases[] = {"feedforward", "closed_form", "recurrent", "fine", "equal", "nearly_equal", "long"};

/// |found − expected| ≤ tolerance · the largest |expected|.
template <class T>
void expect_near(std::span<const T> found, std::span<const double> expected, double tolerance, const char* what) {
  double most = 0, worst = 0;
  for (const double x : expected) most = std::max(most, std::abs(x));
  for (std::size_t i = 0; i < expected.size(); ++i) worst = std::max(worst, std::abs(found[i] - expected[i]));
  EXPECT_GT(most, 0) << what;
  EXPECT_LE(worst, tolerance * most) << what;
}

template <class T>
void expect_stored_numbers(bool plain, double tolerance) {
  for (const char* name : cases) {
    SCOPED_TRACE(name);
    const Case stored(name);
    const Problem<T> problem(stored);
    GridScratch<T> scratch;
    const Course<T> c = problem.run(plain, scratch);
    ASSERT_TRUE(std::ranges::equal(c.own.step, stored.stored<std::uint32_t>("step")));
    ASSERT_TRUE(std::ranges::equal(c.own.unit, stored.stored<std::uint16_t>("unit")));
    const std::size_t units = problem.units.units(), width = problem.units.width();
    const auto rows = [&](const Tensor<T>& lines, std::size_t count) {
      std::vector<T> all;
      for (std::size_t i = 0; i < count; ++i)
        all.insert(all.end(), lines.data() + i * width, lines.data() + i * width + units);
      return all;
    };
    const auto compare = [&](const std::vector<T>& found, const char* key) {
      expect_near<T>(found, stored.stored<double>(key), tolerance, key);
    };
    compare(c.own.slope, "slope");
    compare(rows(c.weights, c.weights.shape()[0]), "dweights");
    if (stored.has("recurrent")) compare(rows(c.recurrent, units), "drecurrent");
    compare(c.threshold, "dthreshold"), compare(c.membrane, "dmembrane"), compare(c.synapse, "dsynapse");
    compare(c.input_times, "dinputs");
  }
}

TEST(EventpropGrid, IsTheAdjointThatNumPyFinds) {
  expect_stored_numbers<double>(true, 1e-10);
  on_every_target([] { expect_stored_numbers<double>(false, 1e-10); });
}

TEST(EventpropGrid, FloatIsNearDouble) { expect_stored_numbers<float>(false, 1e-3); }

template <class T>
class EventpropGridOf : public testing::Test {};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(EventpropGridOf, Scalars);

template <class T>
bool same(const Course<T>& a, const Course<T>& b) {
  const auto equal = [](const Tensor<T>& x, const Tensor<T>& y) { return std::ranges::equal(x.flat(), y.flat()); };
  return a.own.step == b.own.step && a.own.unit == b.own.unit && a.own.slope == b.own.slope &&
         a.own.by_membrane == b.own.by_membrane && a.own.by_synapse == b.own.by_synapse &&
         a.peaks.potential == b.peaks.potential && a.peaks.step == b.peaks.step &&
         a.peaks.by_membrane == b.peaks.by_membrane && a.peaks.by_synapse == b.peaks.by_synapse &&
         equal(a.weights, b.weights) && equal(a.recurrent, b.recurrent) && a.threshold == b.threshold &&
         a.membrane == b.membrane && a.synapse == b.synapse && a.input_times == b.input_times;
}

TYPED_TEST(EventpropGridOf, HasTheBitsOfThePlainLoopsOnEveryInstructionSet) {
  using T = TypeParam;
  GridScratch<T> scratch;  // one for all: nothing of the sample before may be left
  for (const char* name : cases) {
    SCOPED_TRACE(name);
    Problem<T> problem{Case(name)};
    for (std::uint16_t unit = 0; unit < 7; unit = static_cast<std::uint16_t>(unit + 3))
      problem.kicks.push_back({10U * (unit + 1U), unit, T{0.5}});
    const Course<T> plain = problem.run(true, scratch);
    ASSERT_EQ(plain.own.step.size(), problem.above.size());
    on_every_target([&] { EXPECT_TRUE(same(problem.run(false, scratch), plain)); });
  }
}

// A kick is ∂E/∂V: of E = V at a step it gives what V depends on, linearly, as long as nobody spikes.
TEST(EventpropGrid, AKickGivesTheSlopeOfAPotential) {
  const std::vector<double> membrane{20e-3, 9e-3}, synapse{5e-3, 9e-3}, threshold{1, 1};
  const GridUnits<double> units(membrane, synapse, threshold, 1e-3, 0.01);
  const std::vector<std::uint32_t> step{2, 5, 5, 30};
  const std::vector<std::uint16_t> unit{0, 1, 1, 0};
  const GridEvents inputs{step.data(), unit.data(), 4};
  Tensor<double> weights(Shape{2, units.width()});
  weights(0, 0) = 0.3, weights(0, 1) = 0.2, weights(1, 0) = 0.4, weights(1, 1) = 0.25;
  GridScratch<double> scratch;
  GridSpikes<double> none;
  GridPeaks<double> peaks;
  ASSERT_TRUE(grid_forward<double>(units, {weights.data()}, inputs, 12, 9, none, &peaks, scratch));
  ASSERT_EQ(none.step.size(), 0U);
  Tensor<double> gradient(weights.shape());
  std::vector<double> by_time(4);
  const std::vector<GridKick<double>> kicks{{12, 0, -1 / membrane[0]}, {12, 1, -1 / membrane[1]}};
  grid_backward<double>(units, {weights.data()}, inputs, 12, {{}, nullptr, nullptr, nullptr, nullptr, kicks},
                        {gradient.data(), nullptr, nullptr, nullptr, nullptr, by_time.data()}, scratch);
  const auto response = [](double t) { return (std::exp(-t / 20e-3) - std::exp(-t / 5e-3)) / 3; };
  const auto equal_taus = [](double t) { return t / 9e-3 * std::exp(-t / 9e-3); };
  EXPECT_NEAR(gradient(0, 0), response(10e-3), 1e-15);
  EXPECT_NEAR(gradient(1, 0), 2 * response(7e-3), 1e-15);
  EXPECT_NEAR(gradient(0, 1), equal_taus(10e-3), 1e-15);
  EXPECT_NEAR(gradient(1, 1), 2 * equal_taus(7e-3), 1e-15);
  const double slope = (std::exp(-0.5) / 20e-3 - std::exp(-2.0) / 5e-3) / 3;  // of response, at 10 ms
  const double other = std::exp(-10.0 / 9) * (1 / 9e-3 - 10e-3 / (9e-3 * 9e-3));
  EXPECT_NEAR(by_time[0], 0.3 * slope - 0.2 * other, 1e-12);
  EXPECT_EQ(by_time[3], 0);
}

TEST(EventpropGrid, EndsWhereThereAreMoreSpikesThanAllowed) {
  const Problem<double> problem{Case("recurrent")};
  GridScratch<double> scratch;
  GridSpikes<double> own;
  EXPECT_FALSE(grid_forward(problem.units, problem.weights_view(), problem.inputs, problem.steps, 20, own,
                            static_cast<GridPeaks<double>*>(nullptr), scratch));
  EXPECT_GT(own.step.size(), 20U);
  EXPECT_LT(own.step.size(), 20U + problem.units.units() + 1);
}

}  // namespace
}  // namespace neurarium::kernels
