// Which run an experiment is: the hash behind the name of its directory, and the files that let the directory repeat it.
#pragma once

#include <map>
#include <string>

#include "neurarium/experiment/experiment.hpp"
#include "neurarium/experiment/run_directory.hpp"

namespace neurarium {

/// The hash is the SHA-256 of the resolved experiment (study, seed, every setting), of each array among its settings and
/// of its data. Not part of it: threads, and the preset's name. Data of the catalogue go in by name, since the catalogue
/// holds their hashes and checks them on reading; a file of the user's own, or data in memory, goes in by content, so
/// that it may be moved but not changed. So does a run that a setting names: by what its network is and by its data.
using KnownNetworks = std::map<std::string, TrainedNetwork>;  ///< by the text of the setting
struct Identity {
  std::string hash;
  std::string toml;           ///< experiment.toml
  RunDirectory::Files files;  ///< experiment.toml, inputs/KEY.npy, inputs/dataset.npz, inputs/data-HASH.npz
  /// What the hash was made of → SHA-256, kept in run.json so that one can say later which of them is another:
  /// "experiment.toml" and, by the setting that names it, each array, each run and data of the user's own.
  std::vector<std::pair<std::string, std::string>> parts;
  /// The networks of the runs that settings name. Data that lie in such a run's directory become an input of this one, and
  /// `dataset` is the name among `files`.
  KnownNetworks networks;
};
/// DataError if a run that a setting names, or what belongs to it, is missing. Who identifies many experiments gives `known`, which spares
/// opening the same run again.
Identity identify(const Experiment& experiment, const Registry& registry, const RunOptions& options,
                  KnownNetworks* known = nullptr);

/// The experiment with what depends on this machine decided (Study::decided_settings): what is to be identified and run.
Experiment decided(Experiment experiment, const Registry& registry, const RunOptions& options);

/// Why `here` is not the experiment of the directory, in words: "seed = 7, there 8", "mine.npz has changed since", …
struct Mismatch {
  std::string what;
  std::string mend;  ///< "" where the settings differ: whoever asks knows what he wants with them
};
Mismatch mismatch(const Identity& here, const Experiment& experiment, const RunDirectory& directory);

/// The keys in which the experiments differ, with both values: "seed = 7, there 8"; at most `most` of them. "" if there are
/// none.
std::string differences(const std::string& toml_here, const std::string& toml_there, std::size_t most = 4);

}  // namespace neurarium
