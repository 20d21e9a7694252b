// One case, measured: our variants and the peer take turns, and beside each turn of ours the machine's limits are
// measured, so that all of them see the same machine.
//
//   a round:   peer  variant 1  limits   peer  variant 2  limits   …   peer     (every other round backwards)
//
// A ratio is ours / peer, the peer's time being the mean of the turns before and after. Where one turn of the peer
// takes longer than half a second, it has one turn per round. Rounds are short and many, so that a busy moment spoils one of
// them; what is reported is the median over rounds, with the quartiles. Turns last about as long as the peer's: the
// number of samples is found in a warm-up, which is not counted; it is a multiple of the workload's batch, unless a side is so
// slow that nobody would wait for one (turn_size.hpp).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "neurarium/benchmark/declaration.hpp"
#include "neurarium/benchmark/peer.hpp"
#include "neurarium/benchmark/statistics.hpp"
#include "neurarium/core/registry.hpp"

namespace neurarium {

/// As it was measured. `work` is samples (also of "products"), bytes or multiply-adds, by `side`.
struct Turn {
  int round = 0;
  std::string side;     ///< "peer", "ours", "read", "update", "multiply_adds" or "products"
  std::string variant;  ///< of ours, and of the limits measured beside it; "" for the peer
  double at = 0;        ///< seconds since the benchmark began, at the turn's end
  double work = 0, seconds = 0;
  double rate() const noexcept { return work / seconds; }
};

struct LimitResult {
  std::string name;
  Spread rate;   ///< samples per second
  Spread share;  ///< ours / limit, in [0, 1] unless the limit is none
};

struct AskedResult {
  Asked asked;
  double found = 0;
  bool reached = false;
};

struct VariantResult {
  BenchVariant declared;
  std::string scalar;
  std::uint64_t samples_per_turn = 0;
  Spread rate, ratio, against;         ///< ratio: to the peer; against: to another variant
  Spread read, update, multiply_adds;  ///< the machine, with this variant's scalar, threads and array
  double array_bytes = 0;
  std::vector<LimitResult> limits;
  std::optional<double> difference;  ///< from the peer, after check_samples: largest |a − b| / max |b|
  std::optional<double> memory;      ///< bytes that check_samples took beyond data and weights (peak_memory.hpp)
  std::vector<AskedResult> asked;
};

struct CaseResult {
  BenchCase declared;
  std::string note;  ///< what the peer says about itself
  std::uint64_t peer_samples_per_turn = 0;
  Spread peer;
  std::optional<double> peer_memory;  ///< as VariantResult::memory
  double load = 0;                    ///< load average at the end
  std::vector<VariantResult> variants;
  std::vector<Turn> turns;
};

struct MeasureOptions {
  int rounds = 11;
  double turn_seconds = 0.1;
  std::stop_token stop;
  std::function<void(double done, double total)> progress;
};

/// `folder` is an empty folder for what both sides work on. `clock` gives the seconds since the benchmark began.
CaseResult measure(const BenchCase& of, Peer& peer, const std::filesystem::path& folder, const Registry& registry,
                   const std::function<double()>& clock, const MeasureOptions& options);

/// What a round's turns say; separate from the measuring, so that it can be checked on made-up turns.
void evaluate(CaseResult& result);

}  // namespace neurarium
