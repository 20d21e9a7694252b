// Our side of a benchmark: what a model is timed at. A workload is named in a case ("observe", "respond", "train", "attack"); a new
// kind is one class and one line in workload.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "neurarium/benchmark/declaration.hpp"
#include "neurarium/benchmark/turn_size.hpp"
#include "neurarium/core/pool.hpp"
#include "neurarium/core/registry.hpp"
#include "neurarium/nn/model.hpp"

namespace neurarium {

/// What both sides of a case work on: what the script has prepared.
struct BenchData {
  Array samples;      ///< [n, …entry], taken one after the other and again from the first
  Array answers;      ///< labels int64 [n] or targets [n, k]; empty if the workload needs none
  NamedArrays start;  ///< parameters and buffers to begin with
};

class Workload {
 public:
  virtual ~Workload() = default;
  /// Works on the next `samples` samples; returns the seconds that took.
  virtual double turn(std::uint64_t samples) = 0;
  /// What the peer's must agree with: the learned parameters, or the last answers.
  virtual NamedArrays state() = 0;
  virtual Model& model() = 0;
  /// Samples that are worked on together: turns are multiples of it where that can be waited for.
  virtual BatchSize batch() const { return {}; }
};

/// `data` must outlive the workload. The model is built from the variant and set to the starting arrays.
std::unique_ptr<Workload> make_workload(const BenchCase& of, const BenchVariant& variant, const BenchData& data,
                                        const Registry& registry);
std::vector<std::string> workload_names();

/// Every parameter and buffer, copied.
NamedArrays state_of(Model& model);
/// Copies `arrays` into the parameters and buffers of those names; a SpecError if there is none, or of another shape.
void set_state(Model& model, const NamedArrays& arrays);

}  // namespace neurarium
