#include "neurarium/data/spike_dataset.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "neurarium/core/array_of.hpp"
#include "neurarium/core/digits.hpp"
#include "neurarium/data/settings_in_name.hpp"
#include "neurarium/data/spike_file.hpp"
#include "neurarium/interchange/json.hpp"

namespace neurarium {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kinds[] = {"shd", "ssc", "spoken-digits", "spikes"};
constexpr double most_steps = 1'000'000;

/// "KIND:PATH,SETTINGS" in its parts.
struct Parts {
  std::string kind, path, settings;
};

Parts parts_of(const std::string& name) {
  Parts parts;
  const std::size_t colon = std::min(name.find(':'), name.size());
  parts.kind = name.substr(0, colon);
  parts.settings = colon < name.size() ? name.substr(colon + 1) : "";
  const std::size_t comma = std::min(parts.settings.find(','), parts.settings.size());
  if (parts.settings.find('=') >= comma) {  // the first is no setting: the path
    parts.path = parts.settings.substr(0, comma);
    parts.settings.erase(0, std::min(comma + 1, parts.settings.size()));
  }
  return parts;
}

struct Files {
  fs::path train, test;  ///< test may be empty
};

std::string mend_for(const std::string& kind, const fs::path& folder) {
  if (kind == "spoken-digits") return "run: neurarium data get spoken-digits";
  if (kind == "spikes") return "give a FILE.h5, or a folder with …train.h5 and …test.h5";
  return "get " + kind + "_train.h5 and " + kind + "_test.h5 (neurarium data info " + kind +
         "), unpack them, and put them into " + folder.string() + ", or give their folder: " + kind + ":FOLDER";
}

/// Where the files are. Nothing if there is none to learn from; a DataError if there are two.
std::optional<Files> find_files(const std::string& name, const fs::path& home) {
  const std::string kind = parts_of(name).kind;
  const fs::path place = path_of_spike_dataset(name).value_or(home / kind);
  std::error_code error;
  if (fs::is_regular_file(place, error)) return Files{place, {}};
  std::vector<fs::path> train, test;
  for (fs::directory_iterator entry(place, error), end; !error && entry != end; entry.increment(error)) {
    const std::string file = entry->path().filename().string();
    if (file.starts_with('.')) continue;
    if (file.ends_with("train.h5")) train.push_back(entry->path());
    if (file.ends_with("test.h5")) test.push_back(entry->path());
  }
  if (train.empty()) return std::nullopt;
  for (auto* files : {&train, &test})
    if (files->size() > 1) {
      std::ranges::sort(*files);
      throw DataError(place.string(),
                      "has " + (*files)[0].filename().string() + " and " + (*files)[1].filename().string(),
                      "leave one of them there");
    }
  return Files{train[0], test.empty() ? fs::path() : test[0]};
}

/// Puts the spikes of one file into steps, sample by sample.
class Binner {
 public:
  Binner(const SpikeDatasetParams& params, std::string file)
      : params_(params),
        file_(std::move(file)),
        channels_(static_cast<std::size_t>(params.channels > 0 ? params.channels : params.units)) {}

  /// Keeps a sample, one list of (step, channel) by time; the number of steps may not be known yet.
  void add(std::size_t sample, const TimedSpikes& given) {
    const TimedSpikes* spikes = &given;
    if (params_.sort) spikes = &sorted(given);
    const double limit = params_.duration > 0 ? params_.duration / params_.dt - 1e-9 : most_steps;
    std::size_t kept = 0;
    for (std::size_t k = 0; k < spikes->times.size(); ++k) {
      const double t = spikes->times[k];
      const auto at = [&] { return "spikes/times[" + std::to_string(sample) + "][" + std::to_string(k) + "] is "; };
      if (!std::isfinite(t)) fail(at() + "no finite number", "remove the spike");
      if (t < 0) fail(at() + short_digits(t) + " s: before the sample begins", "times count from 0");
      if (k > 0 && t < spikes->times[k - 1])
        fail(at() + short_digits(t, 9) + " s, and the one before " + short_digits(spikes->times[k - 1], 9) +
                 " s: times fall",
             "sort the file, or add sort=true to the data set's name");
      const std::int64_t unit = spikes->units[k];
      if (unit < 0 || unit >= params_.units)
        fail("spikes/units[" + std::to_string(sample) + "][" + std::to_string(k) + "] is " + std::to_string(unit) +
                 ", outside 0 … " + std::to_string(params_.units - 1),
             unit >= params_.units ? "if the file has more units, say so: units=" + std::to_string(unit + 1) : "");
      const double step = std::floor(t / params_.dt + 1e-9);
      if (step >= limit) {
        if (params_.duration > 0) continue;  // those beyond are left out
        fail(at() + short_digits(t) + " s, which is step " + short_digits(step) + " of " + short_digits(params_.dt) +
                 " s",
             "give a longer dt, or a duration, after which spikes are left out");
      }
      const auto whole = static_cast<std::uint32_t>(step);
      steps_.push_back(whole);
      units_.push_back(static_cast<StepSpikes::Unit>(static_cast<std::size_t>(unit) * channels_ /
                                                     static_cast<std::size_t>(params_.units)));
      needed_ = std::max<std::size_t>(needed_, whole + 1);
      ++kept;
    }
    counts_.push_back(kept);
  }

  std::size_t steps_needed() const noexcept { return needed_; }

  StepSpikes spikes(std::size_t steps) {
    StepSpikes out(steps, channels_);
    out.reserve(counts_.size(), units_.size());
    std::size_t at = 0;
    for (const std::size_t count : counts_) {
      const std::size_t end = at + count;
      for (std::size_t step = 0; step < steps; ++step) {
        const std::size_t first = at;
        while (at < end && steps_[at] == step) ++at;
        std::sort(units_.begin() + static_cast<std::ptrdiff_t>(first),
                  units_.begin() + static_cast<std::ptrdiff_t>(at));
        out.add_known_step(units_.data() + first, at - first);
      }
    }
    return out;
  }

 private:
  [[noreturn]] void fail(const std::string& what, const std::string& mend) const { throw DataError(file_, what, mend); }

  const TimedSpikes& sorted(const TimedSpikes& spikes) {
    order_.resize(spikes.times.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    if (std::ranges::none_of(spikes.times, [](double t) { return std::isnan(t); }))
      std::ranges::stable_sort(order_, {}, [&](std::size_t k) { return spikes.times[k]; });
    sorted_.times.clear(), sorted_.units.clear();
    for (const std::size_t k : order_)
      sorted_.times.push_back(spikes.times[k]), sorted_.units.push_back(spikes.units[k]);
    return sorted_;
  }

  const SpikeDatasetParams& params_;
  std::string file_;
  std::size_t channels_, needed_ = 1;
  std::vector<std::uint32_t> steps_;
  std::vector<StepSpikes::Unit> units_;
  std::vector<std::size_t> counts_, order_;
  TimedSpikes sorted_;
};

std::string name_of(const std::string& kind, const SpikeDatasetParams& params) {
  const SpikeDatasetParams defaults;
  return name_with_settings(kind, SpikeDatasetParams::fields(), &params, &defaults, params.path.empty() ? "" : "path");
}

/// One split while it is being read.
struct Side {
  Binner binner;
  std::vector<std::int64_t> labels, speakers;

  void add(const SpikeFileHead& head, std::size_t sample, const TimedSpikes& spikes) {
    binner.add(sample, spikes);
    labels.push_back(head.labels[sample]);
    if (!head.speakers.empty()) speakers.push_back(head.speakers[sample]);
  }
  Split split(std::size_t steps) {
    Split made;
    made.y = array_of(labels);
    if (!speakers.empty()) made.about.emplace_back("speaker", array_of(speakers));
    made.spikes = std::make_shared<const StepSpikes>(binner.spikes(steps));
    return made;
  }
};

}  // namespace

Schema SpikeDatasetParams::fields() {
  using P = SpikeDatasetParams;
  return Schema::of<P>({
      field("path", &P::path, "File or folder; the same as standing first behind the colon."),
      field("dt", &P::dt, "Length of a step.").unit("s").positive(),
      field("duration", &P::duration, "Of a sample; later spikes are left out. 0: until the last spike of all.")
          .unit("s")
          .at_least(0),
      field("units", &P::units, "How many units the files have.").between(1, StepSpikes::most_units),
      field("channels", &P::channels, "Units are put together to so many. 0: as many as units.")
          .between(0, StepSpikes::most_units),
      field("test_speakers", &P::test_speakers,
            "What these speakers say in the file to learn from is the test, in place of the test file. Empty: the test "
            "file is the test.")
          .at_least(0),
      field("training_samples", &P::training_samples, "The first so many. 0: all.").at_least(0),
      field("test_samples", &P::test_samples, "The first so many. 0: all.").at_least(0),
      field("sort", &P::sort, "Sort spikes by time, instead of refusing files with times that fall."),
  });
}

bool is_spike_dataset(const std::string& name) {
  const std::string kind = parts_of(name).kind;
  return std::ranges::find(kinds, kind) != std::end(kinds);
}

SpikeDatasetParams spike_dataset_params(const std::string& name) {
  const Parts parts = parts_of(name);
  const std::string example = parts.kind + ":FOLDER,dt=0.002";
  auto params = params_in_name<SpikeDatasetParams>(parts.kind + ":" + parts.settings, parts.kind, example);
  const auto fault = [](const char* key, std::string what, std::string mend) {
    throw SpecError(std::vector<Fault>{{{}, key, std::move(what), std::move(mend)}});
  };
  if (!parts.path.empty() && !params.path.empty()) fault("path", "is given twice", "give it once");
  if (!parts.path.empty()) params.path = parts.path;
  if (params.path.empty() && parts.kind == "spikes")
    fault("path", "'" + name + "' names neither file nor folder", "give spikes:FOLDER or spikes:FILE.h5");
  if (params.channels > params.units)
    fault("channels", std::to_string(params.channels) + " channels of " + std::to_string(params.units) + " units",
          "give at most as many");
  if (params.duration / params.dt > most_steps)
    fault("dt",
          short_digits(params.duration) + " s have more than a million steps of " + short_digits(params.dt) + " s",
          "give a longer dt");
  return params;
}

std::optional<fs::path> path_of_spike_dataset(const std::string& name) {
  const std::string path = spike_dataset_params(name).path;
  if (path.empty()) return std::nullopt;
  return fs::path(path);
}

std::string spike_dataset_with_path(const std::string& name, const fs::path& path) {
  SpikeDatasetParams params = spike_dataset_params(name);
  params.path = path.string();
  return name_of(parts_of(name).kind, params);
}

std::string spike_dataset_with_test_speakers(const std::string& name, const std::vector<std::int64_t>& speakers) {
  SpikeDatasetParams params = spike_dataset_params(name);
  params.test_speakers = speakers;
  return name_of(parts_of(name).kind, params);
}

bool is_spike_dataset_present(const std::string& name, const fs::path& home) {
  return find_files(name, home).has_value();
}

Dataset load_spike_dataset(const std::string& name, const fs::path& home, std::stop_token stop) {
  const SpikeDatasetParams params = spike_dataset_params(name);
  const std::string kind = parts_of(name).kind;
  const fs::path place = params.path.empty() ? home / kind : fs::path(params.path);
  const auto files = find_files(name, home);
  if (!files) throw DataError(place.string(), "no spikes to learn from were found there", mend_for(kind, home / kind));
  Dataset data;
  data.name = name;
  data.dt = params.dt;
  Side train{{params, files->train.string()}, {}, {}},
      test{{params, (params.test_speakers.empty() ? files->test : files->train).string()}, {}, {}};
  const auto enough = [](const Side& side, std::int64_t most) {
    return most > 0 && side.labels.size() >= static_cast<std::size_t>(most);
  };
  const auto read = [&](const fs::path& file, bool is_test) {
    SpikeFileHead head;
    read_spike_file(
        file,
        [&](const SpikeFileHead& found) {
          head = found;
          if (!is_test) data.classes = head.classes;
          else if (head.classes != data.classes)
            throw DataError(file.string(),
                            "extra/keys, the names of the classes, are others than in " + files->train.string(),
                            "the two files don't belong together");
          if (!is_test && !params.test_speakers.empty() && head.speakers.empty())
            throw DataError(file.string(), "doesn't say who spoke (extra/speaker), which test_speakers needs",
                            "leave test_speakers out");
        },
        [&](std::size_t sample, const TimedSpikes& spikes) {
          const bool to_test = is_test || (!params.test_speakers.empty() &&
                                           std::ranges::count(params.test_speakers, head.speakers[sample]) > 0);
          Side& side = to_test ? test : train;
          if (!enough(side, to_test ? params.test_samples : params.training_samples)) side.add(head, sample, spikes);
        },
        stop);
  };
  read(files->train, false);
  if (train.labels.empty())
    throw DataError(files->train.string(), "holds no sample to learn from",
                    params.test_speakers.empty() ? "" : "test_speakers takes all of them");
  if (!params.test_speakers.empty() && test.labels.empty())
    throw DataError(files->train.string(), "holds nothing of the speakers in test_speakers",
                    "look who is there: extra/speaker");
  if (params.test_speakers.empty() && !files->test.empty()) read(files->test, true);
  const std::size_t steps = params.duration > 0
                                ? static_cast<std::size_t>(std::max(1.0, std::ceil(params.duration / params.dt - 1e-9)))
                                : std::max(train.binner.steps_needed(), test.binner.steps_needed());
  data.train = train.split(steps);
  if (!test.labels.empty()) data.test = test.split(steps);
  data.sha256 = content_hash(data);
  return data;
}

}  // namespace neurarium
