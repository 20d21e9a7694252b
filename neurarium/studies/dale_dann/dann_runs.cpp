#include "neurarium/studies/dale_dann/dann_runs.hpp"

#include "neurarium/train/shared_out.hpp"

namespace neurarium {

std::vector<DannOutcome> train_networks(std::size_t count,
                                        const std::function<DannOutcome(std::size_t, RunContext&)>& train_one,
                                        RunContext& context) {
  std::vector<DannOutcome> all(count);
  SharedTrainings trainings{count, "dale-dann.runs", 60, {}, {}, {}};
  trainings.train = [&](std::size_t k, RunContext& own) { all[k] = train_one(k, own); };
  trainings.save = [&](std::size_t k) {
    NamedArrays arrays;
    save_history(all[k].history, arrays);
    arrays.emplace_back("fields", all[k].fields);
    return arrays;
  };
  trainings.restore = [&](std::size_t k, const Checkpoint& part) {
    const Array* fields = part.find("fields");
    if (!fields) refuse_training(k);
    all[k] = {saved_history(part), *fields, 0};
  };
  train_shared_out(trainings, context);
  return all;
}

}  // namespace neurarium
