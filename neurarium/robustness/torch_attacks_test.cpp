// Attacks, their losses and gradients against PyTorch's on the same networks and images (validation/gaussian/write_attacks.py).
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "neurarium/robustness/attack_loss.hpp"
#include "neurarium/robustness/stored_networks_test.hpp"

namespace neurarium {
namespace {

using testing_attacks::Answers;

/// The files attacks_<family>.npz, by <family>.
std::vector<std::string> families() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(testing_attacks::data_folder())) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("attacks_") && name.ends_with(".npz")) names.push_back(name.substr(8, name.size() - 12));
  }
  std::ranges::sort(names);
  return names;
}

class TorchAttacks : public testing::TestWithParam<std::string> {};

/// Robust accuracy at every ε, within as many of the 200 samples as the file allows.
template <class T>
void compare(const std::string& network, const std::string& name, const Answers& answers) {
  const std::string key = network + "/" + name + "/";
  SCOPED_TRACE(key + (sizeof(T) == 8 ? "float64" : "float32"));
  const auto epsilons = answers.at(key + "epsilons").as<double>().flat();
  const auto theirs = answers.at(key + "smallest").as<double>().flat();
  const auto allowed = static_cast<double>(answers.at(key + "allowed").as<std::int64_t>()(0));
  const auto model = testing_attacks::network(network, dtype_of<T>());
  const LaboratoryResult result = testing_attacks::attack(
      *model, testing_attacks::images(theirs.size()),
      {component_from(testing_attacks::toml_of(answers.at(key + "attack")))}, {epsilons.begin(), epsilons.end()}, 2);
  const AttackOutcome& ours = result.outcomes.at(0);
  EXPECT_EQ(ours.unconfirmed, 0u);
  const auto expect_as_many = [&](std::span<const double> found, std::span<const double> expected) {
    const auto samples = static_cast<double>(expected.size());
    EXPECT_EQ(accuracy_at(found, 0), accuracy_at(expected, 0));
    for (const double epsilon : epsilons)
      EXPECT_NEAR(samples * accuracy_at(found, epsilon), samples * accuracy_at(expected, epsilon), allowed + 1e-6)
          << "at ε = " << epsilon;
  };
  expect_as_many(ours.smallest, theirs);
  if (answers.contains(key + "answered"))
    expect_as_many(ours.smallest_answered, answers.at(key + "answered").as<double>().flat());
}

/// Where an attack that draws nothing leads to: z_y − max z_other there, for 19 of 20 samples as exactly as the last step is.
void compare_points(const std::string& network, const std::string& name, const Answers& answers) {
  const std::string key = network + "/" + name + "/";
  SCOPED_TRACE(key);
  const auto theirs = answers.at(key + "margins").as<double>().flat();
  const auto model = testing_attacks::network(network, DType::f64);
  const auto labels = testing_attacks::stored().at("labels").as<std::int64_t>().flat();
  const LaboratoryResult result = testing_attacks::attack(
      *model, testing_attacks::images(), {component_from(testing_attacks::toml_of(answers.at(key + "attack")))},
      {answers.at(key + "epsilons").as<double>()(0)}, 2);
  Target<double> target(*model, 0);
  const View<const double> logits =
      target.logits(result.outcomes.at(0).changed.as<double>().reshaped({labels.size(), 196}));
  std::size_t compared = 0, same = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (result.outcomes[0].smallest[i] == 0) continue;  // wrong by itself: theirs goes on, ours does not
    const auto y = static_cast<std::size_t>(labels[i]);
    double other = -std::numeric_limits<double>::infinity();
    for (std::size_t c = 0; c < 10; ++c)
      if (c != y) other = std::max(other, logits(i, c));
    ++compared;
    if (std::abs(logits(i, y) - other - theirs[i]) < 1e-7) ++same;
  }
  EXPECT_GT(compared, 150u);
  EXPECT_GE(20 * same, 19 * compared) << same << " of " << compared;
}

TEST_P(TorchAttacks, LeaveAsManySamplesRight) {
  const Answers answers = testing_attacks::read_answers("attacks_" + GetParam() + ".npz");
  std::size_t cases = 0;
  for (const auto& [key, array] : answers) {
    if (!key.ends_with("/attack")) continue;
    const std::size_t slash = key.find('/');
    const std::string network = key.substr(0, slash), name = key.substr(slash + 1, key.size() - slash - 8);
    compare<float>(network, name, answers);
    if (name.ends_with("_cross-entropy")) compare<double>(network, name, answers);
    if (answers.contains(network + "/" + name + "/margins")) compare_points(network, name, answers);
    ++cases;
  }
  EXPECT_GT(cases, 0u);
}
INSTANTIATE_TEST_SUITE_P(Family, TorchAttacks, testing::ValuesIn(families()),
                         [](const auto& family) { return family.param; });

template <class T>
class TorchAttackLosses : public testing::Test {};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(TorchAttackLosses, Scalars);

template <class T>
void expect_near(View<const T> found, const std::vector<double>& expected, double tolerance, const std::string& what) {
  ASSERT_EQ(found.size(), expected.size()) << what;
  double largest = 0, furthest = 0;
  for (const double e : expected) largest = std::max(largest, std::abs(e));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_TRUE(std::isfinite(found.flat()[i])) << what;
    furthest = std::max(furthest, std::abs(static_cast<double>(found.flat()[i]) - expected[i]));
  }
  EXPECT_LT(furthest, tolerance * largest) << what;
}

std::vector<double> doubles(const Array& array) {
  const Tensor<double> numbers = to_tensor<double>(array);
  return {numbers.flat().begin(), numbers.flat().end()};
}

TYPED_TEST(TorchAttackLosses, AndTheirGradientsAtTheImagesAreTheSame) {
  using T = TypeParam;
  // Gradients are stored as float32.
  const double tolerance = sizeof(T) == 8 ? 1e-10 : 1e-5, gradient_tolerance = sizeof(T) == 8 ? 1e-7 : 1e-5;
  const Answers answers = testing_attacks::read_answers("attacks_steps.npz");
  const Tensor<T> x = [] {
    const AttackSamples images = testing_attacks::images();
    Tensor<T> scaled(images.x.shape());
    scale_into(images.x, images.divisor, scaled.flat());
    return scaled;
  }();
  const auto labels = testing_attacks::stored().at("labels").as<std::int64_t>().flat();
  std::vector<std::size_t> targets;
  for (const std::int64_t y : labels) targets.push_back(static_cast<std::size_t>(y + 1) % 10);
  std::vector<std::string> losses = attack_loss_names();
  for (const std::string& name : attack_loss_names()) losses.push_back(name + "-targeted");
  for (const std::string network : {"tanh", "gaussian"}) {
    const auto model = testing_attacks::network(network, dtype_of<T>());
    Target<T> target(*model, 0);
    expect_near<T>(target.logits(x.view()), doubles(answers.at(network + "/logits")), tolerance, network + " logits");
    for (const std::string& name : losses) {
      const bool is_targeted = name.ends_with("-targeted");
      const std::string what = network + " " + name;
      const View<const T> logits = target.logits(x.view());
      std::vector<double> values(200);
      Tensor<T> slope(logits.shape());
      evaluate_attack_loss<T>(attack_loss_of(name.substr(0, name.find("-targeted"))), logits, labels,
                              is_targeted ? targets : std::span<std::size_t>{}, values, slope.view());
      const Tensor<double> found = [&] {
        Tensor<double> all(Shape{200});
        std::ranges::copy(values, all.flat().begin());
        return all;
      }();
      expect_near<double>(found.view(), doubles(answers.at(network + "/loss/" + name)), tolerance, what);
      const View<const T> gradient = target.pull_back(std::as_const(slope).view());
      const Array& expected = answers.at(network + "/gradient/" + name);
      expect_near<T>(gradient.rows(0, expected.shape()[0]), doubles(expected), gradient_tolerance, what + " gradient");
    }
  }
}

}  // namespace
}  // namespace neurarium
