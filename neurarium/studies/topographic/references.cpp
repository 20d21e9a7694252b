#include "neurarium/studies/topographic/references.hpp"

#include <cmath>
#include <limits>

namespace neurarium {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();
constexpr ImageShape cifar{10, 10, 3}, mnist{28, 28, 1};

struct Entry {
  const char* dataset;
  ImageShape shape;
  std::int64_t side, radius;
  const char* fidelity;
  const char* words;
  double values[15];
};

const Entry entries[] = {
    {"cifar10",
     cifar,
     20,
     0,
     "notebook",
     "prototype, 5 epochs",
     {-.005, 0, 0, 0, .65, .65, .054, 1.005, .30, .62, .51, 2.8, 15.4, none, none}},
    {"cifar10",
     cifar,
     20,
     1,
     "notebook",
     "prototype, 5 epochs",
     {.034, .007, .001, 0, .83, .76, .077, .887, .31, .75, 1.00, -1.2, 15.1, none, none}},
    {"cifar10",
     cifar,
     20,
     2,
     "notebook",
     "prototype, 5 epochs",
     {.046, .039, .006, 0, .85, .76, .113, .840, .33, .76, 1.00, -1.1, 14.4, none, none}},
    {"cifar10",
     cifar,
     30,
     2,
     "notebook",
     "prototype, 5 epochs",
     {.148, .108, .012, -.01, .87, .70, .121, .612, .15, .47, .22, 5.4, 14.9, none, none}},
    {"cifar10",
     cifar,
     20,
     2,
     "corrected",
     "prototype, 5 epochs, only the neighbourhood mended",
     {.036, .036, .004, 0, .83, .75, .115, .836, .71, .70, .99, 6.5, 12.3, none, none}},
    {"mnist",
     mnist,
     20,
     2,
     "notebook",
     "prototype, 4 epochs",
     {.032, none, none, none, none, none, .107, none, none, none, none, 4.5, 8.1, .96, .96}},
    {"mnist",
     mnist,
     20,
     0,
     "notebook",
     "prototype, 4 epochs",
     {none, none, none, none, none, none, none, none, none, none, none, 6.0, none, none, none}},
};

bool equals(const Component& model, const char* name, double wanted) {
  const Value* found = model.settings.find(name);
  return !found || (found->is_number() && found->as_number() == wanted);
}

bool untouched(const Component& model, const char* name) {
  const Value* found = model.settings.find(name);
  return !found || found->is_null() || (found->is_list() && found->as_list().empty());
}

}  // namespace

std::optional<ReferenceValues> reference_for(const StudyImages& images, const Component& model) {
  if (model.type != "topographic_map") return std::nullopt;
  const Value* fidelity = model.settings.find("fidelity");
  for (const Entry& e : entries) {
    if (images.source != e.dataset || images.shape != e.shape || !fidelity || fidelity->as_text() != e.fidelity)
      continue;
    if (!equals(model, "rows", static_cast<double>(e.side)) || !equals(model, "columns", static_cast<double>(e.side)) ||
        !equals(model, "radius", static_cast<double>(e.radius)) || !equals(model, "learning_rate", 0.02) ||
        !equals(model, "threshold_rate", 0.01) || !equals(model, "sparsity", 0.05) ||
        !equals(model, "initial_low", 0.1) || !equals(model, "initial_high", 1) ||
        !equals(model, "activity_floor", 0) || !untouched(model, "corrections"))
      continue;
    const double* v = e.values;
    return ReferenceValues{e.words, v[0], v[1], v[2],  v[3],  v[4],  v[5],  v[6],
                           v[7],    v[8], v[9], v[10], v[11], v[12], v[13], v[14]};
  }
  return std::nullopt;
}

}  // namespace neurarium
