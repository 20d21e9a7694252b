// Written by validation/backprop/classic_methods.py; do not edit: tests/cli/test_written_files.py compares the bytes.
// clang-format off
#include "neurarium/studies/backprop/classic_methods.hpp"

namespace neurarium {
namespace {

constexpr ClassicResult results[] = {
    {"mnist", "logistic regression", "logistic", 60000, 0.9256, 100.782, 1.707e-05, 63529},
    {"mnist", "random forest, 200 trees", "random forest", 60000, 0.9712, 48.659, 5.544e-05, 271937135},
    {"mnist", "3 nearest neighbours", "3 neighbours", 60000, 0.9705, 0.015, 0.001816, 188640676},
    {"mnist", "SVM (RBF kernel, C = 10)", "SVM", 60000, 0.9837, 184.046, 0.005617, 74273727},
    {"fashion-mnist", "logistic regression", "logistic", 60000, 0.8443, 127.311, 6.028e-06, 63529},
    {"fashion-mnist", "random forest, 200 trees", "random forest", 60000, 0.8794, 116.675, 6.858e-05, 270182463},
    {"fashion-mnist", "3 nearest neighbours", "3 neighbours", 60000, 0.8541, 0.015, 0.001804, 188640676},
    {"fashion-mnist", "SVM (RBF kernel, C = 10)", "SVM", 60000, 0.9002, 270.725, 0.007352, 119357232},
};
constexpr std::string_view source =
    "scikit-learn 1.2.1, one thread of a processor that calls itself AMD EPYC, 2026-11";

}  // namespace

std::span<const ClassicResult> classic_results() { return results; }
std::string_view classic_results_source() { return source; }

}  // namespace neurarium
