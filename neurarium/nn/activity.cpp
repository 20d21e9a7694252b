#include "neurarium/nn/activity.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/kernels/events.hpp"

namespace neurarium {
namespace {

/// out[j, i] = in[i, j] for i < rows, j < columns, in tiles that stay in cache.
template <class T>
void transpose(const T* in, std::size_t rows, std::size_t columns, std::size_t in_step, T* out, std::size_t out_step) {
  constexpr std::size_t tile = 16;
  for (std::size_t first = 0; first < rows; first += tile)
    for (std::size_t second = 0; second < columns; second += tile)
      for (std::size_t j = second; j < std::min(columns, second + tile); ++j)
        for (std::size_t i = first; i < std::min(rows, first + tile); ++i) out[j * out_step + i] = in[i * in_step + j];
}

template <class T>
void count(const SpikesView& spikes, View<T> counts) {
  std::ranges::fill(counts.flat(), T{0});
  T* row = counts.data();
  for (std::size_t i = 0; i < spikes.samples(); ++i)
    for (std::size_t t = 0; t < spikes.steps(); ++t, row += spikes.units())
      for (const StepSpikes::Unit unit : spikes.at(i, t)) row[unit] += 1;
}

/// What comes at the end or later is no spike: eventprop_lif says so of silent units.
template <class T>
void count(const SpikeTimes<T>& spikes, View<T> counts) {
  std::ranges::fill(counts.flat(), T{0});
  for (std::size_t i = 0; i < spikes.samples(); ++i)
    for (std::size_t k = 0; k < spikes.count(i) && spikes.times(i)[k] < spikes.duration(); ++k)
      counts(i, spikes.units_of(i)[k]) += 1;
}

template <class T>
void multiply_out(const Activity<T>& from, View<T> out) {
  const View<const T> numbers = from.product();
  const std::size_t units = numbers.shape()[1];
  T* row = out.data();
  for (std::size_t i = 0; i < from.samples(); ++i)
    for (const T factor : from.factors()) {
      for (std::size_t j = 0; j < units; ++j) row[j] = factor * numbers(i, j);
      row += units;
    }
}

constexpr int most_at_once = 255;  ///< spikes of a unit in a step

template <class T>
void find_events(View<const T> counts, StepSpikes& out) {
  const Shape& shape = counts.shape();
  const T* row = counts.data();
  std::vector<StepSpikes::Unit> units;
  for (std::size_t i = 0; i < shape[0] * shape[1]; ++i, row += shape[2]) {
    units.clear();
    for (std::size_t j = 0; j < shape[2]; ++j) {
      if (row[j] == 0) continue;
      if (!(row[j] > 0 && row[j] <= most_at_once && row[j] == std::floor(row[j])))
        throw DataError("spikes",
                        "sample " + std::to_string(i / shape[1]) + ", step " + std::to_string(i % shape[1]) +
                            ", unit " + std::to_string(j) + " is " + std::to_string(row[j]) + ", no count of spikes",
                        "give 0, 1, 2, …, or put a layer that makes spikes of numbers (an encoder) in front");
      units.insert(units.end(), static_cast<std::size_t>(row[j]), static_cast<StepSpikes::Unit>(j));
    }
    out.add_known_step(units.data(), units.size());
  }
}

}  // namespace

template <class T>
std::uint8_t* Activity<T>::make_marks(std::size_t samples, std::size_t steps, std::size_t units) {
  make_spikes(samples, steps, units);
  marks_.resize(samples * kernels::bytes_of_marks<T>(steps, line_length<T>(units)));
  return marks_.data();
}

template <class T>
void Activity<T>::add_events_of_marks() const {
  for (std::size_t i = 0; i < samples(); ++i)
    kernels::append_events<T>(marks(i), 0, shape_[1], line_length<T>(shape_[2]), own_spikes_);
}

template class Activity<float>;
template class Activity<double>;

template <class T>
void convert(const Activity<T>& from, Layout to, Activity<T>& out) {
  const std::size_t samples = from.samples(), line = line_length<T>(samples);
  const Shape entry = from.shape().tail();
  out.support() = from.support();
  if (from.layout() == Layout::spikes) {
    if (to == Layout::spikes) return out.borrow(from.spikes());
    if (to == Layout::sample_major) return count(from.spikes(), out.make_dense(from.shape()));
    Activity<T> dense;
    convert(from, Layout::sample_major, dense);
    return convert(dense, to, out);
  }
  if (from.layout() == Layout::times) {
    if (to != Layout::sample_major) throw InternalError("spike times become counts, and nothing else");
    return count(from.times(), out.make_dense(from.shape()));
  }
  if (from.layout() == Layout::product) {
    if (to != Layout::sample_major) throw InternalError("a product of gradients is multiplied out sample by sample");
    return multiply_out(from, out.make_dense(from.shape()));
  }
  if (to == Layout::spikes) {
    if (from.layout() != Layout::sample_major) {
      Activity<T> dense;
      convert(from, Layout::sample_major, dense);
      return convert(dense, to, out);
    }
    if (from.shape().axes() != 3)
      throw ShapeError("spikes", "samples of [steps, units]", "samples of " + to_string(entry));
    return find_events(from.dense(), out.make_spikes(samples, entry[0], entry[1]));
  }
  if (from.layout() == to) {
    std::ranges::copy(from.numbers().flat(), out.make_like(from).flat().begin());
  } else if (to == Layout::sample_minor) {
    T* lines = out.make_lines(entry, samples).data();
    transpose(from.numbers().data(), samples, entry.elements(), entry.elements(), lines, line);
    for (std::size_t i = 0; i < entry.elements(); ++i)
      std::fill(lines + i * line + samples, lines + (i + 1) * line, T{0});
  } else {
    transpose(from.numbers().data(), entry.elements(), samples, line, out.make_dense(from.shape()).data(),
              entry.elements());
  }
}

template void convert<float>(const Activity<float>&, Layout, Activity<float>&);
template void convert<double>(const Activity<double>&, Layout, Activity<double>&);

}  // namespace neurarium
