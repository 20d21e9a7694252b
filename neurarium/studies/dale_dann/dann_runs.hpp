// What comes of each training of dale-dann, and what of it a checkpoint holds (train/shared_out.hpp).
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

/// train_one(k, context of that training) for k = 0 … count − 1, as train_shared_out does.
std::vector<DannOutcome> train_networks(std::size_t count,
                                        const std::function<DannOutcome(std::size_t, RunContext&)>& train_one,
                                        RunContext& context);

}  // namespace neurarium
