// Study and RunContext: a study wires data, model and rule and says which figures and pictures answer its question;
// the run context gives it progress, a stop token, a checkpoint slot and a place for results.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "neurarium/core/pool.hpp"
#include "neurarium/core/registry.hpp"
#include "neurarium/data/dataset.hpp"
#include "neurarium/nn/network_state.hpp"
#include "neurarium/nn/result.hpp"

namespace neurarium {

/// How far a loop is. The receiver derives rate and time left.
struct Progress {
  std::string_view phase;  ///< "train", "evaluate", …
  double done = 0, total = 0;
  std::string_view unit;  ///< "samples", "steps"
  std::string merit;      ///< "loss 0.31": shown as it is
};

/// State to continue from: arrays by name, and short texts (counters, epoch).
struct Checkpoint {
  NamedArrays arrays;
  std::vector<std::pair<std::string, std::string>> metadata;
  const Array* find(std::string_view name) const noexcept;
  const std::string* find_text(std::string_view key) const noexcept;
};

class RunContext {
 public:
  virtual ~RunContext() = default;
  virtual const Registry& registry() const = 0;
  virtual std::uint64_t seed() const = 0;
  virtual WorkerPool& pool() = 0;

  /// The data set of that name, read (and its hash recorded) now.
  virtual Dataset dataset(const std::string& name) = 0;
  /// The network that a run has learned, as a setting of this study names it (core/schema.hpp, Field::names_run); what it learned
  /// from is dataset(network.dataset).
  virtual TrainedNetwork network(const std::string& run) {
    throw SpecError("no run '" + run + "' here", "hand over the network itself");
  }
  /// Keeps a network in the run directory, from where it can be used like any run's: as the run's own network, or, if `member` is
  /// not empty, as one of several, which is called RUN/MEMBER. One of the same name is replaced.
  virtual void keep(const std::string& member, const TrainedNetwork& network) { (void)member, (void)network; }

  virtual void progress(const Progress&) {}
  /// Something the user should know now, in a line: a warning, say.
  virtual void note(const std::string& line) { (void)line; }
  /// True once the user asked to stop: write a checkpoint and call stop().
  virtual bool stop_requested() const { return false; }

  /// The checkpoint to continue from, if this run is resumed.
  virtual std::optional<Checkpoint> resumed() { return std::nullopt; }
  /// True when the time since the last checkpoint exceeds `seconds`.
  virtual bool checkpoint_due(double seconds) { return (void)seconds, false; }
  virtual void save(const Checkpoint&) {}

  /// One row of metrics.csv; the first row of a run fixes the columns.
  virtual void metrics(const std::vector<std::pair<std::string, double>>&) {}

  virtual void add(Figure figure) = 0;
  virtual void add(Exhibit exhibit) = 0;
  virtual void answer(std::string one_line) = 0;
  /// An array for arrays/NAME.npy.
  virtual void array(const std::string& name, const Array& array) { (void)name, (void)array; }
  /// A choice made by the program (engine, sweep order, …), for run.json.
  virtual void choice(const std::string& what, const std::string& chosen) { (void)what, (void)chosen; }
};

class Study {
 public:
  virtual ~Study() = default;
  /// Settings at the top whose default depends on what is on this machine, as they are to be now: a run is what was decided, keeps it in
  /// its experiment.toml, and another choice is another run. `is_here`: whether the data set of that name can be read.
  virtual std::vector<std::pair<std::string, Value>> decided_settings(
      const std::function<bool(const std::string& dataset)>& is_here) const {
    return (void)is_here, std::vector<std::pair<std::string, Value>>{};
  }
  /// Runs to the end, or throws Interrupted after saving a checkpoint.
  virtual void run(RunContext& context) = 0;
};

}  // namespace neurarium
