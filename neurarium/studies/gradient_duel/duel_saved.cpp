// What of a duel goes into a checkpoint: moments as rows of numbers.
#include <cmath>

#include "neurarium/studies/gradient_duel/duel_training.hpp"
#include "neurarium/train/shared_out.hpp"

namespace neurarium {
namespace {

constexpr double Moment::*plain[] = {&Moment::epoch,
                                     &Moment::test_accuracy,
                                     &Moment::test_loss,
                                     &Moment::hidden_spikes,
                                     &Moment::surrogate_length,
                                     &Moment::grid_length,
                                     &Moment::exact_length,
                                     &Moment::readout,
                                     &Moment::same_counts,
                                     &Moment::answer_difference};
constexpr double ThreeCosines::*three[] = {&ThreeCosines::surrogate_grid, &ThreeCosines::surrogate_exact,
                                           &ThreeCosines::grid_exact};

Array table(std::size_t rows, const std::vector<double>& numbers) {
  Array array(DType::f64, {rows, rows ? numbers.size() / rows : 0});
  std::ranges::copy(numbers, array.as<double>().data());
  return array;
}

std::vector<double> row_of(const Moment& m) {
  std::vector<double> row;
  for (const auto number : plain) row.push_back(m.*number);
  for (const auto cosine : three) row.push_back(m.hidden.*cosine);
  for (const auto cosine : three) row.push_back(m.unit.*cosine);
  for (const ThreeCosines& weight : m.of_weight)
    for (const auto cosine : three) row.push_back(weight.*cosine);
  row.insert(row.end(), m.of_slope.begin(), m.of_slope.end());
  return row;
}

Moment moment_of(std::span<const double> row, std::size_t weights) {
  Moment m;
  std::size_t at = 0;
  for (const auto number : plain) m.*number = row[at++];
  for (const auto cosine : three) m.hidden.*cosine = row[at++];
  for (const auto cosine : three) m.unit.*cosine = row[at++];
  m.of_weight.resize(weights);
  for (ThreeCosines& weight : m.of_weight)
    for (const auto cosine : three) weight.*cosine = row[at++];
  m.of_slope.assign(row.begin() + static_cast<std::ptrdiff_t>(at), row.end());
  return m;
}

Array rows_of(const Foresight& f) {
  std::vector<double> numbers(f.surrogate);
  numbers.insert(numbers.end(), f.grid.begin(), f.grid.end());
  numbers.insert(numbers.end(), f.exact.begin(), f.exact.end());
  return table(3, numbers);
}

void save_path(const DuelPath& path, const std::string& name, NamedArrays& arrays) {
  NamedArrays own;
  save_history(path.history, own);
  std::vector<double> numbers;
  for (const Moment& moment : path.moments) {
    const std::vector<double> row = row_of(moment);
    numbers.insert(numbers.end(), row.begin(), row.end());
  }
  own.emplace_back("moments", table(path.moments.size(), numbers));
  own.emplace_back("at_end", rows_of(path.at_end));
  own.emplace_back("epoch_seconds", table(1, {path.epoch_seconds}));
  for (const auto& [parameter, array] : path.network.arrays) own.emplace_back("network." + parameter, array);
  for (auto& [key, array] : own) arrays.emplace_back(name + key, std::move(array));
}

/// The arrays of a part whose names begin with `prefix`.
Checkpoint within(const Checkpoint& part, const std::string& prefix) {
  Checkpoint inner;
  for (const auto& [name, array] : part.arrays)
    if (name.starts_with(prefix)) inner.arrays.emplace_back(name.substr(prefix.size()), array);
  return inner;
}

const Array& found_in(const Checkpoint& part, const char* name, std::size_t k) {
  const Array* array = part.find(name);
  if (!array || array->dtype() != DType::f64 || array->shape().axes() != 2) refuse_training(k);
  return *array;
}

Foresight foresight_of(const Array& rows, std::size_t k) {
  if (rows.shape()[0] != 3) refuse_training(k);
  const auto row = [&](std::size_t i) {
    const auto numbers = rows.as<double>()[i].flat();
    return std::vector<double>(numbers.begin(), numbers.end());
  };
  return {row(0), row(1), row(2)};
}

DuelPath restored_path(std::size_t k, const Checkpoint& part, std::size_t weights) {
  DuelPath path;
  path.history = saved_history(part);
  const Array& moments = found_in(part, "moments", k);
  if (moments.shape()[1] < std::size(plain) + std::size(three) * (weights + 2)) refuse_training(k);
  for (std::size_t i = 0; i < moments.shape()[0]; ++i)
    path.moments.push_back(moment_of(moments.as<double>()[i].flat(), weights));
  path.at_end = foresight_of(found_in(part, "at_end", k), k);
  path.epoch_seconds = found_in(part, "epoch_seconds", k).as<double>()(std::size_t{0}, std::size_t{0});
  path.network.arrays = within(part, "network.").arrays;
  return path;
}

}  // namespace

NamedArrays saved_duel(const Duel& duel) {
  NamedArrays arrays;
  save_path(duel.surrogate, "surrogate.", arrays);
  save_path(duel.eventprop, "eventprop.", arrays);
  arrays.emplace_back("at_start", rows_of(duel.at_start));
  return arrays;
}

Duel restored_duel(std::size_t k, const Checkpoint& part) {
  Duel duel;
  const Checkpoint eventprop = within(part, "eventprop.");
  for (const auto& [name, array] : within(eventprop, "network.").arrays) duel.weights.push_back(name);
  if (duel.weights.empty()) refuse_training(k);
  duel.surrogate = restored_path(k, within(part, "surrogate."), duel.weights.size());
  duel.eventprop = restored_path(k, eventprop, duel.weights.size());
  duel.at_start = foresight_of(found_in(part, "at_start", k), k);
  return duel;
}

}  // namespace neurarium
