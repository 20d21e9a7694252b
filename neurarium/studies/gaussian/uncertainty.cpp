// uncertainty: does a trained network know what it does not know?
#include <algorithm>

#include "neurarium/core/words.hpp"
#include "neurarium/nn/network_state.hpp"
#include "neurarium/nn/study.hpp"
#include "neurarium/studies/gaussian/studies.hpp"
#include "neurarium/studies/gaussian/uncertainty_exhibits.hpp"
#include "neurarium/train/hold_out.hpp"

namespace neurarium {
namespace {

struct Params {
  std::string run;
  std::string other;
  std::string score = "max-softmax";
  double held_out = 0.1;
  std::string held_out_from = "train";
  static Schema fields() {
    return Schema::of<Params>({
        field("run", &Params::run, "The run whose network is asked; RUN/MEMBER where it has several.").names_run(),
        field("other", &Params::other,
              "Another data set, whose test samples the network can't know; none: only noise and the like."),
        field("score", &Params::score,
              "The score of familiarity that figures and answer judge by; tables have all of them.")
            .one_of({"max-softmax", "margin", "energy", "support", "tempered-softmax"}),
        field("held_out", &Params::held_out,
              "Share of the samples, drawn, that the temperature is fitted on; 0 = none.")
            .at_least(0)
            .below(1),
        field("held_out_from", &Params::held_out_from,
              "Of which samples: train, which the network may have learned by heart, or test, which then count for "
              "nothing else.")
            .one_of({"train", "test"}),
    });
  }
};

/// What is asked about, and the samples that the temperature is fitted on.
struct Parts {
  Split held_out, kept;  ///< kept: what is left where they were taken away
  SplitView clean;
  UncertaintyWords words;
};

/// Samples are held out as trainings do it (train/hold_out.hpp): of a run that was stopped early with the same seed and share, these
/// are the ones which it never learned. From test, or of data without test samples, they are taken away from what is asked about.
Parts parts_of(const Dataset& data, std::uint64_t seed, double share, bool from_test) {
  const bool has_test = data.test.samples() > 0;
  const Split& asked = has_test ? data.test : data.train;
  const std::string kind = has_test ? "test" : "training";
  Parts parts{{}, {}, asked, {"", ""}};
  if (share > 0) {
    const bool apart = has_test && !from_test;
    const Split& source = apart ? data.train : asked;
    const HeldOut ids = hold_out(seed, source.samples(), share);
    parts.held_out = rows_of(source, ids.held_out);
    parts.words.held_out = with_commas(ids.held_out.size()) + " " + (apart ? "training" : kind) + " samples" +
                           (from_test && has_test ? "" : ", which the network may have learned by heart");
    if (!apart) {
      parts.kept = rows_of(source, ids.kept);
      parts.clean = parts.kept;
    }
  }
  parts.words.clean = with_commas(parts.clean.samples()) + " " + kind + " samples of " + data.name;
  return parts;
}

class Uncertainty : public Study {
 public:
  explicit Uncertainty(const Params& params) : params_(params) {
    if (params_.run.empty())
      throw SpecError("run: whose network is to be asked?",
                      "give run = \"runs/train-network-0123abcd\", a run that has learned");
  }

  void run(RunContext& context) override {
    const TrainedNetwork network = context.network(params_.run);
    const auto model =
        network_with<Trainable>(network.state, context.registry(), "questions of confidence", params_.run);
    const Dataset data = context.dataset(network.dataset);
    require_arrays(data);
    Dataset other;
    const Parts parts = parts_of(data, network.seed, params_.held_out, params_.held_out_from == "test");
    KnowledgeQuestion question{parts.clean, parts.held_out, data.divisor,
                               usual_foreign_data(parts.clean.x, data.divisor, context.seed())};
    if (!params_.other.empty()) {
      other = context.dataset(params_.other);
      require_arrays(other);
      const Split& split = other.test.samples() > 0 ? other.test : other.train;
      question.foreign.push_back(known_data("other", other.name, split.x, other.divisor));
    }
    const double sets = static_cast<double>(question.foreign.size() + (parts.held_out.samples() > 0 ? 2 : 1));
    double done = 0;
    const Knowledge found = what_it_knows(*model, question, context.pool(), [&](const std::string& set) {
      if (context.stop_requested()) throw Interrupted("stopped; nothing is kept, and a second run begins anew");
      context.progress({"ask", done++, sets, "sets", set});
    });
    const ScoreFinding& chosen = chosen_score(found, params_.score);
    add_uncertainty_figures(context, found, chosen, parts.words);
    add_detection_tables(context, found, parts.words);
    add_confidence_chart(context, found, parts.words);
    add_reliability(context, found, parts.words);
    add_risk_coverage(context, found, parts.words);
    context.answer(uncertainty_answer(found, chosen));
  }

 private:
  Params params_;
};

}  // namespace

void register_uncertainty(Registry& registry) {
  registry.add<Params>("study", "uncertainty", "Does a trained network know what it does not know?")
      .makes<Study>([](const Params& params) { return std::make_unique<Uncertainty>(params); });
}

}  // namespace neurarium
