// dale-inhibition-site: does a network need inhibition from the fibres, from its hidden units, or both? (founding notebook: "Testing
// where inhibition is required")
//
// W1 holds the synapses of the fibres, W2 those of the hidden units. Training k = repeat · 3 + site has its seed (localisation_runs.hpp);
// training, validation and test sounds are the same for all.
#include <array>
#include <cmath>

#include "neurarium/core/words.hpp"
#include "neurarium/studies/localisation/spread.hpp"
#include "neurarium/studies/localisation/studies.hpp"
#include "neurarium/train/sample_statistics.hpp"

namespace neurarium {
namespace {

struct Params : LocalisationSettings {
  std::int64_t repeats = 3;
  static Schema fields() {
    std::vector<FieldInfo> all = localisation_fields();
    all.push_back(field("repeats", &Params::repeats, "Networks for each site.").between(1, 1000));
    return Schema::of<Params>(std::move(all));
  }
};

struct Site {
  const char* name;
  const char* member;               ///< the same as a folder
  const char* inhibition;           ///< of LocalisationNetworkParams
  std::array<double, 3> notebooks;  ///< accuracies that it prints
};
constexpr std::array<Site, 3> sites = {
    {{"both mixed", "both-mixed", "both", {0.65283203125, 0.73681640625, 0.74511718750}},
     {"W1 positive", "w1-positive", "hidden", {0.44531250000, 0.54248046875, 0.49707031250}},
     {"W2 positive", "w2-positive", "fibres", {0.63037109375, 0.72802734375, 0.70263671875}}}};

using Outcomes = std::vector<LocalisationOutcome>;
std::vector<double> tests_of(const Outcomes& runs) { return each(runs, &LocalisationOutcome::test_accuracy); }

class DaleInhibitionSite : public Study {
 public:
  explicit DaleInhibitionSite(const Params& params) : params_(params) {
    params_.check();
    if (params_.model.rule == "none")
      throw SpecError("model.rule: 'none' keeps no signs, so that nothing inhibits anywhere", "choose another rule");
    if (params_.model.inhibition != "both")
      throw SpecError("model.inhibition: this study goes through all sites", "leave it out");
  }

  void run(RunContext& context) override {
    const LocalisationSet test(params_.task, static_cast<std::size_t>(params_.test_samples), context.seed(), "test", 0,
                               context.pool());
    std::vector<LocalisationPlan> plans;
    for (std::int64_t repeat = 0; repeat < params_.repeats; ++repeat)
      for (const Site& site : sites) {
        LocalisationPlan& plan = plans.emplace_back();
        plan.model = params_.model, plan.model.inhibition = site.inhibition;
        plan.words = std::string(site.name) + ", repeat " + std::to_string(repeat + 1);
        plan.member = std::string(site.member) + "-repeat-" + std::to_string(repeat + 1);
        plan.test = &test;
      }
    Outcomes all = train_all(params_, plans, context);
    std::array<Outcomes, 3> found;
    for (std::size_t k = 0; k < all.size(); ++k) found[k % 3].push_back(std::move(all[k]));
    add_figures(context, found);
    add_points(context, found);
    add_claim(context, found);
    add_table(context, found);
    add_losses(context, found);
    context.answer(answer(found));
  }

 private:
  bool is_the_notebooks() const {
    return params_.model.spike == "late" && params_.model.hidden == 30 && params_.model.rule == "abs" &&
           params_.model.inhibitory_fraction == 0.5 && params_.task.classes == 12 && params_.task.phase == "per_set";
  }

  void add_figures(RunContext& context, const std::array<Outcomes, 3>& found) const {
    const bool notebooks = is_the_notebooks();
    const char* source = notebooks ? "the founding notebook's printed values" : "";
    Value::List accuracy, printed, means, printed_means, sds, printed_sds, sample_sds, rates, epochs;
    std::int64_t early = 0;
    double seconds = 0;
    for (std::size_t s = 0; s < 3; ++s) {
      const std::vector<double> tests = tests_of(found[s]);
      accuracy.emplace_back(Value::List(tests.begin(), tests.end()));
      printed.emplace_back(Value::List(sites[s].notebooks.begin(), sites[s].notebooks.end()));
      means.emplace_back(summarise(tests).mean), printed_means.emplace_back(summarise(sites[s].notebooks).mean);
      sds.emplace_back(population_sd(tests)), printed_sds.emplace_back(population_sd(sites[s].notebooks));
      sample_sds.emplace_back(summarise(tests).sd);
      rates.emplace_back(summarise(each(found[s], &LocalisationOutcome::hidden_rate_hz)).mean);
      double sum = 0;
      for (const LocalisationOutcome& run : found[s]) {
        sum += static_cast<double>(run.history.size());
        early += static_cast<std::int64_t>(run.history.size()) < params_.train.epochs;
        seconds += run.train_seconds;
      }
      epochs.emplace_back(sum / static_cast<double>(found[s].size()));
    }
    const auto add = [&](const char* name, Value value, const char* unit, const char* meaning, Value reference = {}) {
      const bool given = notebooks && !reference.is_null();
      context.add(
          Figure{name, std::move(value), unit, meaning, given ? std::move(reference) : Value(), given ? source : ""});
    };
    add("site_mean", means, "", "Mean accuracy on the test: both mixed, W1 positive, W2 positive.", printed_means);
    add("site_sd", sds, "", "Its standard deviation over networks, of the population (ddof 0).", printed_sds);
    if (params_.repeats > 1)
      add("site_sd_sample", sample_sds, "", "The same of the sample (ddof 1): what to expect of other seeds.");
    add("site_accuracy", accuracy, "", "Accuracy of every network on the test, site by site.", printed);
    for (const std::size_t s : {std::size_t{1}, std::size_t{2}}) {
      const MeanDifference d = difference_of_means(tests_of(found[0]), tests_of(found[s]));
      const MeanDifference n = difference_of_means(sites[0].notebooks, sites[s].notebooks);
      add(s == 1 ? "loss_by_w1_positive" : "loss_by_w2_positive", with_ends(d), "",
          "Mean of both mixed less that of this site, and the ends of its 95 % interval (Welch).", with_ends(n));
    }
    add("hidden_rate_hz", rates, "Hz", "Mean firing rate of the hidden units during the test.");
    add("epochs_run", epochs, "", "Passes over the training sounds, mean.");
    add("stopped_early", early, "", "Networks whose training was ended by validation.");
    const double chance = 1 / static_cast<double>(params_.task.classes);
    add("chance_accuracy", chance, "", "What guessing gives.");
    add("chance_loss", -std::log(chance), "", "The cross-entropy of guessing.");
    add("train_seconds", seconds, "s",
        "Time of all training loops in this process, with validation, each on one thread.");
  }

  void add_points(RunContext& context, const std::array<Outcomes, 3>& found) const {
    Chart chart;
    chart.name = "sites", chart.title = "Where inhibition is needed";
    chart.caption =
        "Every network a point, on the same test sounds. Both mixed: inhibition from fibres and hidden units; W1 "
        "positive: only from hidden units; W2 positive: only from fibres. Short lines: means; bands: ± their standard "
        "deviation (ddof 0)." +
        std::string(is_the_notebooks() ? " Right of them the three of the notebook." : "");
    chart.y_label = "accuracy, %";
    Trace frame, guessing, notebook;
    frame.colour = "#aaaaaa", frame.x = {-0.5, 2.5, NAN, -0.5, 2.5}, frame.y = {0, 0, NAN, 100, 100};
    chart.traces.push_back(std::move(frame));  // the axis goes from 0 to 100
    notebook.kind = Trace::Kind::points, notebook.name = "the notebook", notebook.colour = "#888888";
    for (std::size_t s = 0; s < 3; ++s) {
      static constexpr const char* colours[] = {"#2f6fb3", "#c4472f", "#3c8d5a"};
      const auto at = static_cast<double>(s);
      chart.x_names.emplace_back(sites[s].name);
      const std::vector<double> tests = tests_of(found[s]);
      const double mean = 100 * summarise(tests).mean, sd = 100 * population_sd(tests);
      Trace band, line, points;
      band.kind = Trace::Kind::band;
      band.x = {at - 0.3, at + 0.1, at + 0.1, at - 0.3}, band.y = {mean + sd, mean + sd, mean - sd, mean - sd};
      line.x = {at - 0.3, at + 0.1}, line.y = {mean, mean};
      points.kind = Trace::Kind::points, points.name = sites[s].name;
      for (const double test : tests) points.x.push_back(at - 0.1), points.y.push_back(100 * test);
      for (const double test : sites[s].notebooks) notebook.x.push_back(at + 0.2), notebook.y.push_back(100 * test);
      band.colour = line.colour = points.colour = colours[s];
      if (tests.size() > 1) chart.traces.push_back(std::move(band));
      chart.traces.push_back(std::move(line)), chart.traces.push_back(std::move(points));
    }
    if (is_the_notebooks()) chart.traces.push_back(std::move(notebook));
    const double chance = 100. / static_cast<double>(params_.task.classes);
    guessing.name = "guessing", guessing.colour = "#888888", guessing.x = {-0.5, 2.5}, guessing.y = {chance, chance};
    chart.traces.push_back(std::move(guessing));
    context.add(std::move(chart));
  }

  void add_table(RunContext& context, const std::array<Outcomes, 3>& found) const {
    const bool notebooks = is_the_notebooks();
    Table table{"sites",
                "Every network",
                "Accuracies on the test in per cent; standard deviations of the sample (ddof 1). Below both mixed: "
                "difference of the means in points, with its 95 % interval (Welch).",
                {"site", "each", "mean ± sd", "below both mixed", "training", "hidden, Hz"},
                {}};
    if (notebooks)
      for (const char* column : {"notebook, each", "notebook, mean ± sd"}) table.columns.emplace_back(column);
    for (std::size_t s = 0; s < 3; ++s) {
      const std::vector<double> tests = tests_of(found[s]);
      auto& row = table.rows.emplace_back();
      row = {sites[s].name,
             every_one(tests),
             mean_and_sd(tests),
             s == 0 ? "—" : in_points(difference_of_means(tests_of(found[0]), tests)),
             mean_and_sd(each(found[s], &LocalisationOutcome::train_accuracy)),
             rounded(summarise(each(found[s], &LocalisationOutcome::hidden_rate_hz)).mean, 0)};
      if (!notebooks) continue;
      row.push_back(every_one(sites[s].notebooks)), row.push_back(mean_and_sd(sites[s].notebooks));
    }
    context.add(std::move(table));
  }

  void add_losses(RunContext& context, const std::array<Outcomes, 3>& found) const {
    const LocalisationOutcome* first[] = {&found[0].front(), &found[1].front(), &found[2].front()};
    const std::string names[] = {sites[0].name, sites[1].name, sites[2].name};
    context.add(loss_chart(first, names, false));
    context.add(loss_chart(first, names, true));
    Array tests(DType::f64, {3, found[0].size()});
    for (std::size_t s = 0; s < 3; ++s)
      for (std::size_t r = 0; r < found[s].size(); ++r) tests.as<double>()(s, r) = found[s][r].test_accuracy;
    context.array("site_accuracy", tests);
  }

  std::string answer(const std::array<Outcomes, 3>& found) const {
    const std::vector<double> both = tests_of(found[0]);
    const MeanDifference w1 = difference_of_means(both, tests_of(found[1])),
                         w2 = difference_of_means(both, tests_of(found[2]));
    std::string text = "Test accuracy " + percent(summarise(both).mean, 1) + " with inhibition everywhere, " +
                       percent(summarise(tests_of(found[1])).mean, 1) + " if the fibres only excite, " +
                       percent(summarise(tests_of(found[2])).mean, 1) + " if the hidden units only excite";
    if (both.size() < 2) return text + " (one network each: chance of seeds is not known).";
    text += ". Without inhibition by fibres they lose " + in_points(w1) + " points, without that by hidden units " +
            in_points(w2) + " (in brackets: 95 %, Welch)";
    if (!is_the_notebooks()) return text + ".";
    return text +
           ". The notebook's nine networks: " + in_points(difference_of_means(sites[0].notebooks, sites[1].notebooks)) +
           " and " + in_points(difference_of_means(sites[0].notebooks, sites[2].notebooks)) + ".";
  }

  void add_claim(RunContext& context, const std::array<Outcomes, 3>& found) const {
    if (!is_the_notebooks() || params_.repeats < 2) return;
    std::string text;
    for (const std::size_t s : {std::size_t{1}, std::size_t{2}}) {
      const MeanDifference here = difference_of_means(tests_of(found[0]), tests_of(found[s]));
      const MeanDifference there = difference_of_means(sites[0].notebooks, sites[s].notebooks);
      const bool shown = here.told_apart(), was_shown = there.told_apart();
      text += std::string(s == 1 ? "" : " ") + sites[s].name + ": the notebook's three networks lose " +
              in_points(there) + " points against both mixed, these " + in_points(here) + "; " +
              (shown && was_shown && (here.mean > 0) == (there.mean > 0) ? "the notebook's finding holds."
               : shown && was_shown                                      ? "the other way round."
               : shown     ? "so few networks as the notebook's could not show a difference, these do."
               : was_shown ? "a difference that these networks do not show."
                           : "neither shows a difference.");
    }
    context.add(Remark{"What the notebook found, and what came out", text});
  }

  Params params_;
};

}  // namespace

void register_dale_inhibition_site(Registry& registry) {
  registry
      .add<Params>("study", "dale-inhibition-site",
                   "Must the fibres inhibit, or the hidden units, or both, to tell from which side a sound came?")
      .makes<Study>([](const Params& params) { return std::make_unique<DaleInhibitionSite>(params); });
}

}  // namespace neurarium
