// What a benchmark declares: its cases, and for each the workload of our side in several variants, the limits of the
// machine that it is held against, and what is asked of it. A script says so in answer to "describe" (peer.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "neurarium/benchmark/products.hpp"
#include "neurarium/core/schema.hpp"

namespace neurarium {

/// The best rate that a part of the machine allows:
///   1 / rate = bytes·reads / read_bandwidth + bytes·updates / update_bandwidth + multiply_adds / multiply_add_rate
///              + seconds of `products` / their samples
/// in samples per second, where `bytes` is the size of the named array of the model. Bandwidths and rates are measured
/// beside the turns, with the variant's scalar and threads (sweeps.hpp, products.hpp).
struct MachineLimit {
  std::string name;
  std::string array;  ///< a parameter of the model; "" if the limit has no memory traffic
  double reads = 0, updates = 0, multiply_adds = 0;
  ProductList products = {};  ///< work that nobody gets around; empty = none
};

/// What is asked of a variant: `what` is "ratio" (to the peer), "against" (to another variant), or a limit's name (the
/// share of it that is reached).
struct Asked {
  std::string what;
  double at_least = 0;
};

struct BenchVariant {
  std::string name;
  Component model;  ///< the case's model with the variant's settings
  int threads = 1;
  std::string against;   ///< another variant of the case to be compared with; "" = none
  double tolerance = 0;  ///< largest |ours − peer's| / max |peer's| after check_samples that passes
  std::vector<Asked> asked;
};

struct BenchCase {
  std::string name, title, workload;
  std::string samples = "samples.npy";  ///< in the folder that the script prepares
  double divisor = 1;
  bool as_events = false;           ///< samples are counts of spikes [n, steps, units], which our side gets as events
  std::string answers;              ///< likewise: labels or targets, for workloads that learn from them; "" = none
  Value training = Value::table();  ///< [train] of an experiment, for the workload "train"
  Component attack;                 ///< and `epsilon`, for the workload "attack"
  double epsilon = 0;
  std::vector<std::string> start;   ///< arrays NAME.npy that both sides start from
  std::uint64_t train_first = 0;    ///< samples that our first variant learns before; both sides start from the result
  double turn_seconds = 0;          ///< a turn of ours lasts at least so long; 0 = as the harness likes
  std::uint64_t check_samples = 0;  ///< after so many, both sides must agree; 0 = not compared
  std::uint64_t batch = 1000;       ///< most samples that are answered in one call (shared out among the threads)
  std::uint64_t peer_samples = 0;   ///< samples of a peer's turn; 0 = found in the warm-up
  bool with_peer = true;
  int busy = 0;  ///< processes that keep CPUs busy meanwhile
  std::vector<MachineLimit> limits;
  std::vector<BenchVariant> variants;
};

struct Benchmark {
  std::string name, title, text, peer;
  Value parameters = Value::table(), software = Value::table();
  std::vector<BenchCase> cases;
};

/// A script's answer to "describe". One SpecError with every fault, each under the case's name.
Benchmark read_benchmark(const std::string& name, const Value& described);

}  // namespace neurarium
