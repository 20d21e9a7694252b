#include "neurarium/experiment/network_file.hpp"

#include "neurarium/experiment/checkpoint_file.hpp"
#include "neurarium/interchange/json.hpp"
#include "neurarium/interchange/safetensors.hpp"
#include "neurarium/train/model_checkpoint.hpp"

namespace neurarium {
namespace {

constexpr const char* format = "neurarium model 1";
constexpr const char* seed_key = "seed";

}  // namespace

void write_network(const std::filesystem::path& file, const TrainedNetwork& network) {
  for (const auto& [name, array] : network.state.arrays)
    if (const std::size_t bad = first_non_finite(array.view()); bad < array.size())
      throw NumericError(name, NumericError::no_step, bad);
  const Component& description = network.state.description;
  Checkpoint content{network.state.arrays,
                     {{"format", format},
                      {"type", description.type},
                      {"settings", to_json(without_arrays(description.settings), -1)}}};
  if (!network.dataset.empty()) content.metadata.emplace_back("dataset", network.dataset);
  if (!network.data_sha256.empty()) content.metadata.emplace_back("dataset_sha256", network.data_sha256);
  content.metadata.emplace_back(seed_key, std::to_string(network.seed));
  content.metadata.emplace_back(seal_key, seal_of(content));
  write_safetensors(file, {std::move(content.arrays), std::move(content.metadata)});
}

TrainedNetwork read_network(const std::filesystem::path& file) {
  const std::string source = file.string();
  SafeTensors stored = read_safetensors(file);
  Checkpoint content{std::move(stored.arrays), std::move(stored.metadata)};
  const auto text = [&](const char* key) {
    const std::string* found = content.find_text(key);
    return found ? *found : std::string();
  };
  if (text("format") != format)
    throw DataError(source,
                    "is not a network: expected the format '" + std::string(format) + "', found " +
                        (text("format").empty() ? "none" : "'" + text("format") + "'"),
                    "give the network of a run");
  if (const std::string* seal = content.find_text(seal_key); seal && *seal != seal_of(content))
    throw DataError(source, "is damaged: its content is not what was written (its SHA-256 is another)",
                    "take a good copy, or compute its run anew with --again");
  for (const auto& [name, array] : content.arrays)
    if (const std::size_t bad = first_non_finite(array.view()); bad < array.size())
      throw DataError(source, "is damaged: entry " + std::to_string(bad) + " of '" + name + "' is not a finite number",
                      "take a good copy, or compute its run anew with --again");
  TrainedNetwork network;
  network.state.description = {text("type"), parse_json(text("settings"), source + ": settings")};
  if (network.state.description.type.empty() || !network.state.description.settings.is_table())
    throw DataError(source, "does not say which network it holds");
  network.dataset = text("dataset");
  network.data_sha256 = text("dataset_sha256");
  if (content.find_text(seed_key)) network.seed = counter_of(content, seed_key);
  network.state.arrays = std::move(content.arrays);
  return network;
}

}  // namespace neurarium
