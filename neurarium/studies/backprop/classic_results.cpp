// Written by validation/backprop/classic_methods.py; do not edit.
#include "neurarium/studies/backprop/classic_methods.hpp"

namespace neurarium {
namespace {

// clang-format off
constexpr ClassicResult results[] = {
    {"mnist", "logistic regression", "logistic regression", 60000, 0.9263, 25.686, 1.488e-05, 63528},
    {"mnist", "random forest, 200 trees", "random forest", 60000, 0.9712, 48.659, 5.544e-05, 271937135},
    {"mnist", "3 nearest neighbours", "3 neighbours", 60000, 0.9705, 0.015, 0.001816, 188640676},
    {"mnist", "support vector machine (RBF, C = 10)", "SVM, 20,000", 20000, 0.9767, 26.281, 0.002246, 37296627},
    {"mnist", "support vector machine (RBF, C = 10)", "SVM", 60000, 0.9837, 184.046, 0.005617, 74273727},
    {"fashion-mnist", "logistic regression", "logistic regression", 60000, 0.8428, 25.503, 7.3e-06, 63528},
    {"fashion-mnist", "random forest, 200 trees", "random forest", 60000, 0.8794, 116.675, 6.858e-05, 270182463},
    {"fashion-mnist", "3 nearest neighbours", "3 neighbours", 60000, 0.8541, 0.015, 0.001804, 188640676},
    {"fashion-mnist", "support vector machine (RBF, C = 10)", "SVM, 20,000", 20000, 0.8797, 27.996, 0.002935, 48919815},
};
constexpr std::string_view source =
    "scikit-learn 1.2.1, one thread of a processor that calls itself AMD EPYC, 2026-11";
// clang-format on

}  // namespace

std::span<const ClassicResult> classic_results() { return results; }
std::string_view classic_results_source() { return source; }

}  // namespace neurarium
