// The grid against the founding notebook's printed digits, and against its loops in plain Python.
#include "neurarium/studies/eventprop/grid_cell.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/studies/eventprop/numpy_ways.hpp"
#include "neurarium/studies/eventprop/stored_anatomy_test.hpp"

namespace neurarium::anatomy {
namespace {

std::vector<std::size_t> steps_of(const std::vector<double>& times, double dt) {
  std::vector<std::size_t> steps;
  for (const double t : times) steps.push_back(static_cast<std::size_t>(std::llround(t / dt)));
  return steps;
}

std::vector<double> drives(const OutputLoss& loss, const CellTrace& trace) {
  std::vector<double> all;
  for (const double v : trace.v) all.push_back(loss.drive(v));
  return all;
}

/// Equal to the shortest digits that read back as each: to 1e-15 of it.
void expect_digits(double found, double printed, double relative = 1e-15) {
  EXPECT_NEAR(found, printed, relative * std::abs(printed));
}

TEST(EventpropGrid, TheNotebooksPrintedDigits) {
  const std::vector<std::size_t> spikes = {100, 150};
  const GridCell cell{{20, 5}, 1, corrected_jump(1, 5, 1)};
  const CellTrace trace = forward(cell, 1400, spikes);
  expect_digits(pairwise_mean(trace.v), 0.0064685114737184106);
  expect_digits(pairwise_mean(trace.i), 0.007142857142857143);
  const LambdaTrace lambda = euler_adjoint(cell, drives({}, trace));
  const std::vector<double> read = at_spikes(lambda, spikes);
  EXPECT_NEAR(read[0], 3.02033966e-04, 5e-13);
  EXPECT_NEAR(read[1], 5.71670902e-05, 5e-14);
  expect_digits(read[0] + read[1], 0.00035920105593634233);
  EXPECT_EQ(read[0], lambda.v[1299] - lambda.i[1299]);
  EXPECT_EQ(read[1], lambda.v[1249] - lambda.i[1249]);
}

TEST(EventpropGrid, TheNotebooksPrintedDigitsOfTheFineStep) {
  const GridCell cell{{20, 5}, 0.01, corrected_jump(1, 5, 0.01)};
  const std::vector<std::size_t> spikes = {10000, 15000};
  const CellTrace trace = forward(cell, 140000, spikes);
  expect_digits(pairwise_mean(trace.v), 0.007135718450596187, 1e-12);
  expect_digits(pairwise_mean(trace.i), 0.0071428571428571435, 1e-12);
}

TEST(EventpropGrid, TheNotebooksIntegralLossAndEpsp) {
  const LambdaTrace lambda = euler_adjoint_of_integral({}, 1400);
  double sum = 0;
  for (std::size_t k = 0; k < 1400; ++k) sum += lambda.difference(k);
  expect_digits(sum, 5.000000000000002);
  // The prototype's peak, and the order of the first cell, larger by e^(1/5).
  GridCell cell{{20, 5}, 1, 10, true};
  const std::vector<std::size_t> spike = {100};
  const CellTrace before = forward(cell, 1400, spike);
  cell.spikes_come_before_decay = false;
  const CellTrace after = forward(cell, 1400, spike);
  EXPECT_NEAR(before.v[109], 1.289034978, 5e-10);
  EXPECT_GT(before.v[109], std::max(before.v[108], before.v[110]));
  for (std::size_t n = 0; n < 1400; ++n) EXPECT_NEAR(before.v[n], after.v[n] * std::exp(-0.2), 1e-15);
}

TEST(EventpropGrid, IsTheNotebooksLoopsInPlainPython) {
  const StoredAnatomy stored;
  for (const std::string name : {"notebook", "fine", "negative", "wrong", "slow-synapse", "equal"}) {
    SCOPED_TRACE(name);
    const std::string key = "grid/" + name;
    const std::vector<double> s = stored.numbers(key), means = stored.numbers(key + "/means");
    const double dt = s[3], tolerance = name == "equal" ? 1e-12 : 1e-14;
    const GridCell cell{{s[0], s[1]}, dt, corrected_jump(s[2], s[1], dt), s[7] == 1};
    const std::vector<std::size_t> spikes = steps_of(stored.numbers(key + "/spikes"), dt);
    const CellTrace trace = forward(cell, static_cast<std::size_t>(std::llround(s[4] / dt)), spikes);
    EXPECT_NEAR(pairwise_mean(trace.v), means[0], tolerance * std::abs(means[0]));
    EXPECT_NEAR(pairwise_mean(trace.i), means[1], tolerance * std::abs(means[1]));
    const LambdaTrace lambda = euler_adjoint(cell, drives({static_cast<std::size_t>(s[5]), s[6] == 1}, trace));
    const std::vector<double> read = at_spikes(lambda, spikes), expected = stored.numbers(key + "/lambda");
    ASSERT_EQ(read.size(), expected.size());
    for (std::size_t k = 0; k < read.size(); ++k) EXPECT_NEAR(read[k], expected[k], tolerance);
    const auto traces = stored.array(key + "/trace").as<double>();
    const auto stride = static_cast<std::size_t>(std::llround(10 / dt));
    for (std::size_t row = 0; row < traces.shape()[0]; ++row) {
      const std::size_t n = row * stride;
      EXPECT_NEAR(trace.v[n], traces(row, 0), tolerance);
      EXPECT_NEAR(trace.i[n], traces(row, 1), tolerance);
      EXPECT_NEAR(lambda.v[n], traces(row, 2), tolerance);
      EXPECT_NEAR(lambda.i[n], traces(row, 3), tolerance);
    }
  }
}

TEST(EventpropGrid, VoltageIsExactForTheJumpThatItGets) {
  const std::vector<std::size_t> spikes = {3, 40, 41};
  const GridCell cell{{20, 5}, 0.5, -1.5};
  const CellTrace trace = forward(cell, 400, spikes);
  for (std::size_t n = 0; n < 400; ++n) {
    double v = 0;
    for (const std::size_t spike : spikes)
      if (spike < n) v += -1.5 * (std::exp(-0.5 * double(n - spike) / 20) - std::exp(-0.5 * double(n - spike) / 5)) / 3;
    EXPECT_NEAR(trace.v[n], v, 1e-14);
  }
}

TEST(EventpropGrid, NearTheLimitOfEqualTimeConstantsNothingJumps) {
  const std::vector<std::size_t> spikes = {5};
  const CellTrace at = forward({{8, 8}, 1, 1}, 60, spikes);
  for (const double apart : {1e-4, 1.1e-6, 0.9e-6, 1e-9, 1e-13}) {
    const CellTrace near = forward({{8 * (1 + apart), 8}, 1, 1}, 60, spikes);
    for (std::size_t n = 0; n < 60; ++n) EXPECT_NEAR(near.v[n], at.v[n], apart + 1e-8);
  }
}

TEST(EventpropGrid, CorrectedJumpKeepsTheSumOfI) {
  for (const double dt : {2., 1., 0.1, 0.01}) {
    const std::vector<std::size_t> spikes = {0};
    const CellTrace trace =
        forward({{20, 5}, dt, corrected_jump(-3, 5, dt)}, static_cast<std::size_t>(400 / dt), spikes);
    double sum = 0;
    for (const double i : trace.i) sum += i * dt;
    EXPECT_NEAR(sum, -15, 1e-10);
  }
}

}  // namespace
}  // namespace neurarium::anatomy
