#include "neurarium/train/epoch_history.hpp"

#include <algorithm>

namespace neurarium {
namespace {

constexpr const char* name = "trainer.history";
constexpr std::size_t columns = 6;

}  // namespace

EpochResult mean_of(const Evaluation& sum, std::uint64_t epoch) {
  const double n = static_cast<double>(std::max<std::size_t>(sum.samples, 1));
  return {epoch, sum.loss / n, sum.correct / n, sum.has_accuracy, false, 0, 0};
}

void save_history(const EpochHistory& history, NamedArrays& arrays) {
  Array array(DType::f64, {history.size(), columns});
  const auto rows = array.as<double>();
  for (std::size_t i = 0; i < history.size(); ++i) {
    const EpochResult& r = history[i];
    rows(i, 0) = r.loss, rows(i, 1) = r.accuracy, rows(i, 2) = r.has_accuracy;
    rows(i, 3) = r.has_held_out, rows(i, 4) = r.held_out_loss, rows(i, 5) = r.held_out_accuracy;
  }
  arrays.emplace_back(name, std::move(array));
}

EpochHistory saved_history(const Checkpoint& checkpoint) {
  const Array* array = checkpoint.find(name);
  if (!array || array->dtype() != DType::f64 || array->shape().axes() != 2 || array->shape()[1] != columns)
    throw ResumeError(std::string("the checkpoint's ") + name + " is missing or damaged");
  const auto rows = array->as<double>();
  EpochHistory history;
  for (std::size_t i = 0; i < array->shape()[0]; ++i)
    history.push_back({i + 1, rows(i, 0), rows(i, 1), rows(i, 2) != 0, rows(i, 3) != 0, rows(i, 4), rows(i, 5)});
  return history;
}

}  // namespace neurarium
