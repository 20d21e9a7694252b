// Against the formulas, cell by cell, and the same bits on every instruction set that this processor has.
#include "neurarium/kernels/raised_sine.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "neurarium/core/errors.hpp"
#include "neurarium/core/rng.hpp"
#include "neurarium/kernels/targets.hpp"

namespace neurarium::kernels {
namespace {

class RaisedSine : public testing::Test {
 protected:
  void TearDown() override { force_target(0); }
  void make(std::size_t cells) {
    phase.resize(cells), least.resize(cells), sines.clear(), cosines.clear();
    fill_uniform(Stream(1, "phase"), {}, -4, 4, phase);
    fill_uniform(Stream(1, "least"), {}, 0, 0.2, least);
    for (const double x : phase) sines.push_back(std::sin(x)), cosines.push_back(std::cos(x));
  }
  std::vector<double> raised(double angle, double scale, double power) const {
    std::vector<double> p(phase.size(), NAN);
    raised_sines(std::sin(angle), std::cos(angle), sines, cosines, scale, power, least, p);
    return p;
  }
  std::vector<double> phase, least, sines, cosines;
};

TEST_F(RaisedSine, IsItsFormulaWithTheSameBitsEverywhere) {
  for (const std::size_t cells : {1u, 7u, 64u, 201u}) {
    make(cells);
    for (const double power : {0.0, 1.0, 2.0, 3.0, 16.0, 17.0, 0.5, 2.5}) {
      force_target(0);
      const auto p = raised(0.7, 0.75, power);
      for (std::size_t i = 0; i < cells; ++i)
        ASSERT_NEAR(p[i], least[i] + 0.75 * std::pow(0.5 * (1 + std::sin(0.7 + phase[i])), power), 1e-14)
            << power << " " << i;
      for (const std::int64_t target : runnable_targets()) {
        force_target(target);
        ASSERT_EQ(raised(0.7, 0.75, power), p) << cells << " cells, power " << power << ", target " << target;
      }
    }
  }
}

TEST_F(RaisedSine, StaysAProbability) {
  make(64);
  for (double& x : phase) x = 0;
  for (std::size_t i = 0; i < 64; ++i) sines[i] = 0, cosines[i] = 1 + 1e-15;
  for (const std::int64_t target : runnable_targets()) {
    force_target(target);
    std::vector<double> p(64);
    least.assign(64, 0.5);
    raised_sines(1, 0, sines, cosines, 0.5, 2, least, p);
    for (const double x : p) ASSERT_EQ(x, 1);
    raised_sines(1, 0, sines, cosines, 0.7, 2, least, p);  // would be 1.2
    for (const double x : p) ASSERT_EQ(x, 1);
    least.assign(64, 0);
    raised_sines(-1, 0, sines, cosines, 0.5, 2.5, least, p);  // ½ (1 + sin) is a little below 0
    for (const double x : p) ASSERT_EQ(x, 0);
  }
}

TEST_F(RaisedSine, FiresWhereTheWordIsBelowTheProbability) {
  for (const std::size_t cells : {1u, 8u, 63u, 64u, 65u, 200u, 1001u}) {
    std::vector<std::uint32_t> words(cells);
    std::vector<double> p(cells);
    fill_uniform(Stream(2, "p"), {}, 0, 1, p);
    for (std::size_t i = 0; i < cells; ++i) {
      words[i] = philox(Stream(2, "words"), {0, 0, 0, static_cast<std::uint32_t>(i)})[0];
      if (i % 7 == 1) p[i] = 0, words[i] = 0;
      if (i % 7 == 2) p[i] = 1, words[i] = 0xffffffffu;
      if (i % 7 == 3) p[i] = words[i] * 0x1p-32;          // not below
      if (i % 7 == 4) p[i] = (words[i] + 1.0) * 0x1p-32;  // just below
    }
    std::vector<std::uint16_t> expected;
    for (std::size_t i = 0; i < cells; ++i)
      if (static_cast<long double>(words[i]) < static_cast<long double>(p[i]) * 0x1p32L)
        expected.push_back(static_cast<std::uint16_t>(i));
    for (const std::int64_t target : runnable_targets()) {
      force_target(target);
      std::vector<std::uint16_t> fired(cells);
      fired.resize(fired_cells(words, p, fired));
      ASSERT_EQ(fired, expected) << cells << " cells, target " << target;
    }
  }
}

TEST_F(RaisedSine, RefusesListsOfDifferentLengths) {
  make(8);
  std::vector<double> p(7);
  EXPECT_THROW(raised_sines(0, 1, sines, cosines, 1, 2, least, p), ShapeError);
  std::vector<std::uint32_t> words(8);
  std::vector<std::uint16_t> fired(8), too_few(6);
  EXPECT_THROW(fired_cells(words, p, fired), ShapeError);
  EXPECT_THROW(fired_cells(std::span(words).first(7), p, too_few), ShapeError);
}

}  // namespace
}  // namespace neurarium::kernels
