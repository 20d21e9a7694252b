// gaussian-robustness: do finite Gaussian networks know what they do not know, and what do they withstand?
// (founding notebook: finite-gaussian-neuron; the tables are those of its author's experiments, and more)
#include <algorithm>

#include "neurarium/core/words.hpp"
#include "neurarium/data/dataset.hpp"
#include "neurarium/robustness/laboratory_checks.hpp"
#include "neurarium/studies/gaussian/robustness_findings.hpp"
#include "neurarium/studies/gaussian/studies.hpp"
#include "neurarium/train/hold_out.hpp"

namespace neurarium {
namespace {

constexpr const char* usual_other = "usual";

std::vector<Component> usual_attacks() {
  Component scale_free{"pgd", Value::table()}, square{"square", Value::table()};
  scale_free.settings.set("loss", "scale-free");
  square.settings.set("queries", 300);
  return {{"fgsm", Value::table()}, {"pgd", Value::table()}, scale_free, square, {"max-confidence", Value::table()}};
}

struct Params {
  std::string dataset = "fashion-mnist";
  std::string other = usual_other;
  std::int64_t train_samples = 0;
  std::int64_t test_samples = 0;
  double held_out = 0.08;
  RecipeParams recipes;
  std::vector<Component> attacks = usual_attacks();
  std::vector<double> epsilon{0.05, 0.1, 0.2};
  std::vector<double> bounds;
  std::int64_t attack_samples = 500;
  bool look_for_masking = true;
  static Schema fields() {
    using P = Params;
    return Schema::of<P>({
        field("dataset", &P::dataset, "Pictures with labels: mnist, fashion-mnist, or a .npz file."),
        field(
            "other", &P::other,
            "Other data that no network has seen; usual: fashion-mnist for mnist, mnist for fashion-mnist, if they are "
            "here; none for others."),
        field("train_samples", &P::train_samples, "Only so many training samples, the first ones; 0 = all.")
            .at_least(0),
        field("test_samples", &P::test_samples, "Only so many test samples, the first ones; 0 = all.").at_least(0),
        field("held_out", &P::held_out, "Share of the training samples kept apart, to fit temperatures on.")
            .positive()
            .below(1),
        field("recipes", &P::recipes, "How the networks come to be."),
        component("attacks", &P::attacks, "attack", "What each network is attacked with."),
        field("epsilon", &P::epsilon, "Radii in units of the data, from small to large.").at_least(0),
        field("bounds", &P::bounds,
              "Least and largest number that a sample may hold; default: by type or range of the test data."),
        field("attack_samples", &P::attack_samples, "How many test samples are attacked.").at_least(1),
        field("look_for_masking", &P::look_for_masking, "Try a few more attacks, to see whether gradients hide."),
    });
  }
};

Split first_of(const Split& split, std::int64_t count) {
  if (count == 0 || static_cast<std::size_t>(count) >= split.samples()) return split;
  const auto n = static_cast<std::size_t>(count);
  return {Array(ArrayView(split.x).rows(0, n)), Array(ArrayView(split.y).rows(0, n))};
}

class GaussianRobustness : public Study {
 public:
  explicit GaussianRobustness(const Params& params) : params_(params) {
    require_radii(params_.epsilon);
    require_bounds(params_.bounds, "bounds");
  }

  std::vector<std::pair<std::string, Value>> decided_settings(
      const std::function<bool(const std::string&)>& is_here) const override {
    if (params_.other != usual_other) return {};
    const std::string other = params_.dataset == "mnist"           ? "fashion-mnist"
                              : params_.dataset == "fashion-mnist" ? "mnist"
                                                                   : "";
    return {{"other", !other.empty() && is_here(other) ? other : ""}};
  }

  void run(RunContext& context) override {
    Dataset data = context.dataset(params_.dataset);
    require_labels(data);
    data.test = first_of(data.test, params_.test_samples);
    const HeldOut parts =
        hold_out(context.seed(), first_of(data.train, params_.train_samples).samples(), params_.held_out);
    const Split kept = rows_of(data.train, parts.kept), held_out = rows_of(data.train, parts.held_out);

    std::vector<JudgedCandidate> judged;
    for (Candidate& candidate : make_candidates(params_.recipes, data, kept, held_out, context))
      judged.push_back(judge(std::move(candidate), data, held_out, context));
    const std::vector<Claim> claims =
        claims_about(judged, params_.dataset, params_.recipes.adversarial.adversarial.epsilon);
    add_confidence_chart(context, judged);
    add_claims(context, claims);
    add_knowledge_table(context, judged);
    add_withstanding_table(context, judged);
    add_detection_table(context, judged);
    add_attacks_table(context, judged);
    for (JudgedCandidate& one : judged) {
      add_candidate_figures(context, one);
      add_attack_warnings(context, one.attacked);
    }
    show_pictures(context, judged, data);
    const auto held = std::ranges::count_if(claims, &Claim::held);
    context.answer(answer(data.name, held, claims));
  }

 private:
  static std::string answer(const std::string& dataset, std::ptrdiff_t held, const std::vector<Claim>& claims) {
    std::string text =
        std::to_string(held) + " of " + std::to_string(claims.size()) + " claims held on " + dataset + ".";
    for (const Claim& claim : claims) {
      if (claim.name == "unsure_on_noise")
        text += claim.held ? " Converted without training, a network says \"I don't know\" to noise."
                           : " Converted without training, a network is still too sure of noise.";
      if (claim.name == "conversion_gives_robustness")
        text += claim.held ? " Conversion makes it withstand white-box attacks better."
                           : " Conversion makes it no more robust to white-box attacks.";
    }
    return text;
  }

  void require_labels(const Dataset& data) const {
    require_arrays(data);
    for (const auto& [split, name] : {std::pair{&data.train, "training"}, std::pair{&data.test, "test"}})
      if (split->samples() == 0 || !split->has_labels())
        throw DataError(params_.dataset, std::string("has no labelled ") + name + " samples",
                        "give a data set with x, y, x_test and y_test, y as whole numbers");
  }

  /// Test samples of data that no network has seen, if there are any.
  std::optional<Dataset> other_data(RunContext& context, const Dataset& data) const {
    if (params_.other.empty()) {
      context.choice("other data", "none");
      return std::nullopt;
    }
    Dataset other = context.dataset(params_.other);
    require_arrays(other);
    if (other.test.samples() == 0 || other.test.entry_shape() != data.test.entry_shape())
      throw DataError(params_.other, "has no test samples of the shape " + to_string(data.test.entry_shape()),
                      "name other data, or none: other=\"\"");
    other.test = first_of(other.test, params_.test_samples);
    return other;
  }

  JudgedCandidate judge(Candidate candidate, const Dataset& data, const Split& held_out, RunContext& context) {
    if (!asked_other_) other_ = other_data(context, data), asked_other_ = true;
    JudgedCandidate judged;
    auto model = network_with<Trainable>(candidate.state, context.registry(), "a comparison");
    KnowledgeQuestion question{data.test, held_out, data.divisor,
                               usual_foreign_data(data.test.x, data.divisor, context.seed())};
    if (other_)
      question.foreign.push_back(known_data("other", "samples of " + other_->name, other_->test.x, other_->divisor));
    double done = 0;
    judged.knowledge = what_it_knows(*model, question, context.pool(), [&](const std::string& set) {
      if (context.stop_requested()) throw Interrupted("stopped while looking at " + candidate.name);
      context.progress({candidate.name, done, static_cast<double>(question.foreign.size() + 2), "sets", set});
      done += 1;
    });
    judged.attacked = attacked(candidate.name, std::move(model), data, context);
    context.keep(candidate.name, {candidate.state, params_.dataset, data.sha256, context.seed()});
    judged.candidate = std::move(candidate);
    return judged;
  }

  AttackedNetwork attacked(const std::string& name, std::unique_ptr<Model> model, const Dataset& data,
                           RunContext& context) const {
    const AttackSamples samples = samples_of(data);
    LaboratoryPlan plan;
    plan.attacks = params_.attacks, plan.epsilons_linf = plan.epsilons_l2 = params_.epsilon;
    AttackedNetwork network;
    network.name = name, network.label = name + "_", network.model = std::move(model);
    network.result = attack_network(*network.model, samples, plan, context);
    network.warnings = warnings_in(network.result, {});
    if (params_.look_for_masking)
      for (MaskingWarning& warning : warnings_by_probes(*network.model, samples, plan, network.result, context))
        network.warnings.push_back(std::move(warning));
    return network;
  }

  AttackSamples samples_of(const Dataset& data) const {
    const std::size_t n = std::min(data.test.samples(), static_cast<std::size_t>(params_.attack_samples));
    return {ArrayView(data.test.x).rows(0, n), ArrayView(data.test.y).rows(0, n), data.divisor,
            bounds_of(params_.bounds, data.test.x, data.divisor, "bounds")};
  }

  void show_pictures(RunContext& context, std::vector<JudgedCandidate>& judged, const Dataset& data) const {
    const auto find = [&](const std::string& name) {
      return std::ranges::find(judged, name, [](const JudgedCandidate& one) { return one.candidate.name; });
    };
    for (const char* name : {"classical-tanh", "converted-tempered", "adversarial-converted"})
      if (const auto one = find(name); one != judged.end())
        add_attack_pictures(context, one->attacked, samples_of(data), data, 8);
  }

  Params params_;
  std::optional<Dataset> other_;
  bool asked_other_ = false;
};

}  // namespace

void register_gaussian_robustness(Registry& registry) {
  registry
      .add<Params>("study", "gaussian-robustness",
                   "Do finite Gaussian networks know what they do not know, and what do they withstand?")
      .makes<Study>([](const Params& p) { return std::make_unique<GaussianRobustness>(p); });
}

}  // namespace neurarium
