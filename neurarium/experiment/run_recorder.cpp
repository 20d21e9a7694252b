#include "neurarium/experiment/run_recorder.hpp"

#include <algorithm>

#include "neurarium/core/digits.hpp"
#include "neurarium/core/files.hpp"
#include "neurarium/data/catalogue.hpp"
#include "neurarium/experiment/checkpoint_file.hpp"
#include "neurarium/experiment/network_file.hpp"
#include "neurarium/experiment/report_files.hpp"
#include "neurarium/experiment/run_place.hpp"
#include "neurarium/interchange/npy.hpp"
#include "neurarium/train/model_checkpoint.hpp"

namespace neurarium {
namespace {

constexpr const char* rows_key = "neurarium.metrics_rows";

std::string joined(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : ",") + word;
  return line;
}

// Names may hold what the user wrote (a layer's name, say), and they are handed over when the work is done: then nothing
// about a name may be an error any more.

/// `name` with '_' for whatever can't stand in the name of a file.
std::string file_name(std::string name) {
  for (char& c : name)
    if (!is_file_name(std::string("x") + c)) c = '_';
  if (!is_file_name(name)) name.insert(0, 1, '_');  // empty, or begins with '.'
  return name;
}

/// `name`, or if that is taken, the first free one of name-2, name-3 …
template <class IsTaken>
std::string numbered(const std::string& name, const IsTaken& is_taken, const char* joint = "-") {
  std::string free = name;
  for (int i = 2; is_taken(free); ++i) free = name + joint + std::to_string(i);
  return free;
}

}  // namespace

void MetricsFile::add(const std::vector<std::pair<std::string, double>>& row) {
  std::vector<std::string> columns, numbers;
  for (const auto& [column, x] : row) {
    columns.push_back(column);
    numbers.push_back(exact_digits(x));
  }
  if (columns_.empty()) columns_ = columns;
  if (columns != columns_)
    throw InternalError("a row of metrics has the columns " + joined(columns) + ", expected " + joined(columns_));
  const std::string line = joined(numbers);
  if (replayed_ < restored_) {
    if (line == rows_[replayed_]) return void(++replayed_);
    replayed_ = restored_;
  }
  rows_.push_back(line);
}

void MetricsFile::write(const std::filesystem::path& file) {
  if (columns_.empty() || rows_.size() == written_) return;
  std::string text = joined(columns_) + '\n';
  for (const std::string& row : rows_) text += row + '\n';
  write_atomically(file, text);
  written_ = rows_.size();
}

void MetricsFile::restore(const std::filesystem::path& file, std::size_t rows) {
  if (rows == 0) return;
  const std::string text = read_text(file);
  std::vector<std::string> lines;
  for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
    lines.push_back(text.substr(begin, end - begin));
  if (lines.size() < rows + 1)
    throw ResumeError(file.string() + ": has " + std::to_string(lines.empty() ? 0 : lines.size() - 1) +
                      " rows, but the checkpoint knows " + std::to_string(rows) + "; start over with --again");
  columns_.clear();
  for (std::size_t begin = 0; begin <= lines[0].size();) {
    const std::size_t end = std::min(lines[0].find(',', begin), lines[0].size());
    columns_.push_back(lines[0].substr(begin, end - begin));
    begin = end + 1;
  }
  rows_.assign(lines.begin() + 1, lines.begin() + 1 + static_cast<std::ptrdiff_t>(rows));
  restored_ = rows;
}

RunRecorder::RunRecorder(const Experiment& experiment, const Registry& registry, const RunOptions& options,
                         RunDirectory& directory, KnownNetworks networks)
    : experiment_(experiment),
      registry_(registry),
      options_(options),
      directory_(directory),
      networks_(std::move(networks)),
      pool_(experiment.threads) {
  report_.study = experiment.study;
  report_.run = directory.folder().string();
  if (const auto* study = registry.find("study", experiment.study)) report_.question = study->doc;
  directory_.record().set("threads", pool_.threads());
  if (const Value* seconds = directory_.record().find("wall_seconds");
      options.resume && seconds && seconds->is_number())
    seconds_before_ = seconds->as_number();
}

double RunRecorder::seconds() const {
  return seconds_before_ + std::chrono::duration<double>(Clock::now() - start_).count();
}

Dataset RunRecorder::dataset(const std::string& name) {
  if (options_.note) options_.note("reading " + name);
  Dataset data;
  if (name == in_memory && options_.dataset_in_memory) data = *options_.dataset_in_memory;
  else
    data = load_dataset(
        name, options_.data_home.empty() ? default_data_home() : options_.data_home,
        [&](std::size_t done, std::size_t total) {
          progress({"look at photographs", static_cast<double>(done), static_cast<double>(total), "files", {}});
          if (stop_requested()) throw Interrupted("stopped while looking at photographs");
        },
        &pool_);
  if (data.photographs) record_photographs(*data.photographs);
  if (data.sha256.empty()) data.sha256 = content_hash(data);
  Value& hashes = directory_.record().find("data") ? *directory_.record().find("data")
                                                   : directory_.record().set("data", Value::table());
  const std::string role = role_of(name);
  const Value* before = hashes.find(role);
  if (options_.resume && before && before->is_text() && before->as_text() != data.sha256)
    throw ResumeError("the data '" + name + "' are not those that this run began with (SHA-256 " + data.sha256 +
                      ", expected " + before->as_text() + "); start over with --again");
  hashes.set(role, data.sha256);
  return data;
}

// The setting that names the data set, so that a name and a path, or data in memory and the file that keeps them, are known to be the
// same part of the experiment.
std::string RunRecorder::role_of(const std::string& dataset) const {
  std::string wanted = within_run(dataset);
  for (const auto& [key, value] : experiment_.settings.as_table())
    if (value.is_text() && within_run(value.as_text()) == wanted) return key;
  return wanted;
}

std::string RunRecorder::within_run(const std::string& name) const {
  const std::filesystem::path inputs = std::filesystem::absolute(directory_.file("inputs")).lexically_normal();
  const std::filesystem::path path = name;
  return path.parent_path() == inputs ? (std::filesystem::path("inputs") / path.filename()).string() : name;
}

TrainedNetwork RunRecorder::network(const std::string& run) {
  const auto found = networks_.find(run);
  if (found == networks_.end()) throw InternalError("no setting of the study names the run '" + run + "'");
  TrainedNetwork network = found->second;
  if (network.dataset.starts_with("inputs/"))
    network.dataset = std::filesystem::absolute(directory_.file(network.dataset)).lexically_normal().string();
  return network;
}

void RunRecorder::keep(const std::string& member, const TrainedNetwork& network) {
  directory_.begin_writing();
  std::filesystem::path folder = directory_.folder();
  if (!member.empty()) folder = folder / members_folder / file_name(member);
  std::filesystem::create_directories(folder);
  TrainedNetwork kept = network;
  kept.state.description = completed(network.state.description, registry_);
  kept.dataset = within_run(network.dataset);
  write_network(folder / network_file, kept);
  Value& record = directory_.record();
  Value& all = record.find("networks") ? *record.find("networks") : record.set("networks", Value::List());
  const Value file = (folder / network_file).lexically_relative(directory_.folder()).generic_string();
  const auto is_same = [&](const Value& other) { return other.as_text() == file.as_text(); };
  if (std::ranges::none_of(all.as_list(), is_same)) all.as_list().push_back(file);
}

void RunRecorder::record_photographs(const ImageFolder& folder) {
  const auto& skipped = folder.skipped();
  choice("photographs", std::to_string(folder.size()) + " read, " + std::to_string(skipped.size()) + " files skipped");
  if (!options_.note) return;
  constexpr std::size_t most = 10;
  for (std::size_t i = 0; i < std::min(most, skipped.size()); ++i)
    options_.note("skipped " + skipped[i].path + ": " + skipped[i].reason);
  if (skipped.size() > most) options_.note("and " + std::to_string(skipped.size() - most) + " more files were skipped");
}

void RunRecorder::progress(const Progress& progress) {
  if (options_.progress) options_.progress(progress);
}

std::optional<Checkpoint> RunRecorder::resumed() {
  if (!options_.resume) return std::nullopt;
  auto checkpoint = read_checkpoint(directory_);
  if (!checkpoint) return checkpoint;
  if (checkpoint->find_text(rows_key) && metrics_.rows() == 0)
    metrics_.restore(directory_.file("metrics.csv"), static_cast<std::size_t>(counter_of(*checkpoint, rows_key)));
  erase_own_texts(*checkpoint);
  return checkpoint;
}

bool RunRecorder::checkpoint_due(double seconds) {
  return std::chrono::duration<double>(Clock::now() - last_save_).count() > seconds;
}

void RunRecorder::save(const Checkpoint& checkpoint) {
  write_metrics();  // before the checkpoint: it must know at least the rows that the checkpoint counts
  Checkpoint with_rows = checkpoint;
  with_rows.metadata.emplace_back(rows_key, std::to_string(metrics_.rows()));
  write_checkpoint(directory_, std::move(with_rows));
  directory_.record().set("wall_seconds", seconds());
  directory_.save_record();
  last_save_ = Clock::now();
}

void RunRecorder::metrics(const std::vector<std::pair<std::string, double>>& row) {
  metrics_.add(row);
  if (Clock::now() - last_metrics_ < std::chrono::seconds(5)) return;
  write_metrics();  // for those who watch
  last_metrics_ = Clock::now();
}

void RunRecorder::add(Figure figure) {
  figure.name = numbered(
      figure.name, [&](const std::string& name) { return report_.find(name) != nullptr; }, "_");
  report_.figures.push_back(std::move(figure));
}

void RunRecorder::add(Exhibit exhibit) {
  std::visit(
      [&]<class E>(E& added) {
        if constexpr (requires { added.name; }) {
          const auto is_taken = [&](const std::string& name) {
            return std::ranges::any_of(report_.exhibits, [&](const Exhibit& other) {
              const E* alike = std::get_if<E>(&other);
              return alike && alike->name == name;
            });
          };
          if constexpr (std::is_same_v<E, Picture> || std::is_same_v<E, Chart>) added.name = file_name(added.name);
          if (!added.name.empty()) added.name = numbered(added.name, is_taken);
        }
      },
      exhibit);
  report_.exhibits.push_back(std::move(exhibit));
}

void RunRecorder::array(const std::string& name, const Array& array) {
  auto known = array_files_.find(name);
  if (known == array_files_.end()) {
    const auto is_taken = [&](const std::string& file) {
      return std::ranges::any_of(array_files_, [&](const auto& entry) { return entry.second == file; });
    };
    known = array_files_.emplace(name, numbered(file_name(name), is_taken)).first;
  }
  directory_.begin_writing();
  std::filesystem::create_directories(directory_.file("arrays"));
  write_npy(directory_.file("arrays") / (known->second + ".npy"), array);
}

void RunRecorder::choice(const std::string& what, const std::string& chosen) {
  Value& record = directory_.record();
  Value& choices = record.find("choices") ? *record.find("choices") : record.set("choices", Value::table());
  choices.set(what, chosen);
}

}  // namespace neurarium
