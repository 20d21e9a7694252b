#include "neurarium/data/dataset.hpp"

#include "neurarium/core/digits.hpp"
#include "neurarium/core/files.hpp"

namespace neurarium {

Array gather_rows(ArrayView array, std::span<const std::uint64_t> ids) {
  Array rows;
  gather_rows(array, ids, rows);
  return rows;
}

void gather_rows(ArrayView array, std::span<const std::uint64_t> ids, Array& rows) {
  if (array.shape().axes() == 0) throw InternalError("gather_rows: a scalar has no rows");
  const Shape entry = array.shape().tail();
  const std::size_t bytes = entry.elements() * item_size(array.dtype());
  const Shape shape = entry.with_leading(ids.size());
  if (rows.dtype() != array.dtype() || rows.shape() != shape) rows = Array(array.dtype(), shape);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] >= array.shape()[0])
      throw InternalError("gather_rows: row " + std::to_string(ids[i]) + " of " + std::to_string(array.shape()[0]));
    if (bytes > 0) std::memcpy(rows.view().data() + i * bytes, array.data() + ids[i] * bytes, bytes);
  }
}

void require_arrays(const Dataset& dataset) {
  if (dataset.train.spikes)
    throw DataError(dataset.name, "holds spikes, but samples of numbers are needed here",
                    "spikes are what train-network, eventprop-digits, gradient-duel, dale-localisation and 'neurarium "
                    "eval RUN --data NAME' take");
  if (!dataset.photographs) return;
  throw DataError(dataset.name,
                  "is a folder of photographs: they differ in size and have no labels, but samples of one size are "
                  "needed here",
                  "give the name of a data set ('neurarium data list') or a FILE.npz with x and y; patches of "
                  "photographs are what topographic-map learns from");
}

std::string content_hash(const Dataset& dataset) {
  // A hash of hashes: the numbers need not be copied behind their descriptions.
  std::string description;
  const auto add = [&](const char* name, ArrayView array) {
    description += std::string(name) + " " + std::string(name_of(array.dtype())) + " " + to_string(array.shape()) +
                   " " + sha256(std::span(array.data(), array.bytes())) + "\n";
  };
  const auto add_spikes = [&](const char* name, const Split& split) {
    if (!split.spikes) return;
    const SpikesView all(*split.spikes);
    const std::span<const std::uint64_t> first(all.rows(0), all.samples() * all.steps() + 1);
    description += std::string(name) + " " + std::to_string(all.steps()) + " steps of " + std::to_string(all.units()) +
                   " units " + sha256(std::as_bytes(first)) + " " +
                   sha256(std::as_bytes(std::span(all.all(), split.spikes->events()))) + "\n";
  };
  add_spikes("train.spikes", dataset.train);
  add_spikes("test.spikes", dataset.test);
  add("train.x", dataset.train.x);
  add("train.y", dataset.train.y);
  add("test.x", dataset.test.x);
  add("test.y", dataset.test.y);
  description += "divisor " + exact_digits(dataset.divisor);
  return sha256(description);
}

}  // namespace neurarium
