#include "neurarium/train/shared_out.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <numeric>
#include <thread>

#include "neurarium/core/errors.hpp"
#include "neurarium/core/rng.hpp"
#include "neurarium/train/detached_context.hpp"
#include "neurarium/train/trainer.hpp"

namespace neurarium {
namespace {

std::string prefix_of(std::size_t k) { return "run." + std::to_string(k) + '.'; }

/// What the trainings know of one another. Only the thread that owns the run talks to its context.
class Board {
 public:
  Board(const SharedTrainings& trainings, RunContext& run)
      : trainings_(trainings), run_(run), is_done_(trainings.count, false), share_done_(trainings.count, 0) {
    const auto checkpoint = run.resumed();
    for (std::size_t k = 0; checkpoint && k < trainings.count; ++k) {
      Checkpoint part;
      const std::string prefix = prefix_of(k);
      for (const auto& [name, array] : checkpoint->arrays)
        if (name.starts_with(prefix)) part.arrays.emplace_back(name.substr(prefix.size()), array);
      if (part.arrays.empty()) continue;
      trainings.restore(k, part);
      is_done_[k] = true, share_done_[k] = 1;
    }
  }

  std::vector<std::size_t> missing() const {
    std::vector<std::size_t> numbers;
    for (std::size_t k = 0; k < is_done_.size(); ++k)
      if (!is_done_[k]) numbers.push_back(k);
    return numbers;
  }
  void progress(std::size_t k, double share) {
    const std::lock_guard lock(mutex_);
    share_done_[k] = share;
    if (!is_owner()) return;
    run_.progress(
        {"train", std::accumulate(share_done_.begin(), share_done_.end(), 0.), static_cast<double>(is_done_.size()),
         "networks",
         std::to_string(std::ranges::count(is_done_, true)) + " of " + std::to_string(is_done_.size()) + " done"});
  }
  bool stop_requested() {
    if (is_owner()) {
      if (run_.stop_requested()) stop_ = true;
      if (run_.checkpoint_due(trainings_.checkpoint_seconds)) save();
    }
    return stop_;
  }
  void done(std::size_t k) {
    const std::lock_guard lock(mutex_);
    is_done_[k] = true, share_done_[k] = 1;
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
    if (!missing().empty()) throw Interrupted("stopped while training networks");
  }

 private:
  bool is_owner() const { return std::this_thread::get_id() == owner_; }
  void save() {
    const std::lock_guard lock(mutex_);
    Checkpoint checkpoint;
    for (std::size_t k = 0; k < is_done_.size(); ++k) {
      if (!is_done_[k]) continue;
      for (auto& [name, array] : trainings_.save(k))
        checkpoint.arrays.emplace_back(prefix_of(k) + name, std::move(array));
    }
    if (!checkpoint.arrays.empty()) run_.save(checkpoint);
  }

  const SharedTrainings& trainings_;
  RunContext& run_;
  const std::thread::id owner_ = std::this_thread::get_id();
  std::mutex mutex_;
  std::atomic<bool> stop_ = false;
  std::vector<bool> is_done_;
  std::vector<double> share_done_;
  std::exception_ptr failure_;
  std::size_t failed_ = 0;
};

/// The context of one training: its own seed, and the thread that it runs on.
class OneOfMany : public DetachedContext {
 public:
  OneOfMany(RunContext& run, Board& board, std::size_t k, std::uint64_t seed)
      : DetachedContext(run, "train"), board_(board), k_(k), seed_(seed) {}
  std::uint64_t seed() const override { return seed_; }
  WorkerPool& pool() override { return pool_; }
  void note(const std::string&) override {}
  void progress(const Progress& p) override {
    if (p.total > 0) board_.progress(k_, p.done / p.total);
  }
  bool stop_requested() const override { return board_.stop_requested(); }

 private:
  Board& board_;
  std::size_t k_;
  std::uint64_t seed_;
  WorkerPool pool_{1};
};

}  // namespace

void require_an_epoch(const TrainParams& train) {
  if (train.epochs < 1)
    throw SpecError("train.epochs: 0, but this study shows what epochs bring: expected at least 1",
                    "set train.epochs = 1 or more");
}

std::uint64_t seed_of_training(std::uint64_t seed, const std::string& seeds, std::size_t k) {
  return philox(Stream(seed, seeds), {0, static_cast<std::uint32_t>(k)})[0];
}

void train_shared_out(const SharedTrainings& trainings, RunContext& context) {
  Board board(trainings, context);
  const std::vector<std::size_t> missing = board.missing();
  context.pool().run(missing.size(), [&](std::size_t i) {
    const std::size_t k = missing[i];
    if (board.stop_requested()) return;
    try {
      OneOfMany own(context, board, k, seed_of_training(context.seed(), trainings.seeds, k));
      trainings.train(k, own);
      board.done(k);
    } catch (const Interrupted&) {  // end() says so
    } catch (...) {
      board.failed(k);
    }
  });
  board.end();
}

void refuse_training(std::size_t k) {
  throw ResumeError("the checkpoint's training " + std::to_string(k) + " is not what this study saves");
}

}  // namespace neurarium
