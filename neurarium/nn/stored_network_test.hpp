// Spiking networks whose numbers another program stored (validation/spiking/), for tests.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

#include "neurarium/interchange/npz.hpp"
#include "neurarium/nn/described_network_test.hpp"

namespace neurarium {

/// Another program's arrays of one network.
class Stored {
 public:
  /// Those called name/… in `file` of tests/data/spiking/.
  Stored(const std::string& file, std::string name) : name_(std::move(name)) {
    static std::map<std::string, NamedArrays> files;
    auto& arrays = files[file];
    if (arrays.empty()) arrays = read_npz(std::string(NEURARIUM_SOURCE_DIR) + "/tests/data/spiking/" + file);
    all_ = &arrays;
  }
  const Array& operator()(const std::string& key) const {
    for (const auto& [found, array] : *all_)
      if (found == name_ + "/" + key) return array;
    throw InternalError("no array " + name_ + "/" + key);
  }
  bool has(const std::string& key) const {
    try {
      (*this)(key);
      return true;
    } catch (const InternalError&) {
      return false;
    }
  }

 private:
  std::string name_;
  const NamedArrays* all_;
};

/// Counts [sample, step, unit] as events.
inline StepSpikes events_of(const Array& x) {
  const View<const std::uint8_t> counts = x.as<std::uint8_t>();
  StepSpikes spikes(x.shape()[1], x.shape()[2]);
  for (std::size_t i = 0; i < x.shape()[0]; ++i)
    for (std::size_t t = 0; t < x.shape()[1]; ++t) {
      std::vector<StepSpikes::Unit> fired;
      for (std::size_t j = 0; j < x.shape()[2]; ++j)
        fired.insert(fired.end(), counts(i, t, j), static_cast<StepSpikes::Unit>(j));
      spikes.add_step(fired);
    }
  return spikes;
}

inline void set(Model& model, const std::string& name, const Array& values) {
  for (const NamedView& parameter : model.parameters())
    if (parameter.name == name) {
      ASSERT_EQ(parameter.values.shape(), values.shape()) << name;
      const Array fitting = converted(values, model.scalar());
      std::memcpy(parameter.values.data(), fitting.view().data(), fitting.view().bytes());
      return;
    }
  FAIL() << "no parameter " << name;
}

inline double largest(ArrayView values) {
  double most = 0;
  const Tensor<double> numbers = to_tensor<double>(values);
  for (const double x : numbers.flat()) most = std::max(most, std::abs(x));
  return most;
}

/// Entries within `tolerance`, relative to the largest of them.
inline void expect_near(ArrayView found, ArrayView expected, double tolerance, const std::string& what) {
  ASSERT_EQ(found.shape(), expected.shape()) << what;
  const Tensor<double> a = to_tensor<double>(found), b = to_tensor<double>(expected);
  const double scale = std::max(largest(expected), 1e-3);
  for (std::size_t i = 0; i < a.size(); ++i)
    ASSERT_NEAR(a.flat()[i], b.flat()[i], tolerance * scale) << what << '[' << i << ']';
}

/// ∂(summed cross-entropy)/∂logits: softmax − one-hot.
inline Array slope_of_cross_entropy(const Array& logits, const Array& labels) {
  Tensor<double> slope = to_tensor<double>(logits.view());
  for (std::size_t n = 0; n < slope.shape()[0]; ++n) {
    double sum = 0;
    for (double& x : slope.view()[n].flat()) sum += x = std::exp(x);
    for (double& x : slope.view()[n].flat()) x /= sum;
    slope(n, static_cast<std::size_t>(labels.as<std::int64_t>()(n))) -= 1;
  }
  return converted(ArrayView(std::as_const(slope).view()), logits.dtype());
}

/// A type of numbers, and how near they come to those of float64.
struct Scalar {
  const char* name;
  double tolerance;
};
inline const std::vector<Scalar> scalars = {{"float64", 1e-9}, {"float32", 1e-5}};

}  // namespace neurarium
