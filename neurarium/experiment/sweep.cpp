#include "neurarium/experiment/sweep.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <map>
#include <memory>
#include <thread>

#include "neurarium/core/files.hpp"
#include "neurarium/core/pool.hpp"
#include "neurarium/experiment/sweep_folder.hpp"
#include "neurarium/experiment/sweep_page.hpp"
#include "neurarium/experiment/sweep_process.hpp"

namespace neurarium {
namespace {

using Clock = std::chrono::steady_clock;
using State = SweepRun::State;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

class Sweeper {
 public:
  Sweeper(SweepPlan plan, const SweepOptions& options)
      : plan_(std::move(plan)),
        options_(options),
        folder_(options.out.empty() ? std::filesystem::path("runs") / plan_.folder : options.out) {
    result_.study = plan_.study;
    result_.question = plan_.question;
    result_.folder = folder_;
    result_.keys = plan_.keys;
    for (const PlannedPoint& point : plan_.points) result_.points.push_back(point.values);
    result_.seeds = plan_.seeds;
    result_.threads = plan_.threads;
    const int per_run = plan_.threads > 0 ? plan_.threads : available_cpus();
    result_.jobs = options.jobs > 0 ? options.jobs : std::max(1, available_cpus() / per_run);
    result_.experiment = to_toml(plan_.points.front().experiment);
    result_.command = options.command;
    for (const PlannedRun& run : plan_.runs) {
      SweepRun& added = result_.runs.emplace_back();
      added.point = run.point;
      added.seed = run.seed;
      added.hash = run.hash;
      added.name = run.name;
      added.folder = folder_ / "members" / run.name;
    }
  }

  SweepResult run() {
    const SweepFolder lock(folder_, plan_.study);
    look_at_members();
    write_sweep_tables(result_);
    write_points();
    try {
      work();
    } catch (...) {
      stop_all();
      throw;
    }
    write_sweep_tables(result_);
    write_sweep_page(result_, options_.data_home);
    if (options_.progress) options_.progress(result_);
    if (result_.count(State::stopped) + result_.count(State::waiting) > 0)
      throw Interrupted("stopped: " + std::to_string(result_.count(State::finished)) + " of " +
                        std::to_string(result_.runs.size()) + " runs are finished, in " + folder_.string() +
                        "; the same command goes on");
    return std::move(result_);
  }

 private:
  struct Child {
    std::unique_ptr<ChildProcess> process;
    Clock::time_point start;
    bool resumed = false;
  };

  void note(const std::string& text) const {
    if (options_.note) options_.note(text);
  }
  std::filesystem::path log_of(const SweepRun& run) const { return folder_ / "logs" / (run.name + ".log"); }
  /// A point's experiment is kept under the name of its first run.
  std::filesystem::path folder_of_point(std::size_t point) const {
    return folder_ / "points" / result_.runs[point * result_.seeds.size()].name;
  }

  void look_at_members() {
    std::size_t stored = 0;
    for (SweepRun& run : result_.runs) {
      const Member member(run.folder);
      if (options_.again || !member.is_finished(run.hash)) continue;
      take_result(run, member);
      run.stored = true;
      ++stored;
    }
    const std::size_t runs = result_.runs.size();
    note(plan_.study + ": " + std::to_string(result_.points.size()) +
         (result_.points.size() == 1 ? " point" : " points") + " × " + std::to_string(result_.seeds.size()) +
         (result_.seeds.size() == 1 ? " seed" : " seeds") + ", " + std::to_string(result_.jobs) + " at a time, in " +
         folder_.string() +
         (stored == runs ? "; all runs are finished: these are their stored results (--again computes them anew)"
          : stored > 0   ? "; " + std::to_string(stored) + " of " + std::to_string(runs) + " runs are finished already"
                         : ""));
  }

  void write_points() const {
    std::filesystem::create_directories(folder_ / "members");
    std::filesystem::create_directories(folder_ / "logs");
    std::vector<bool> needed(plan_.points.size());
    for (const SweepRun& run : result_.runs) needed[run.point] = needed[run.point] || run.state == State::waiting;
    for (std::size_t p = 0; p < plan_.points.size(); ++p) {
      if (!needed[p]) continue;
      for (const auto& [name, content] : plan_.points[p].files) {
        const std::filesystem::path file = folder_of_point(p) / name;
        std::filesystem::create_directories(file.parent_path());
        write_atomically(file, std::span<const std::byte>(content));
      }
    }
  }

  void work() {
    for (;;) {
      const bool stopping = options_.stop.stop_requested();
      if (stopping)
        for (auto& [place, child] : children_) child.process->ask_to_stop();
      else start_as_many_as_fit();
      for (auto child = children_.begin(); child != children_.end();) {
        const auto end = child->second.process->ended();
        if (end) {
          const std::size_t place = child->first;
          const Child ended = std::move(child->second);
          child = children_.erase(child);
          take_end(place, ended, *end);
        } else {
          ++child;
        }
      }
      report_progress();
      if (children_.empty() && (stopping || result_.count(State::waiting) == 0)) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }

  /// All points with the first seed come first: so one soon sees something of each.
  void start_as_many_as_fit() {
    const std::size_t seeds = result_.seeds.size(), points = result_.points.size();
    for (std::size_t k = 0; k < result_.runs.size() && static_cast<int>(children_.size()) < result_.jobs; ++k) {
      const std::size_t place = (k % points) * seeds + k / points;
      SweepRun& run = result_.runs[place];
      if (run.state != State::waiting) continue;
      const Member member(run.folder);
      if (member.is_held()) {  // by what an earlier sweep, killed hard, has left: it is about to stop
        if (!std::exchange(told_of_others_, true)) note(run.folder.string() + " is in use by another process: waiting");
        continue;
      }
      start(place, member.is_to_be_resumed() && !options_.again, options_.again && member.exists());
    }
  }

  void start(std::size_t place, bool resume, bool again) {
    SweepRun& run = result_.runs[place];
    if (resume)
      if (const std::string fault = Member(run.folder).fault_of_checkpoint(); !fault.empty()) {
        note(run.name + " begins anew: " + fault);
        resume = false;
        again = true;
      }
    std::vector<std::string> words = options_.program;
    words.insert(words.end(),
                 {"run", (folder_of_point(run.point) / "experiment.toml").string(), "--seed", std::to_string(run.seed),
                  "--threads", std::to_string(plan_.threads), "--out", run.folder.string()});
    if (!options_.data_home.empty()) words.insert(words.end(), {"--data-dir", options_.data_home.string()});
    if (resume) words.emplace_back("--resume");
    if (again) words.emplace_back("--again");
    children_[place] = {std::make_unique<ChildProcess>(words, options_.called, log_of(run)), Clock::now(), resume};
    run.state = State::running;
    run.last_line.clear();
  }

  void take_end(std::size_t place, const Child& child, const ChildProcess::End& end) {
    SweepRun& run = result_.runs[place];
    run.seconds = seconds_since(child.start);
    const Member member(run.folder);
    if (end.code == static_cast<int>(ExitCode::resume_mismatch) && child.resumed && !options_.stop.stop_requested()) {
      note(run.name + " begins anew: " + last_words(log_of(run)));
      start(place, false, true);
      return;
    }
    run.exit_code = end.code;
    if (end.code == 0 && member.is_finished(run.hash)) {
      seconds_of_ended_.push_back(run.seconds);
      take_result(run, member);
    } else if (end.code == static_cast<int>(ExitCode::interrupted) ||
               (end.signal != 0 && options_.stop.stop_requested())) {
      run.state = State::stopped;
    } else {
      run.state = State::failed;
      run.error = last_words(log_of(run));
      if (end.signal != 0)
        run.error = std::string("its process was ended by signal ") + std::to_string(end.signal) + " (" +
                    ::strsignal(end.signal) + ")" + (run.error.empty() ? "" : "; its last words: " + run.error);
      else if (end.code == 0) run.error = run.folder.string() + " does not hold this experiment's result";
      else if (run.error.empty()) run.error = "no message; see " + log_of(run).string();
    }
    if (seconds_since(last_tables_) > 1) {
      write_sweep_tables(result_);
      last_tables_ = Clock::now();
    }
    if (seconds_since(last_page_) > 60 && result_.count(State::finished) > 0) {
      write_sweep_page(result_, options_.data_home);
      last_page_ = Clock::now();
    }
    estimate();
    if (options_.ended) options_.ended(result_, run);
  }

  void take_result(SweepRun& run, const Member& member) {
    run.state = State::finished;
    run.seconds = member.seconds();
    run.figures = member.figures(result_.figures);
    if (!result_.figure.empty() || result_.figures.empty()) return;
    result_.figure = result_.figures.front().name;
    if (options_.figure.empty()) return;
    std::vector<std::string> known;
    for (const SweepFigure& figure : result_.figures) known.push_back(figure.name);
    if (std::ranges::find(known, options_.figure) != known.end()) {
      result_.figure = options_.figure;
      return;
    }
    const std::string near = nearest(options_.figure, known);
    std::string all;
    for (const std::string& name : known) all += (all.empty() ? "" : ", ") + name;
    note("there is no figure '" + options_.figure + "': showing '" + result_.figure + "'" +
         (near.empty() ? "; there are " + all : "; did you mean '" + near + "'?"));
  }

  void estimate() {
    double all = 0;
    for (const double seconds : seconds_of_ended_) all += seconds;
    if (seconds_of_ended_.empty()) return;
    const double mean = all / static_cast<double>(seconds_of_ended_.size());
    double left = mean * static_cast<double>(result_.count(State::waiting));
    for (const auto& [place, child] : children_) left += std::max(0.0, mean - seconds_since(child.start));
    result_.seconds_left = left / result_.jobs;
  }

  void report_progress() {
    if (!options_.progress || seconds_since(last_progress_) < 0.2) return;
    last_progress_ = Clock::now();
    for (auto& [place, child] : children_) {
      result_.runs[place].seconds = seconds_since(child.start);
      result_.runs[place].last_line = last_line(log_of(result_.runs[place]));
    }
    estimate();
    options_.progress(result_);
  }

  /// After an error of ours: the runs write their checkpoints all the same.
  void stop_all() {
    for (auto& [place, child] : children_) child.process->ask_to_stop();
    for (auto& [place, child] : children_)
      while (!child.process->ended()) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    children_.clear();
  }

  SweepPlan plan_;
  const SweepOptions& options_;
  std::filesystem::path folder_;
  SweepResult result_;
  std::map<std::size_t, Child> children_;  ///< by place among the runs
  std::vector<double> seconds_of_ended_;
  bool told_of_others_ = false;
  Clock::time_point last_tables_ = Clock::now(), last_page_ = last_tables_, last_progress_{};
};

}  // namespace

SweepResult run_sweep(const Sweep& sweep, const Registry& registry, const SweepOptions& options,
                      std::span<const Preset> presets) {
  if (options.program.empty()) throw InternalError("SweepOptions::program names no program");
  RunOptions data;
  data.data_home = options.data_home;
  data.dataset_in_memory = options.dataset_in_memory;
  return Sweeper(plan_sweep(sweep, registry, data, presets), options).run();
}

}  // namespace neurarium
