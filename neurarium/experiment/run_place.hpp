// Where a run's network lies.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace neurarium {

/// Where RunContext::keep puts the networks of a run.
inline constexpr const char* members_folder = "members";

struct RunPlace {
  std::filesystem::path folder;  ///< of the run
  std::string member;            ///< "" = the run's own network
  std::filesystem::path file;    ///< its network.safetensors; empty if the network is that of the checkpoint
};

/// What RUN, RUN/MEMBER or RUN/members/MEMBER means. DataError if there is no such run or member; SpecError, listing them, if the run
/// keeps several networks and none is named.
RunPlace find_run(const std::filesystem::path& name);

/// The networks that the run directory keeps under names, in alphabetical order.
std::vector<std::string> members_of(const std::filesystem::path& folder);

}  // namespace neurarium
