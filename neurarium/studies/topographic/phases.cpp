#include "neurarium/studies/topographic/phases.hpp"

#include <algorithm>

namespace neurarium {
namespace {

const std::string side_prefix = "side.";

}  // namespace

std::optional<Checkpoint> SharedCheckpoint::part(const std::string& prefix) {
  if (!read_) {
    read_ = true;
    if (auto found = run_.resumed()) resumed_ = true, found_ = std::move(*found);
  }
  if (!resumed_) return std::nullopt;
  const auto mine = [&](const std::string& name) {
    return prefix.empty() ? !name.starts_with(side_prefix) : name.starts_with(prefix);
  };
  Checkpoint part;
  for (const auto& [name, array] : found_.arrays)
    if (mine(name)) part.arrays.emplace_back(name.substr(prefix.size()), array);
  for (const auto& [name, text] : found_.metadata)
    if (mine(name)) part.metadata.emplace_back(name.substr(prefix.size()), text);
  if (part.arrays.empty()) return std::nullopt;
  keep(prefix, part);  // a phase that is already done saves nothing more, but must stay in the checkpoint
  return part;
}

void SharedCheckpoint::keep(const std::string& prefix, const Checkpoint& part) {
  const auto place = std::ranges::find(parts_, prefix, [](const auto& entry) { return entry.first; });
  if (place == parts_.end()) parts_.emplace_back(prefix, part);
  else place->second = part;
}

void SharedCheckpoint::save(const std::string& prefix, const Checkpoint& part) {
  keep(prefix, part);
  Checkpoint all;
  for (const auto& [name, saved] : parts_) {
    for (const auto& [key, array] : saved.arrays) all.arrays.emplace_back(name + key, array);
    for (const auto& [key, text] : saved.metadata) all.metadata.emplace_back(name + key, text);
  }
  run_.save(all);
}

Phase::Phase(RunContext& run, SharedCheckpoint& checkpoint, std::string words, const std::string& name)
    : DetachedContext(run, std::move(words)),
      run_(run),
      checkpoint_(checkpoint),
      prefix_(name.empty() ? "" : side_prefix + name + ".") {}

std::optional<Checkpoint> Phase::resumed() {
  auto found = checkpoint_.part(prefix_);
  if (!found) started_ = true, start_ = Clock::now();  // from sample 0 on
  return found;
}

void Phase::progress(const Progress& p) {
  const auto now = Clock::now();
  if (!started_) started_ = true, start_ = now, first_ = p.done, paused_ = 0;  // how long these took is not known
  last_ = p.done;
  seconds_ = std::chrono::duration<double>(now - start_).count();
  paused_at_last_ = paused_;
  DetachedContext::progress(p);
}

}  // namespace neurarium
