#include <array>
#include <ctime>
#include <optional>

#include "neurarium/core/files.hpp"
#include "neurarium/data/catalogue.hpp"
#include "neurarium/experiment/checkpoint_file.hpp"
#include "neurarium/experiment/data_settings.hpp"
#include "neurarium/experiment/experiment.hpp"
#include "neurarium/experiment/identity.hpp"
#include "neurarium/experiment/report_files.hpp"
#include "neurarium/experiment/run_page.hpp"
#include "neurarium/experiment/run_recorder.hpp"
#include "neurarium/kernels/targets.hpp"

namespace neurarium {
namespace {

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

const char* compiler() {
#if defined(__clang__)
  return "Clang " __clang_version__;
#elif defined(__GNUC__)
  return "GCC " __VERSION__;
#else
  return "unknown";
#endif
}

/// Data that are missing should be said before a directory is made.
void require_data(const Experiment& experiment, const RunOptions& options) {
  const auto home = options.data_home.empty() ? default_data_home() : options.data_home;
  for (const char* key : data_settings) {
    const Value* data = experiment.settings.find(key);
    if (!data || !data->is_text() || data->as_text().empty() || data->as_text() == in_memory) continue;
    if (!is_present(data->as_text(), home)) (void)load_dataset(data->as_text(), home);  // says what is missing
  }
}

class Runner {
 public:
  Runner(const Experiment& experiment, const Registry& registry, const RunOptions& options)
      : experiment_(decided(experiment, registry, options)),
        registry_(registry),
        options_(options),
        study_(registry.make<Study>("study", {experiment_.study, experiment_.settings})),
        identity_(identify(experiment_, registry, options)),
        directory_(options.out.empty()
                       ? std::filesystem::path("runs") / (experiment.study + "-" + identity_.hash.substr(0, 8))
                       : options.out) {}

  Report run() {
    if (directory_.exists()) {
      require_same_experiment();
      if (is_finished()) return stored_result();  // needs no lock: nobody changes it
      directory_.lock();
      require_same_experiment();
      if (is_finished()) return stored_result();  // by a process that held it until now
      if (options_.go_on) choose_to_go_on();
      if (options_.again) options_.resume = false;
      if (options_.resume) require_same_program();
      else if (!options_.again) refuse_unfinished();
    } else if (options_.resume) {
      throw ResumeError(directory_.folder().string() +
                        ": there is no run of this experiment to resume; leave --resume out to begin it, or "
                        "name the run directory: neurarium run --resume DIRECTORY");
    }
    require_data(experiment_, options_);
    begin();
    return execute();
  }

 private:
  std::string folder() const { return directory_.folder().string(); }
  void note(const std::string& text) const {
    if (options_.note) options_.note(text);
  }

  bool is_finished() const { return directory_.text("status") == "finished" && !options_.again; }
  Report stored_result() const {
    const std::string there = directory_.text("version");
    if (there == NEURARIUM_VERSION)
      note(folder() + " is finished: this is its stored result (--again computes it anew)");
    else
      note(folder() + " is finished: this is its stored result, computed by version " + there +
           " of the program (this is " + NEURARIUM_VERSION + "); --again computes it anew");
    return read_report(directory_.folder());
  }

  bool same_version() const { return directory_.text("version") == NEURARIUM_VERSION; }
  bool same_bits_as_there() const {
    return directory_.text("compiler") == compiler() &&
           directory_.text("instruction_set") == kernels::active_instruction_set();
  }

  bool has_good_checkpoint() const {
    try {
      return read_checkpoint(directory_).has_value();
    } catch (const Error& error) {
      note(std::string(error.what()) + "; it begins anew");
      return false;
    }
  }

  void choose_to_go_on() {
    options_.resume =
        same_version() && same_bits_as_there() && directory_.text("status") != "diverged" && has_good_checkpoint();
    options_.again = options_.again || !options_.resume;
  }

  void require_same_experiment() {
    if (directory_.text("experiment_hash") == identity_.hash) return;
    const auto [difference, mend] = mismatch(identity_, experiment_, directory_);
    const std::string what = folder() + " holds another experiment: " + difference;
    if (options_.resume)
      throw ResumeError(what + "; " +
                        (mend.empty() ? "resume it with its own settings: neurarium run --resume " + folder() : mend));
    throw SpecError(what, "nothing was touched; " + (mend.empty() ? "choose another place with --out" : mend));
  }

  void require_same_program() {
    if (!same_version())
      throw ResumeError(folder() + " was begun by version " + directory_.text("version") +
                        " of the program, but this is " + NEURARIUM_VERSION +
                        "; resume it with that version, or start over with --again");
    if (same_bits_as_there() || options_.allow_isa_change) return;
    const auto names = [](const std::string& instructions, const std::string& compiled_by) {
      return "the instruction set '" + instructions + "' and a program compiled by " + compiled_by;
    };
    throw ResumeError(folder() + " was begun with " +
                      names(directory_.text("instruction_set"), directory_.text("compiler")) + ", but here are " +
                      names(kernels::active_instruction_set(), compiler()) +
                      ", and the result would not have the same bits; --allow-isa-change resumes all the same");
  }

  void refuse_unfinished() {
    const std::string status = directory_.text("status");
    const bool checkpoint = directory_.has("checkpoint.safetensors");
    if (status == "diverged" || (status == "failed" && !checkpoint)) return;  // nothing to keep: it begins anew
    throw SpecError(folder() + " is unfinished (" + (status == "running" ? "its process has ended" : status) + ")",
                    "go on with --resume, or start over with --again");
  }

  void begin() {
    Value& record = directory_.record();
    const bool goes_on = directory_.exists() && options_.resume,
               replaces_result = directory_.text("status") == "finished";
    if (!goes_on) {
      record = Value::table();
      record.set("format", "neurarium run 1");
    }
    record.set("status", "running");
    record.erase("error");
    record.erase("exit_status");
    record.erase("ended");
    record.set("study", experiment_.study);
    if (!experiment_.preset.empty()) record.set("preset", experiment_.preset);
    record.set("version", NEURARIUM_VERSION);
    record.set("compiler", compiler());
    record.set("instruction_set", kernels::active_instruction_set());
    record.set("threads", experiment_.threads);
    record.set("cpus", available_cpus());
    record.set("seed", experiment_.seed);
    record.set("experiment_hash", identity_.hash);
    if (!goes_on || !record.find("inputs")) record.set("inputs", hashes_of_inputs());
    if (!options_.command.empty()) record.set("command", Value::List(options_.command.begin(), options_.command.end()));
    if (goes_on) record.set("resumed", (record.find("resumed") ? record.at("resumed").as_integer() : 0) + 1);
    else record.set("started", utc_now());
    const bool from_checkpoint = goes_on && directory_.has("checkpoint.safetensors");
    note(experiment_.study + ", seed " + std::to_string(experiment_.seed) + ", in " + folder() +
         (from_checkpoint ? ", from its checkpoint"
          : goes_on       ? ", from the beginning (there is no checkpoint yet)"
                          : ""));
    if (!directory_.exists()) return directory_.create(identity_.files);
    if (from_checkpoint) return directory_.save_record();
    directory_.replace_later();
    if (!replaces_result) directory_.begin_writing();
  }

  Value hashes_of_inputs() const {
    Value inputs = Value::table();
    for (const auto& [part, hash] : identity_.parts) inputs.set(part, hash);
    // An existing directory keeps its own, which may name data by another path.
    if (directory_.exists()) inputs.set("experiment.toml", sha256(read_text(directory_.file("experiment.toml"))));
    return inputs;
  }

  Report execute() {
    std::optional<RunRecorder> recorder;  // made inside: threads that can't be started are a failure of the run as well
    try {
      recorder.emplace(experiment_, registry_, options_, directory_, identity_.networks);
      study_->run(*recorder);
      directory_.begin_writing();
      recorder->write_metrics();
      write_report(recorder->report(), directory_.folder());
      end(recorder, "finished", ExitCode::done, {});
      write_page(recorder->report(), directory_.folder(), directory_.record(), options_.data_home);
      directory_.save_record();
      return recorder->report();
    } catch (const Interrupted& error) {
      if (directory_.holds_old_result())
        throw Interrupted(std::string(error.what()) + "; what was in " + folder() + " is still there");
      end(recorder, "interrupted", error.exit_code(), error.what());
      directory_.save_last_record();
      const std::string go_on = "neurarium run --resume " + folder();
      throw Interrupted(std::string(error.what()) + (directory_.has(checkpoint_file)
                                                         ? "; go on with: " + go_on
                                                         : "; nothing of it is kept: " + go_on + " begins anew"));
    } catch (const NumericError& error) {
      fail(recorder, "diverged", error.exit_code(), error.what());
      if (directory_.has("checkpoint.safetensors"))
        note("the last good state is kept in " + directory_.file("checkpoint.safetensors").string());
      throw;
    } catch (const Error& error) {
      // A wrong setting that only the data could show: no run, and nothing that would be in the way of the right one.
      const bool nothing_done = !recorder || !recorder->has_metrics();
      if (error.exit_code() == ExitCode::usage && nothing_done && !directory_.has(checkpoint_file)) directory_.remove();
      if (!directory_.exists()) throw;
      fail(recorder, "failed", error.exit_code(), error.what());
      throw;
    } catch (const std::exception& error) {
      fail(recorder, "failed", ExitCode::failed, error.what());
      throw;
    }
  }

  void end(const std::optional<RunRecorder>& recorder, const char* status, ExitCode code, const std::string& error) {
    Value& record = directory_.record();
    record.set("status", status);
    record.set("exit_status", static_cast<int>(code));
    if (!error.empty()) record.set("error", error);
    record.set("ended", utc_now());
    if (recorder) record.set("wall_seconds", recorder->seconds());
  }
  void fail(std::optional<RunRecorder>& recorder, const char* status, ExitCode code, const std::string& error) {
    if (directory_.holds_old_result()) return;
    try {
      if (recorder) recorder->write_metrics();
    } catch (...) {  // the first error is the one to tell
    }
    end(recorder, status, code, error);
    directory_.save_last_record();
  }

  const Experiment experiment_;
  const Registry& registry_;
  RunOptions options_;
  /// Before all that is read or written: one that can't be made is a fault of the configuration.
  std::unique_ptr<Study> study_;
  Identity identity_;
  RunDirectory directory_;
};

}  // namespace

Report run(const Experiment& experiment, const Registry& registry, const RunOptions& options) {
  require_no_axes(experiment);
  if (experiment.seeds > 1)
    throw SpecError("seeds = " + std::to_string(experiment.seeds) + " are several runs, and this is one",
                    "use sweep, with repeats = " + std::to_string(experiment.seeds));
  return Runner(experiment, registry, options).run();
}

}  // namespace neurarium
