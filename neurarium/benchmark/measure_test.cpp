#include "neurarium/benchmark/measure.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "neurarium/benchmark/bench.hpp"
#include "neurarium/benchmark/machine.hpp"
#include "neurarium/benchmark/sweeps.hpp"
#include "neurarium/benchmark/turn_size.hpp"
#include "neurarium/core/temporary_folder.hpp"
#include "neurarium/interchange/json.hpp"
#include "neurarium/interchange/npy.hpp"
#include "neurarium/neurarium.hpp"

namespace neurarium {
namespace {

using ::testing::HasSubstr;

/// Two rounds of a case with made-up rates: peer 10, 20 | 10 and ours 100, then ours 300 beside peers of 10 and 20.
CaseResult made_up() {
  CaseResult result;
  result.declared.name = "made-up";
  result.declared.limits = {{"two_pass", "weights", 1, 1, 0, {}}, {"multiply", "", 0, 0, 50, {}}};
  BenchVariant fast, slow;
  fast.name = "fast";
  fast.against = "slow";
  fast.asked = {{"ratio", 10}, {"two_pass", 0.9}, {"against", 2.5}};
  slow.name = "slow";
  for (const BenchVariant& variant : {fast, slow}) {
    VariantResult made;
    made.declared = variant;
    made.array_bytes = 1000;
    result.variants.push_back(made);
  }
  const auto turn = [&](int round, const char* side, const char* variant, double rate) {
    result.turns.push_back({round, side, variant, 0, rate * 0.5, 0.5});
  };
  for (int round = 0; round < 2; ++round) {
    turn(round, "peer", "", 10);
    turn(round, "ours", "fast", round == 0 ? 100 : 300);
    turn(round, "read", "fast", 4e5);
    turn(round, "update", "fast", 1e5);
    turn(round, "multiply_adds", "fast", 1e4);
    turn(round, "peer", "", 20);
    turn(round, "ours", "slow", 50);
  }
  turn(1, "peer", "", 10);
  evaluate(result);
  return result;
}

TEST(Measure, RatiosAreTakenBetweenNeighbours) {
  const CaseResult result = made_up();
  EXPECT_DOUBLE_EQ(result.peer.median, 10);  // 10 20 10 20 10
  const VariantResult& fast = result.variants[0];
  // The peer's seconds per sample before and after: (1/10 + 1/20) / 2 = 0.075.
  EXPECT_NEAR(fast.ratio.median, (100 * 0.075 + 300 * 0.075) / 2, 1e-12);
  EXPECT_NEAR(fast.ratio.low, 7.5 + 0.25 * 15, 1e-12);
  EXPECT_DOUBLE_EQ(fast.against.median, (100.0 / 50 + 300.0 / 50) / 2);
  EXPECT_EQ(result.variants[1].against.count, 0U);
}

TEST(Measure, LimitsAreTheSumOfTheirTraffic) {
  const CaseResult result = made_up();
  const VariantResult& fast = result.variants[0];
  ASSERT_EQ(fast.limits.size(), 2U);
  // 1000 bytes read at 4e5 and updated at 1e5 bytes/s: 2.5 + 10 ms, so 80 samples/s.
  EXPECT_NEAR(fast.limits[0].rate.median, 80, 1e-9);
  EXPECT_NEAR(fast.limits[0].share.median, (100.0 / 80 + 300.0 / 80) / 2, 1e-9);
  EXPECT_NEAR(fast.limits[1].rate.median, 200, 1e-9);
  // Beside "slow" no sweep was recorded: then nothing is said.
  EXPECT_EQ(result.variants[1].limits[0].share.count, 0U);
}

TEST(Measure, ProductsAreALimitOfTheirOwn) {
  CaseResult result = made_up();
  result.declared.limits = {{"floor", "", 0, 0, 0, {{{1, 1, 1}}, 1}}, {"both", "", 0, 0, 50, {{{1, 1, 1}}, 1}}};
  for (VariantResult& variant : result.variants) variant.declared.asked.clear();
  for (int round = 0; round < 2; ++round) result.turns.push_back({round, "products", "fast", 0, 500, 1});
  evaluate(result);
  const VariantResult& fast = result.variants[0];
  EXPECT_NEAR(fast.limits[0].rate.median, 500, 1e-9);
  EXPECT_NEAR(fast.limits[0].share.median, (0.2 + 0.6) / 2, 1e-12);
  EXPECT_NEAR(fast.limits[1].rate.median, 1 / (1 / 500.0 + 50 / 1e4), 1e-9);
  EXPECT_EQ(result.variants[1].limits[0].share.count, 0U);
}

TEST(Measure, WhatWasAskedIsJudgedByTheMedian) {
  const auto asked = made_up().variants[0].asked;
  ASSERT_EQ(asked.size(), 3U);
  EXPECT_TRUE(asked[0].reached);
  EXPECT_TRUE(asked[1].reached);
  EXPECT_TRUE(asked[2].reached);
  CaseResult more = made_up();
  more.variants[0].declared.asked = {{"ratio", 15.1}};
  evaluate(more);
  ASSERT_EQ(more.variants[0].asked.size(), 1U);
  EXPECT_FALSE(more.variants[0].asked[0].reached);
}

TEST(Measure, ThePageAndTheFilesSayWhatWasFound) {
  BenchResult result;
  result.declared.name = "made-up";
  result.declared.peer = "NumPy";
  result.rounds = 2;
  result.cases.push_back(made_up());
  result.cases[0].peer_memory = 50 << 20, result.cases[0].variants[0].memory = 3 << 19;
  const Report report = bench_report(result);
  const Figure* ratio = report.find("ratio_made_up_fast");
  ASSERT_NE(ratio, nullptr);
  EXPECT_DOUBLE_EQ(ratio->value.as_number(), 15);
  EXPECT_DOUBLE_EQ(ratio->reference.as_number(), 10);
  EXPECT_THAT(report.answer, HasSubstr("3 of 3"));
  EXPECT_EQ(turns_csv(result).substr(0, 76),
            "case,round,side,variant,at,work,seconds,rate\nmade-up,0,peer,,0,5,0.5,10\nmade");
  const Value value = to_value(result);
  const Value& fast = value.at("cases").as_list()[0].at("variants").as_list()[0];
  EXPECT_DOUBLE_EQ(fast.find_path("limits.two_pass.rate.median")->as_number(), 80);
  EXPECT_TRUE(fast.find_path("asked.ratio.reached")->as_bool());
  EXPECT_DOUBLE_EQ(fast.at("memory_bytes").as_number(), 1.5 * (1 << 20));
  const auto is_memory = [](const auto& exhibit) {
    const auto* table = std::get_if<Table>(&exhibit);
    return table && table->name == "memory";
  };
  const auto memory = std::ranges::find_if(report.exhibits, is_memory);
  ASSERT_NE(memory, report.exhibits.end());
  EXPECT_THAT(std::get<Table>(*memory).rows.at(0), ::testing::ElementsAre("made-up", "fast", "0", "50", "1.5"));
}

/// A side of made-up speed, and what it was asked to do.
struct Side {
  double each = 0, per_call = 0;  ///< seconds
  std::function<double(double seconds, std::size_t turn)> disturbed = [](double seconds, std::size_t) {
    return seconds;
  };
  std::vector<std::uint64_t> turns = {};
  double took = 0;
  std::uint64_t samples_for(double wanted, BatchSize batch, const TurnLimits& limits = {}) {
    turns.clear();
    took = 0;
    const auto take_turn = [&](std::uint64_t n) {
      const double seconds = disturbed(per_call + each * static_cast<double>(n), turns.size());
      turns.push_back(n);
      took += seconds;
      return seconds;
    };
    return neurarium::samples_for(wanted, batch, take_turn, limits);
  }
  std::uint64_t done() const { return std::accumulate(turns.begin(), turns.end(), std::uint64_t{0}); }
};

TEST(TurnSize, IsAsManyBatchesAsFit) {
  for (const bool divisible : {false, true}) {
    Side side{1e-6, 1e-5};
    EXPECT_EQ(side.samples_for(0.1005, {1000, divisible}), 100'000U);  // a batch takes 1 ms
    EXPECT_EQ(side.turns.front(), divisible ? 1U : 1000U);
    EXPECT_EQ(side.done() % 1000, 0U);  // the data's end stays the end of a batch
    EXPECT_LT(side.took, 0.3);
  }
  Side alone{0.003};
  EXPECT_EQ(alone.samples_for(0.1, {}), 33U);
  EXPECT_EQ(alone.turns.front(), 1U);
}

TEST(TurnSize, AWholeBatchMayTakeLongerThanWanted) {
  Side side{5e-4};  // half a second a batch
  EXPECT_EQ(side.samples_for(0.02, {1000, true}), 1000U);
  EXPECT_EQ(side.done() % 1000, 0U);
  Side step{0.01};  // a step of training is never broken
  EXPECT_EQ(step.samples_for(0.02, {1000, false}), 1000U);
  EXPECT_EQ(step.turns, (std::vector<std::uint64_t>{1000}));
}

TEST(TurnSize, ASlowSideKeepsNobodyWaiting) {
  Side slow{0.01};
  EXPECT_EQ(slow.samples_for(0.025, {1000, true}), 2U);
  EXPECT_LT(slow.took, 1);
  Side slower{1};
  EXPECT_EQ(slower.samples_for(0.02, {1000, true}), 1U);
  EXPECT_LT(slower.took, 4);
  EXPECT_EQ(slow.samples_for(100, {1000, true}), 10'000U);  // unless so long a turn is wanted
}

TEST(TurnSize, CostsOfEachCallAndDisturbancesBreakNoBatch) {
  Side dear{1e-5, 0.015};  // one sample alone: 15 ms, 1000: 25 ms
  EXPECT_EQ(dear.samples_for(0.02, {1000, true}), 1000U);
  for (std::size_t disturbed = 0; disturbed < 4; ++disturbed) {
    Side side{1e-6};
    side.disturbed = [&](double seconds, std::size_t turn) { return seconds + (turn == disturbed ? 0.5 : 0); };
    EXPECT_EQ(side.samples_for(0.02, {1000, true}) % 1000, 0U) << disturbed;
  }
}

TEST(TurnSize, NeverExceedsTheCap) {
  for (const double each : {0.0, 1e-12})
    for (const std::uint64_t batch : {1, 7, 128}) {
      Side side{each};
      const std::uint64_t found = side.samples_for(1, {batch, true}, {10'000, 1});
      EXPECT_EQ(found, 10'000 / batch * batch);
      EXPECT_LE(*std::ranges::max_element(side.turns), 10'000U);
    }
  Side side{2e-5};  // 50,000 a second, of which the cap lets through a fifth
  EXPECT_EQ(side.samples_for(1, {1, true}, {10'000, 1}), 10'000U);
}

/// What is said about a case of training whose script has left `answers` for four samples.
template <class Failure>
std::string refusal(const Array& answers, std::uint64_t check_samples = 0) {
  const TemporaryFolder folder("neurarium-measure");
  write_npy(folder.path() / "samples.npy", Array(DType::f32, Shape{4, 1}));
  write_npy(folder.path() / "labels.npy", answers);
  BenchCase of;
  of.name = "line";
  of.workload = "train";
  of.answers = "labels.npy";
  of.check_samples = check_samples;
  PeerOptions options;
  options.name = "test";
  options.command = {"/bin/sh", "-c", "while read line; do echo '{}'; done"};
  options.log = folder.path() / "log";
  Peer peer(options);
  try {
    measure(of, peer, folder.path(), builtin_registry(), [] { return 0.0; }, {});
  } catch (const Failure& error) {
    return error.what();
  }
  return "";
}

TEST(Measure, EverySampleNeedsAnAnswer) {
  const std::string said = refusal<ShapeError>(Array(DType::f32, Shape{3, 2}));
  for (const char* expected : {"line.answers: labels.npy", "[4, …]", "samples.npy", "found [3, 2]"})
    EXPECT_THAT(said, HasSubstr(expected));
  EXPECT_THAT(refusal<ShapeError>(Array(DType::i64, Shape{5})), HasSubstr("found [5]"));
}

TEST(Measure, TrainingIsComparedUpToTheEndOfTheData) {
  const Array answers(DType::i64, Shape{4});
  EXPECT_THAT(refusal<SpecError>(answers, 5), HasSubstr("line.check_samples: "));
  EXPECT_THAT(refusal<SpecError>(answers, 5), HasSubstr("at 4, and not 5"));
  // As many as there are pass; then this peer does not know what a turn is.
  EXPECT_THAT(refusal<Error>(answers, 4), HasSubstr("did not say how many seconds"));
}

std::string faults_of(const std::string& described) {
  try {
    read_benchmark("mine", parse_json(described, "test"));
  } catch (const SpecError& error) {
    return error.what();
  }
  return "";
}

TEST(Declaration, EveryFaultIsNamedWithItsCase) {
  const std::string faults = faults_of(R"({"cases": [
    {"name": "one", "workload": "obsreve", "model": {"rows": 3}, "train_first": -1, "limits": {"l": {}},
     "variants": [{"name": "a", "thread": 2, "asked": {"speed": 3}}, {"name": "a", "against": "c"}]}]})");
  for (const char* expected : {"there is no workload 'obsreve'", "observe, respond, train",
                               "one.model.type: is missing", "train_first: out of range", "limits.l: says nothing",
                               "one.variants.0.thread: unknown key; did you mean 'threads'?", "there is no such limit",
                               "'a' is taken", "there is no variant 'c'"})
    EXPECT_THAT(faults, HasSubstr(expected));
  const std::string more = faults_of(R"({"cases": [
    {"name": "two", "workload": "train", "model": {"type": "m"}, "variants": [{"name": "a"}], "limits": {
      "p": {"products": [{"rows": 1, "columns": 2}, {"rows": 1, "columns": 2, "depth": 3, "transposed": "a"}]},
      "q": {"products": [{"rows": 1, "columns": 2, "depth": 3, "deep": 1}]}}}]})");
  for (const char* expected :
       {"two.answers: is missing", "p.products.0: rows, columns and depth must be given",
        "p.products.1.transposed: 'a' is neither", "q.products: another limit", "q.products.0.deep: unknown key"})
    EXPECT_THAT(more, HasSubstr(expected));
  const std::string attacks = faults_of(R"({"cases": [
    {"name": "three", "workload": "attack", "model": {"type": "m"}, "variants": [{"name": "a"}], "epsilon": -1},
    {"name": "four", "workload": "attack", "model": {"type": "m"}, "variants": [{"name": "a"}], "attack": {}}]})");
  for (const char* expected :
       {"three.answers: is missing", "three.attack: is missing", "three.epsilon", "four.attack.type: is missing"})
    EXPECT_THAT(attacks, HasSubstr(expected));
  EXPECT_THAT(faults_of(R"({"cases": []})"), HasSubstr("not empty"));
  EXPECT_THAT(faults_of("[]"), HasSubstr("expected a table"));
}

TEST(Declaration, SettingsOfAVariantGoOnTopOfTheCases) {
  const Benchmark benchmark = read_benchmark("mine", parse_json(R"({"title": "T", "peer": "P", "cases": [
    {"name": "one", "workload": "observe", "model": {"type": "m", "rows": 3}, "tolerance": 0.5, "mine": 1,
     "limits": {"l": {"array": "w", "update": 2}},
     "variants": [{"name": "a", "settings": {"rows": 4}, "threads": 2, "asked": {"l": 0.5}}, {"name": "b", "tolerance": 2}]}]})",
                                                                "test"));
  const BenchCase& one = benchmark.cases.at(0);
  EXPECT_EQ(one.variants[0].model.type, "m");
  EXPECT_EQ(one.variants[0].model.settings.at("rows").as_integer(), 4);
  EXPECT_EQ(one.variants[1].model.settings.at("rows").as_integer(), 3);
  EXPECT_EQ(one.variants[0].threads, 2);
  EXPECT_EQ(one.variants[0].tolerance, 0.5);
  EXPECT_EQ(one.variants[1].tolerance, 2);
  EXPECT_EQ(one.limits[0].updates, 2);
  EXPECT_EQ(one.limits[0].reads, 0);
}

TEST(Machine, CoreTypesForOpenBlas) {
  EXPECT_TRUE(is_fallback_core("Prescott"));
  EXPECT_FALSE(is_fallback_core("SkylakeX"));
  EXPECT_FALSE(is_fallback_core(""));
  EXPECT_EQ(openblas_core_for("fpu avx2 fma avx512f avx512dq avx512bw avx512vl avx512cd"), "SkylakeX");
  EXPECT_EQ(openblas_core_for("fpu avx2 fma avx512f"), "Haswell");  // half of AVX-512 is not enough
  EXPECT_EQ(openblas_core_for("fpu avx"), "");
}

TEST(Products, EveryFactorMayBeTransposed) {
  const ProductList list{{{3, 5, 7, false, false}, {3, 5, 7, true, false}, {3, 5, 7, false, true}}, 10};
  for (const DType scalar : {DType::f32, DType::f64})
    for (const int threads : {1, 2}) {
      Products products(list, scalar, threads);  // gemm refuses factors that do not fit
      const double rate = products.rate(1e-4);
      EXPECT_TRUE(std::isfinite(rate));
      EXPECT_GT(rate, 0);
    }
}

TEST(Sweeps, TheBufferIsSharedOutWhole) {
  for (const DType scalar : {DType::f32, DType::f64})
    for (const int threads : {1, 2, 3}) {
      Sweeps sweeps(10'001, scalar, threads);  // no whole number of vectors
      for (const double rate : {sweeps.read(1e-4), sweeps.update(1e-4), sweeps.multiply_adds(1e-4)}) {
        EXPECT_TRUE(std::isfinite(rate));
        EXPECT_GT(rate, 0);
      }
    }
  Sweeps smallest(0, DType::f32, 2);
  EXPECT_GT(smallest.read(1e-5), 0);
}

}  // namespace
}  // namespace neurarium
