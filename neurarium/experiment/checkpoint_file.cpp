#include "neurarium/experiment/checkpoint_file.hpp"

#include <algorithm>

#include "neurarium/core/errors.hpp"
#include "neurarium/core/files.hpp"
#include "neurarium/interchange/safetensors.hpp"

namespace neurarium {
namespace {

constexpr const char* own = "neurarium.";
constexpr const char* experiment_key = "neurarium.experiment_hash";

}  // namespace

std::string seal_of(const Checkpoint& checkpoint) {
  const auto counted = [](const std::string& text) { return std::to_string(text.size()) + ':' + text; };
  std::vector<std::string> lines;
  for (const auto& [key, text] : checkpoint.metadata)
    if (key != seal_key) lines.push_back("text " + counted(key) + ' ' + counted(text) + '\n');
  std::ranges::sort(lines);  // a safetensors file keeps no order
  std::string all = content_lines(checkpoint.arrays);
  for (const std::string& line : lines) all += line;
  return sha256(all);
}

void write_checkpoint(const RunDirectory& directory, Checkpoint checkpoint) {
  checkpoint.metadata.emplace_back(experiment_key, directory.text("experiment_hash"));
  std::string seal = seal_of(checkpoint);
  checkpoint.metadata.emplace_back(seal_key, std::move(seal));
  write_safetensors(directory.file(checkpoint_file), {std::move(checkpoint.arrays), std::move(checkpoint.metadata)});
}

std::optional<Checkpoint> read_checkpoint(const RunDirectory& directory) {
  if (!directory.has(checkpoint_file)) return std::nullopt;
  const std::string file = directory.file(checkpoint_file).string();
  SafeTensors content = read_safetensors(file);
  Checkpoint checkpoint{std::move(content.arrays), std::move(content.metadata)};
  const std::string* seal = checkpoint.find_text(seal_key);
  const std::string* experiment = checkpoint.find_text(experiment_key);
  if (!seal && !experiment) return checkpoint;
  const std::string anew = "compute the run anew with: neurarium run --again " + directory.folder().string();
  if (!seal || !experiment || *seal != seal_of(checkpoint))
    throw DataError(file, "is damaged: its content is not what was written (its SHA-256 is another)",
                    "take a good copy, or " + anew);
  if (*experiment != directory.text("experiment_hash"))
    throw ResumeError(file + ": belongs to another experiment: it was written by a run of " + experiment->substr(0, 8) +
                      ", and this is " + directory.text("experiment_hash").substr(0, 8) +
                      "; put the right one back, or " + anew);
  return checkpoint;
}

void erase_own_texts(Checkpoint& checkpoint) {
  std::erase_if(checkpoint.metadata, [](const auto& entry) { return entry.first.starts_with(own); });
}

}  // namespace neurarium
