// What others found for the same map: values of the prototype in NumPy and C++ that went before this program (5 epochs of
// CIFAR-10, 4 of MNIST, one start, the first 4,000 test images), kept to be compared with.
#pragma once

#include <optional>
#include <string>

#include "neurarium/core/schema.hpp"
#include "neurarium/studies/topographic/images.hpp"

namespace neurarium {

/// NaN where nothing is known.
struct ReferenceValues {
  std::string source;
  double correlation_1, correlation_2, correlation_5, correlation_far, response_1, response_far, knn8,
      colour_smoothness, population_sparseness, lifetime_sparseness, max_share_on, snr_db, gain_corrected_snr_db,
      share_zero, hoyer;
};

/// The values for this data set, model and number of epochs, if the settings are those of the reference.
std::optional<ReferenceValues> reference_for(const StudyImages& images, const Component& model);

}  // namespace neurarium
