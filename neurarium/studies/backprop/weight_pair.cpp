#include "neurarium/studies/backprop/weight_pair.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

namespace neurarium {
namespace {

/// The notebook's names, for a 2-2-1 network whose parameters are W1 [2,2], b1 [2], W2 [1,2], b2 [1].
std::optional<std::pair<std::size_t, std::size_t>> notebook_place(const std::vector<NamedView>& p,
                                                                  const std::string& name) {
  const bool fits = p.size() == 4 && p[0].values.shape() == Shape{2, 2} && p[1].values.shape() == Shape{2} &&
                    p[2].values.shape() == Shape{1, 2} && p[3].values.shape() == Shape{1};
  if (!fits) return std::nullopt;
  static const struct {
    const char* name;
    std::size_t parameter, entry;
  } places[] = {{"w1", 2, 0}, {"w2", 2, 1}, {"w3", 0, 0}, {"w4", 0, 1}, {"w5", 0, 2},
                {"w6", 0, 3}, {"b1", 3, 0}, {"b2", 1, 0}, {"b3", 1, 1}};
  for (const auto& place : places)
    if (name == place.name) return std::pair{place.parameter, place.entry};
  return std::nullopt;
}

std::vector<std::size_t> indices_in(const std::string& text) {
  std::vector<std::size_t> indices;
  const char* at = text.data();
  const char* end = at + text.size();
  while (at < end) {
    std::size_t index = 0;
    const auto [next, error] = std::from_chars(at, end, index);
    if (error != std::errc{}) return {};
    indices.push_back(index);
    at = next < end && *next == ',' ? next + 1 : next;
    while (at < end && *at == ' ') ++at;
    if (at == next && at < end) return {};
  }
  return indices;
}

}  // namespace

WeightPair::Place WeightPair::find(Model& model, const std::string& name) {
  const auto parameters = model.parameters();
  if (const auto place = notebook_place(parameters, name))
    return {place->first, place->second, parameters[place->first].values};
  const std::size_t bracket = name.find('[');
  const std::string parameter_name = name.substr(0, bracket);
  std::vector<std::string> known;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    known.push_back(parameters[i].name);
    if (parameters[i].name != parameter_name || bracket == std::string::npos || name.back() != ']') continue;
    const Shape& shape = parameters[i].values.shape();
    const auto indices = indices_in(name.substr(bracket + 1, name.size() - bracket - 2));
    bool inside = indices.size() == shape.axes();
    std::size_t entry = 0;
    for (std::size_t axis = 0; inside && axis < shape.axes(); ++axis) {
      inside = indices[axis] < shape[axis];
      entry = entry * shape[axis] + indices[axis];
    }
    if (!inside) throw SpecError("surface: '" + name + "' is outside " + parameter_name + " " + to_string(shape));
    return {i, entry, parameters[i].values};
  }
  std::string list;
  for (const std::string& word : known) list += (list.empty() ? "" : ", ") + word;
  throw SpecError(
      "surface: the network has no weight called '" + name + "'",
      "write layer.parameter[row,column] with one of: " + list + "; a 2-2-1 network also knows w1 … w6 and b1 … b3");
}

WeightPair::WeightPair(Model& model, const std::string& first, const std::string& second)
    : places_{find(model, first), find(model, second)} {
  if (places_[0].parameter == places_[1].parameter && places_[0].entry == places_[1].entry)
    throw SpecError("surface: '" + first + "' and '" + second + "' are the same weight", "choose two");
}

double WeightPair::get(const Place& place) {
  return with_floating(place.values.dtype(),
                       [&]<class T>() { return static_cast<double>(place.values.as<T>().flat()[place.entry]); });
}

void WeightPair::put(const Place& place, double value) {
  with_floating(place.values.dtype(),
                [&]<class T>() { place.values.as<T>().flat()[place.entry] = static_cast<T>(value); });
}

void WeightPair::keep_only(Gradient& gradient) const {
  for (std::size_t i = 0; i < gradient.size(); ++i)
    with_floating(gradient[i].dtype(), [&]<class T>() {
      const auto g = gradient[i].as<T>().flat();
      for (std::size_t j = 0; j < g.size(); ++j) {
        const auto is_at = [&](const Place& place) { return place.parameter == i && place.entry == j; };
        if (!is_at(places_[0]) && !is_at(places_[1])) g[j] = 0;
      }
    });
}

}  // namespace neurarium
