#include "neurarium/nn/model.hpp"

#include <algorithm>

#include "neurarium/nn/study.hpp"

namespace neurarium {

ArrayView Samples::numbers() const {
  if (spikes_) throw SpecError("the samples are spikes, but this model takes numbers", "give arrays [n, …]");
  return numbers_;
}

bool entry_fits(const Shape& entry, const Shape& input) {
  const auto without_ones = [](const Shape& shape) {
    std::vector<std::size_t> extents;
    std::ranges::copy_if(shape, std::back_inserter(extents), [](std::size_t extent) { return extent != 1; });
    return extents;
  };
  if (entry.elements() != input.elements()) return false;
  const auto a = without_ones(entry), b = without_ones(input);
  return a == b || a.size() <= 1 || b.size() <= 1;
}

Gradient make_gradient(Model& model) {
  Gradient gradient;
  for (const NamedView& parameter : model.parameters())
    gradient.emplace_back(parameter.values.dtype(), parameter.values.shape());
  return gradient;
}

void set_zero(Gradient& gradient) {
  for (Array& array : gradient) std::memset(array.view().data(), 0, array.view().bytes());
}

void scale(Gradient& a, double factor) {
  for (Array& array : a)
    with_floating(array.dtype(), [&]<class T>() {
      for (T& x : array.as<T>().flat()) x *= static_cast<T>(factor);
    });
}

const Array* Checkpoint::find(std::string_view name) const noexcept {
  for (const auto& [key, array] : arrays)
    if (key == name) return &array;
  return nullptr;
}

const std::string* Checkpoint::find_text(std::string_view key) const noexcept {
  for (const auto& [name, text] : metadata)
    if (name == key) return &text;
  return nullptr;
}

}  // namespace neurarium
