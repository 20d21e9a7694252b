// The claims of gaussian-robustness. Each is said before the figures are known; those that do not hold are shown as well.
#include <algorithm>
#include <cmath>
#include <utility>

#include "neurarium/core/words.hpp"
#include "neurarium/studies/gaussian/robustness_findings.hpp"

namespace neurarium {
namespace {

class Judge {
 public:
  Judge(const std::vector<JudgedCandidate>& judged, const std::string& dataset, double epsilon)
      : judged_(judged), dataset_(dataset), epsilon_(epsilon) {}

  std::vector<Claim> claims() {
    conversion();
    refusal();
    scratch();
    attacks();
    return std::move(claims_);
  }

 private:
  const JudgedCandidate& of(const std::string& name) const {
    return *std::ranges::find(judged_, name, [](const JudgedCandidate& one) { return one.candidate.name; });
  }
  const Knowledge& knowledge(const std::string& name) const { return of(name).knowledge; }
  static std::optional<Detection> detection(const Knowledge& knowledge, const std::string& foreign) {
    const std::size_t i = foreign_index(knowledge, foreign);
    if (i >= knowledge.foreign.size()) return std::nullopt;
    return score_of(knowledge, "max-softmax").detection[i];
  }
  static double confidence(const Knowledge& knowledge, const std::string& foreign) {
    return knowledge.foreign[foreign_index(knowledge, foreign)].mean_confidence;
  }
  double worst(const std::string& name) const {
    return accuracy_at(worst_case(of(name).attacked.result, Norm::linf), epsilon_);
  }
  std::vector<bool> right_at_worst(const std::string& name) const {
    std::vector<bool> right;
    for (const double smallest : worst_case(of(name).attacked.result, Norm::linf)) right.push_back(smallest > epsilon_);
    return right;
  }
  /// Over the classical network. All networks are attacked on the same samples: the standard error is that of pairs.
  PairedGain gain_of(const std::string& name) const {
    return paired_gain(right_at_worst(name), right_at_worst("classical-tanh"));
  }
  static bool gives_robustness(const PairedGain& gain) { return gain.points >= 0.05 && gain.points > 2 * gain.error; }
  static std::string error_of(const PairedGain& gain) {
    return " (standard error of the difference " + rounded(100 * gain.error, 1) + " points)";
  }
  /// A recipe, and the score by which it tells noise from data.
  struct NoiseDetector {
    std::string recipe, score;
    Detection found;
    bool is_better_than(const NoiseDetector& other) const {
      return std::pair(-found.fpr95, found.auroc) > std::pair(-other.found.fpr95, other.found.auroc);
    }
    std::string text() const {
      return recipe + " by " + score + ": " + rounded(found.auroc, 3) + ", " + rounded(found.fpr95, 3);
    }
  };
  /// Among the finite Gaussian recipes, or among the others.
  NoiseDetector best_on_noise(bool gaussian) const {
    NoiseDetector best{{}, {}, {0, 1, 0, 0}};
    for (const auto& [candidate, known, attacked] : judged_)
      for (const ScoreFinding& score : known.scores) {
        const bool is_gaussian = !candidate.name.starts_with("classical") && candidate.name != "adversarial";
        const NoiseDetector here{candidate.name, score.name, score.detection[foreign_index(known, "uniform_noise")]};
        if (is_gaussian == gaussian && here.is_better_than(best)) best = here;
      }
    return best;
  }
  void claim(const std::string& name, const std::string& text, bool held, const std::string& evidence) {
    claims_.push_back({name, text, held, evidence});
  }

  void conversion() {
    const Knowledge &classical = knowledge("classical-tanh"), &converted = knowledge("converted-calibrated-diagonal");
    const double change = converted.accuracy - classical.accuracy;
    claim("conversion_keeps_accuracy",
          "Conversion by calibrated-diagonal widths, without training, changes the accuracy by no more than 0.1 point.",
          std::abs(change) <= 0.001 + 1e-12,
          percent(classical.accuracy, 2) + " before, " + percent(converted.accuracy, 2) + " after");
    const double on_noise = confidence(converted, "uniform_noise"), before = confidence(classical, "uniform_noise");
    claim("unsure_on_noise", "The converted network is not sure of noise: mean confidence at most 0.11.",
          on_noise <= 0.11, rounded(before, 3) + " before, " + rounded(on_noise, 3) + " after");
    const Detection noise = *detection(converted, "uniform_noise"), shuffled = *detection(converted, "shuffled_pixels");
    claim("rejects_noise", "It rejects uniform noise and shuffled pixels: FPR95 at most 0.01 on both.",
          noise.fpr95 <= 0.01 && shuffled.fpr95 <= 0.01,
          "noise " + rounded(noise.fpr95, 3) + ", shuffled " + rounded(shuffled.fpr95, 3));
    if (const auto other = detection(converted, "other"))
      claim("rejects_other_data", "It tells its data from other data: AUROC at least 0.975.", other->auroc >= 0.975,
            rounded(detection(classical, "other")->auroc, 3) + " before, " + rounded(other->auroc, 3) + " after");
    const Knowledge& tempered = knowledge("converted-tempered");
    const double gap = std::abs(tempered.before.confidence - classical.before.confidence);
    claim("temperature_calibrates",
          "With one temperature its probabilities can be believed: ECE at most 0.02, mean confidence within 0.02 of "
          "the classical network's.",
          tempered.before.expected_error <= 0.02 && gap <= 0.02,
          "ECE " + rounded(tempered.before.expected_error, 3) + ", confidence " +
              rounded(tempered.before.confidence, 3) + " and " + rounded(classical.before.confidence, 3));
  }

  void refusal() {
    const Detection as_it_is = *detection(knowledge("converted-calibrated-diagonal"), "uniform_noise"),
                    tempered = *detection(knowledge("converted-tempered"), "uniform_noise");
    claim("temperature_keeps_ranking",
          "The temperature costs nothing where noise is to be told from data (AUROC within 0.01).",
          tempered.auroc >= as_it_is.auroc - 0.01,
          rounded(as_it_is.auroc, 3) + " without, " + rounded(tempered.auroc, 3) + " with");
  }

  void scratch() {
    const JudgedCandidate *best = &of("scratch-spherical"), *other = &of("scratch-diagonal");
    if (other->knowledge.accuracy > best->knowledge.accuracy) std::swap(best, other);
    if (const double wanted = dataset_ == "mnist" ? 0.98 : dataset_ == "fashion-mnist" ? 0.88 : 0; wanted > 0)
      claim("scratch_learns", "Trained from scratch, finite Gaussian networks reach " + percent(wanted) + ".",
            best->knowledge.accuracy >= wanted,
            best->candidate.name + " " + percent(best->knowledge.accuracy, 2) + ", " + other->candidate.name + " " +
                percent(other->knowledge.accuracy, 2));
    const double chance = 1 / static_cast<double>(best->knowledge.classes);
    const double far = confidence(best->knowledge, "times_10"), far_too = confidence(other->knowledge, "times_10");
    claim("nothing_far_away", "Ten times the data is far from everything: all classes are equally likely.",
          std::max(far, far_too) <= chance + 0.0005, rounded(far, 4) + " and " + rounded(far_too, 4));
    const NoiseDetector gaussian = best_on_noise(true), classical = best_on_noise(false);
    claim("some_recipe_rejects_noise",
          "At least one finite Gaussian recipe rejects noise by one of its scores: AUROC at least 0.99, FPR95 at most "
          "0.05.",
          gaussian.found.auroc >= 0.99 && gaussian.found.fpr95 <= 0.05,
          gaussian.text() + "; the best without Gaussians is " + classical.text());
  }

  /// Whether ε is among those that were tried in L∞.
  bool was_attacked() const {
    for (const auto& [norm, epsilons] : norms_of(judged_.front().attacked.result))
      if (norm == Norm::linf && std::ranges::find(epsilons, epsilon_) != epsilons.end()) return true;
    return false;
  }

  void attacks() {
    if (!was_attacked()) return;
    const std::string at = "ε = " + in_digits(epsilon_, 3);
    const PairedGain by_conversion = gain_of("converted-calibrated-diagonal");
    claim("conversion_gives_robustness",
          "Conversion by itself makes a network withstand white-box attacks (5 points and 2 standard errors more at " +
              at + ").",
          gives_robustness(by_conversion),
          percent(worst("classical-tanh"), 1) + " before, " + percent(worst("converted-calibrated-diagonal"), 1) +
              " after" + error_of(by_conversion));
    const std::string scratch =
        worst("scratch-diagonal") > worst("scratch-spherical") ? "scratch-diagonal" : "scratch-spherical";
    const PairedGain from_scratch = gain_of(scratch);
    claim("scratch_gives_robustness", "So does training a finite Gaussian network from scratch.",
          gives_robustness(from_scratch),
          percent(worst("classical-tanh"), 1) + " classical, " + percent(worst(scratch), 1) + " from scratch" +
              error_of(from_scratch));
    const double trained = worst("adversarial-converted"),
                 on_noise = confidence(knowledge("adversarial-converted"), "uniform_noise");
    claim("adversarial_and_converted",
          "Adversarially trained, then converted: at least 80 % right at " + at +
              " under the worst attack, and at most 0.11 sure of noise.",
          trained >= 0.8 && on_noise <= 0.11, percent(trained, 1) + ", " + rounded(on_noise, 3));
  }

  const std::vector<JudgedCandidate>& judged_;
  std::string dataset_;
  double epsilon_;
  std::vector<Claim> claims_;
};

}  // namespace

std::vector<Claim> claims_about(const std::vector<JudgedCandidate>& judged, const std::string& dataset,
                                double adversarial_epsilon) {
  return Judge(judged, dataset, adversarial_epsilon).claims();
}

}  // namespace neurarium
