// Two single weights of a model, found by name: the axes of an error surface.
#pragma once

#include <string>

#include "neurarium/nn/model.hpp"

namespace neurarium {

class WeightPair {
 public:
  WeightPair() = default;
  /// Names are layer.parameter[row,column] (or [index] for a bias), e.g. dense1.weight[1,0]; for a 2-2-1 network of dense
  /// layers also the notebook's w1 … w6, b1 … b3:
  ///   y = σ(b1 + w1 h1 + w2 h2),  h1 = σ(b2 + w3 x1 + w4 x2),  h2 = σ(b3 + w5 x1 + w6 x2).
  /// Throws SpecError when a name is unknown or out of range, or both are the same weight. The model must outlive the pair.
  WeightPair(Model& model, const std::string& first, const std::string& second);

  double first() const { return get(places_[0]); }
  double second() const { return get(places_[1]); }
  void set(double first, double second) const {
    put(places_[0], first);
    put(places_[1], second);
  }
  /// Sets every other entry of `gradient` to 0.
  void keep_only(Gradient& gradient) const;

 private:
  struct Place {
    std::size_t parameter = 0, entry = 0;
    MutableArrayView values;
  };
  static Place find(Model& model, const std::string& name);
  static double get(const Place& place);
  static void put(const Place& place, double value);
  Place places_[2];
};

}  // namespace neurarium
