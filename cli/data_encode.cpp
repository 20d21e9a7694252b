// neurarium data encode: a folder of sounds as a file of spikes.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <iostream>

#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "neurarium/core/digits.hpp"
#include "neurarium/data/encode_sounds.hpp"
#include "neurarium/experiment/experiment.hpp"
#include "neurarium/interchange/json.hpp"

namespace neurarium {
namespace {

struct EncodeVerb {
  std::string folder, file;
  std::vector<std::string> words;
  int threads = 0;
};

ExitCode encode(const CliContext& context, const EncodeVerb& verb) {
  CochleaParams ear;
  std::vector<Fault> faults;
  CochleaParams::fields().read(parse_overrides(verb.words), &ear, {nullptr, &faults, {}, {}});
  if (!faults.empty()) throw SpecError(std::move(faults));
  if (!verb.file.ends_with(".h5")) throw SpecError("--out: '" + verb.file + "' does not end in .h5", "name it so");
  WorkerPool pool(verb.threads);
  ProgressMeter meter(context.quiet);
  const EncodedSounds made = encode_sounds(
      verb.folder, verb.file, ear, pool,
      [&](std::size_t done, std::size_t total) {
        meter.show({"encode", static_cast<double>(done), static_cast<double>(total), "sounds", {}});
      },
      catch_interrupts());
  meter.clear();
  std::string dataset = "spikes:" + verb.file;
  if (ear.channels != 700) dataset += ",units=" + std::to_string(ear.channels);
  if (context.json) {
    Value told = Value::table();
    told.set("file", verb.file);
    told.set("samples", static_cast<std::uint64_t>(made.samples));
    told.set("classes", static_cast<std::uint64_t>(made.classes));
    told.set("spikes", static_cast<std::uint64_t>(made.spikes));
    told.set("seconds", made.seconds);
    told.set("dataset", dataset);
    std::cout << to_json(told) << '\n';
    return ExitCode::done;
  }
  std::cout << verb.file << ": " << made.samples << " sounds of " << made.classes << " classes, " << made.spikes
            << " spikes, the longest sound " << short_digits(made.seconds, 3)
            << " s\nlearn from it with dataset=" << dataset << '\n';
  return ExitCode::done;
}

}  // namespace

void add_data_encode_verb(CLI::App& data, CliContext& context) {
  auto verb = std::make_shared<EncodeVerb>();
  CLI::App* encode_verb =
      add_verb(data, "encode", "A folder of WAV files, FOLDER/CLASS/….wav, as spikes of a model of the inner ear",
               {"neurarium data encode birds --out birds.h5",
                "neurarium data encode birds --out birds.h5 channels=128 highest=10000 level=60"});
  encode_verb->add_option("FOLDER", verb->folder, "Folders of WAV files: each is a class")->required();
  encode_verb->add_option("SETTINGS", verb->words, "Settings of the ear, key=value (docs/data.md)")->type_name(" ");
  encode_verb->add_option("--out", verb->file, "The .h5 file to be written")->type_name("FILE")->required();
  encode_verb->add_option("--threads", verb->threads, "0 = all CPUs (0)")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  encode_verb->add_flag("--quiet", context.quiet, "No progress");
  encode_verb->add_flag("--json", context.json, "Print one JSON object and nothing else on stdout");
  encode_verb->callback([&context, verb] { context.action = [&context, verb] { return encode(context, *verb); }; });
}

}  // namespace neurarium
