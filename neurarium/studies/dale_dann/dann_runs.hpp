// Many trainings: they are shared out over the threads, each done by one thread, and what comes out has the same bits for any number
// of threads. A run that is stopped goes on with the trainings that were not done.
#pragma once

#include <algorithm>
#include <functional>

#include "neurarium/nn/study.hpp"
#include "neurarium/studies/dale_dann/dann_networks.hpp"
#include "neurarium/train/epoch_history.hpp"

namespace neurarium {

/// What came of one.
struct DannOutcome {
  EpochHistory history;  ///< held_out: the test samples, after each epoch
  Array fields;          ///< first_fields()
  double train_seconds = 0;
  /// Mean over the last epochs, five or half of them: at a constant learning rate accuracy never comes to rest.
  double test_accuracy() const {
    const std::size_t last = std::min<std::size_t>(5, (history.size() + 1) / 2);
    double sum = 0;
    for (std::size_t e = history.size() - last; e < history.size(); ++e) sum += history[e].held_out_accuracy;
    return sum / static_cast<double>(last);
  }
  double train_accuracy() const { return history.back().accuracy; }
};

/// train_one(k, context of that training) for k = 0 … count − 1. Interrupted, once what is done is saved; the error of the first
/// training that fails.
std::vector<DannOutcome> train_shared_out(std::size_t count,
                                          const std::function<DannOutcome(std::size_t, RunContext&)>& train_one,
                                          RunContext& context);

}  // namespace neurarium
