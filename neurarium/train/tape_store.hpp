// TapeStore: tapes that passes of one loop share, so that each thread writes where it has written before.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "neurarium/nn/tape.hpp"

namespace neurarium {

class TapeStore {
 public:
  struct Back {
    TapeStore* store;
    void operator()(Tape* tape) const {
      const std::lock_guard lock(store->mutex_);
      store->free_.emplace_back(tape);
    }
  };
  /// A tape that nobody else uses, until the pointer is given up.
  std::unique_ptr<Tape, Back> take() {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) return {std::make_unique<Tape>().release(), Back{this}};
    Tape* tape = free_.back().release();
    free_.pop_back();
    return {tape, Back{this}};
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Tape>> free_;
};

}  // namespace neurarium
