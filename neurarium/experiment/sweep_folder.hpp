// The folder of a sweep, and the run directories in it as the sweep sees them.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "neurarium/experiment/sweep_result.hpp"

namespace neurarium {

/// Makes the folder, or takes one that a sweep of the same study has made, and holds it until the end. Anything else of that
/// name is a SpecError and stays untouched; an Error says that another process works on the sweep.
class SweepFolder {
 public:
  SweepFolder(const std::filesystem::path& folder, const std::string& study);
  ~SweepFolder();
  SweepFolder(const SweepFolder&) = delete;
  SweepFolder& operator=(const SweepFolder&) = delete;

 private:
  int lock_ = -1;
};

/// A run directory of a sweep, as it is now. Nothing is changed and nothing is held.
class Member {
 public:
  explicit Member(std::filesystem::path folder);

  bool exists() const noexcept { return record_.is_table(); }
  /// With the result of that experiment.
  bool is_finished(const std::string& hash) const;
  /// Begun, and with something to go on from, or at least not known to fail again.
  bool is_to_be_resumed() const;
  /// What is wrong with its checkpoint, if there is one: damaged, or another experiment's. "" = nothing.
  std::string fault_of_checkpoint() const;
  /// A process works on it.
  bool is_held() const;
  double seconds() const;
  /// Its figures that are numbers. Those that `known` has not seen yet are added to it.
  std::vector<std::pair<std::string, double>> figures(std::vector<SweepFigure>& known) const;

 private:
  std::string text(const char* key) const;
  std::filesystem::path folder_;
  Value record_;  ///< run.json, nothing if it is no run directory
};

}  // namespace neurarium
