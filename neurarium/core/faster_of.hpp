// FasterOf: a choice between two ways to do the same work, made by the clock while the work goes on. Only for ways whose
// results have the same bits.
#pragma once

#include <algorithm>

namespace neurarium {

/// Which of two ways is faster, found out by trying. The slower one is looked at again now and then, since a machine that is
/// busy now may be free later: soon after a change of mind, ever more rarely while nothing changes.
class FasterOf {
 public:
  /// The way to go next: 0 or 1.
  int next() const {
    for (const int way : {0, 1})
      if (seconds_[way] == 0) return way;
    return since_look_ >= patience_ ? 1 - faster_ : faster_;
  }
  /// What one unit of work took the way that next() said.
  void took(int way, double seconds) {
    const int other = 1 - way;
    if (way == faster_ && seconds_[way] > 0 && seconds_[other] > 0) {
      seconds_[way] = (seconds_[way] + seconds) / 2;
      ++since_look_;
    } else {
      seconds_[way] = seconds;
      since_look_ = 0;
      patience_ = std::min(2 * patience_, rarest_look);
    }
    if (seconds_[other] > 0 && seconds_[1 - faster_] < seconds_[faster_]) {
      faster_ = 1 - faster_;
      since_look_ = 0;
      patience_ = first_look;
    }
  }

 private:
  static constexpr unsigned first_look = 4, rarest_look = 64;
  double seconds_[2] = {0, 0};
  int faster_ = 0;
  unsigned since_look_ = 0, patience_ = first_look;
};

}  // namespace neurarium
