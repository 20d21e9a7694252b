#include "neurarium/studies/dale_dann/dann_runs.hpp"

#include <atomic>
#include <exception>
#include <mutex>
#include <numeric>
#include <optional>
#include <thread>

#include "neurarium/core/rng.hpp"
#include "neurarium/train/detached_context.hpp"

namespace neurarium {
namespace {

constexpr double checkpoint_seconds = 60;

std::string prefix_of(std::size_t k) { return "run." + std::to_string(k) + '.'; }

/// What the trainings know of one another. Only the thread that owns the run talks to its context.
class Board {
 public:
  Board(RunContext& run, std::size_t count) : outcomes(count), run_(run), share_done_(count, 0) {
    const auto checkpoint = run.resumed();
    for (std::size_t k = 0; checkpoint && k < count; ++k)
      if ((outcomes[k] = kept(*checkpoint, k))) share_done_[k] = 1;
  }

  void progress(std::size_t k, double share, const std::string& merit) {
    const std::lock_guard lock(mutex_);
    share_done_[k] = share;
    if (!is_owner()) return;
    run_.progress({"train", std::accumulate(share_done_.begin(), share_done_.end(), 0.),
                   static_cast<double>(outcomes.size()), "networks", merit});
  }
  bool stop_requested() {
    if (is_owner()) {
      if (run_.stop_requested()) stop_ = true;
      if (run_.checkpoint_due(checkpoint_seconds)) save();
    }
    return stop_;
  }
  void done(std::size_t k, DannOutcome outcome) {
    const std::lock_guard lock(mutex_);
    outcomes[k] = std::move(outcome);
    share_done_[k] = 1;
  }
  /// An error of training k: the others end, too.
  void failed(std::size_t k) {
    const std::lock_guard lock(mutex_);
    if (!failure_ || k < failed_) failure_ = std::current_exception(), failed_ = k;
    stop_ = true;
  }
  void end() {
    if (failure_) std::rethrow_exception(failure_);
    save();
    for (const auto& outcome : outcomes)
      if (!outcome) throw Interrupted("stopped while training networks");
  }

  std::vector<std::optional<DannOutcome>> outcomes;

 private:
  bool is_owner() const { return std::this_thread::get_id() == owner_; }

  void save() {
    const std::lock_guard lock(mutex_);
    Checkpoint checkpoint;
    for (std::size_t k = 0; k < outcomes.size(); ++k) {
      if (!outcomes[k]) continue;
      NamedArrays history;
      save_history(outcomes[k]->history, history);
      for (auto& [name, array] : history) checkpoint.arrays.emplace_back(prefix_of(k) + name, std::move(array));
      checkpoint.arrays.emplace_back(prefix_of(k) + "fields", outcomes[k]->fields);
    }
    if (!checkpoint.arrays.empty()) run_.save(checkpoint);
  }
  static std::optional<DannOutcome> kept(const Checkpoint& checkpoint, std::size_t k) {
    Checkpoint part;
    const std::string prefix = prefix_of(k);
    for (const auto& [name, array] : checkpoint.arrays)
      if (name.starts_with(prefix)) part.arrays.emplace_back(name.substr(prefix.size()), array);
    if (part.arrays.empty()) return std::nullopt;
    const Array* fields = part.find("fields");
    if (!fields) throw ResumeError("the checkpoint's training " + std::to_string(k) + " is not what this study saves");
    return DannOutcome{saved_history(part), *fields, 0};
  }

  RunContext& run_;
  const std::thread::id owner_ = std::this_thread::get_id();
  std::mutex mutex_;
  std::atomic<bool> stop_ = false;
  std::vector<double> share_done_;
  std::exception_ptr failure_;
  std::size_t failed_ = 0;
};

/// The context of one training: its own seed, and the thread that it runs on.
class OneOfMany : public DetachedContext {
 public:
  OneOfMany(RunContext& run, Board& board, std::size_t k)
      : DetachedContext(run, "train"),
        board_(board),
        k_(k),
        seed_(philox(Stream(run.seed(), "dale-dann.runs"), {0, static_cast<std::uint32_t>(k)})[0]) {}
  std::uint64_t seed() const override { return seed_; }
  WorkerPool& pool() override { return pool_; }
  void note(const std::string&) override {}
  void progress(const Progress& p) override {
    if (p.total > 0) board_.progress(k_, p.done / p.total, p.merit);
  }
  bool stop_requested() const override { return board_.stop_requested(); }

 private:
  Board& board_;
  std::size_t k_;
  std::uint64_t seed_;
  WorkerPool pool_{1};
};

}  // namespace

std::vector<DannOutcome> train_shared_out(std::size_t count,
                                          const std::function<DannOutcome(std::size_t, RunContext&)>& train_one,
                                          RunContext& context) {
  Board board(context, count);
  std::vector<std::size_t> missing;
  for (std::size_t k = 0; k < count; ++k)
    if (!board.outcomes[k]) missing.push_back(k);
  context.pool().run(missing.size(), [&](std::size_t i) {
    if (board.stop_requested()) return;
    try {
      OneOfMany own(context, board, missing[i]);
      board.done(missing[i], train_one(missing[i], own));
    } catch (const Interrupted&) {  // end() says so
    } catch (...) {
      board.failed(missing[i]);
    }
  });
  board.end();
  std::vector<DannOutcome> all;
  for (auto& outcome : board.outcomes) all.push_back(std::move(*outcome));
  return all;
}

}  // namespace neurarium
