// neurarium gradcheck: a network's own gradient against central differences, in double.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>

#include "cli/target.hpp"
#include "cli/terminal.hpp"
#include "neurarium/core/digits.hpp"
#include "neurarium/data/catalogue.hpp"
#include "neurarium/experiment/network_of.hpp"
#include "neurarium/interchange/json.hpp"
#include "neurarium/nn/build_model.hpp"
#include "neurarium/train/gradient_check.hpp"

namespace neurarium {
namespace {

struct GradcheckVerb {
  TargetOptions target;
  std::string data_dir;
  std::size_t samples = 8;
  GradientCheckParams params;
};

/// The experiment's model, in double and fitted to the data.
std::unique_ptr<Trainable> model_of(const Experiment& experiment, const Registry& registry, const Shape& entry) {
  std::optional<Component> network = network_of(experiment, registry);
  if (!network)
    throw SpecError("the study '" + experiment.study + "' has no model to check", "give a FILE.toml with a network");
  const auto* description = registry.find("model", network->type);
  if (description && description->schema.find("scalar")) network->settings.set("scalar", "float64");
  return build_model<Trainable>(fitted(*network, registry, entry, experiment.seed), registry,
                                "a gradient check: it does not learn by gradients");
}

ExitCode print(const GradientCheckResult& result, bool json) {
  if (json) {
    Value rows = Value::list();
    for (const GradientCheckRow& row : result.rows) {
      Value entry = Value::table();
      entry.set("name", row.name);
      entry.set("entries", static_cast<std::int64_t>(row.entries));
      entry.set("largest_error", row.largest_error);
      entry.set("worst_entry", static_cast<std::int64_t>(row.worst_entry));
      entry.set("analytic", row.analytic);
      entry.set("numeric", row.numeric);
      entry.set("step", row.step);
      entry.set("tolerance", row.tolerance);
      if (row.skipped > 0) entry.set("skipped", static_cast<std::int64_t>(row.skipped));
      rows.as_list().push_back(std::move(entry));
    }
    Value out = Value::table();
    out.set("passed", result.passed);
    out.set("worst", result.worst().name);
    out.set("largest_error", result.worst().largest_error);
    out.set("tolerance", result.worst().tolerance);
    if (std::isfinite(result.smallest_slope)) out.set("smallest_slope", result.smallest_slope);
    out.set("rows", std::move(rows));
    std::cout << to_json(out) << '\n';
  } else {
    std::vector<std::vector<std::string>> rows = {
        {"gradient of", "entries", "largest error", "at most", "step", "at entry", "analytic", "numeric"}};
    for (const GradientCheckRow& row : result.rows)
      rows.push_back({row.name, std::to_string(row.entries), short_digits(row.largest_error, 3),
                      short_digits(row.tolerance, 3), short_digits(row.step, 3), std::to_string(row.worst_entry),
                      short_digits(row.analytic, 3), short_digits(row.numeric, 3)});
    std::cout
        << table_text(rows) << (result.passed ? "passed" : "failed") << ": largest error "
        << short_digits(result.worst().largest_error, 3) << " of " << short_digits(result.worst().tolerance, 3)
        << " in " << result.worst().name
        << "\nerror = |a − n| / max(|a|, |n|, 10⁻³ max|n|, 10⁷ rounding). The weights were moved by up to 0.02 first, "
           "off kinks such as\nReLU at 0; near others a hundredth of the step and a hundred times the tolerance "
           "decide.\n";
    std::size_t skipped = 0;
    for (const GradientCheckRow& row : result.rows) skipped += row.skipped;
    if (skipped > 0)
      std::cout << skipped << " entries were left out: a spike appeared or vanished under their change.\n";
    if (std::isfinite(result.smallest_slope))
      std::cout << "The least I − θ of a spike is " << short_digits(result.smallest_slope, 3)
                << ": near 0 a spike is about to vanish, and its time moves by 1/(I − θ).\n";
  }
  return result.passed ? ExitCode::done : ExitCode::failed;
}

ExitCode gradcheck(const CliContext& context, const GradcheckVerb& verb) {
  const Experiment experiment = resolve(require_target(verb.target, context).spec, context.registry);
  require_no_axes(experiment);
  const Value* dataset = experiment.settings.find("dataset");
  if (!dataset || !dataset->is_text() || dataset->as_text().empty())
    throw SpecError("dataset: no data to check the gradient on", "give dataset=NAME or dataset=FILE.npz");
  const Dataset data = load_dataset(dataset->as_text(),
                                    verb.data_dir.empty() ? default_data_home() : std::filesystem::path(verb.data_dir));
  if (!data.train.spikes) require_arrays(data);
  if (data.train.y.empty()) throw DataError(dataset->as_text(), "has no answers y", "give data with x and y");
  const std::size_t samples = std::min(verb.samples, data.train.samples());
  if (samples < verb.samples)
    std::cerr << dataset->as_text() << " has " << samples << " samples, not " << verb.samples << ": all are taken\n";
  const auto model = model_of(experiment, context.registry, data.train.entry_shape());
  if (model->gradient_kind() == Trainable::GradientKind::surrogate)
    std::cerr
        << "where spikes fall on a grid of time the loss is a staircase: a surrogate's gradient (lif) or the adjoint "
           "of the grid (eventprop_lif) is not its slope, nor is a push on counts, so central differences can't find "
           "it; soft_spikes = true (lif), engine = \"event\" and count_push.strength = 0 "
           "(eventprop_lif) make it exact\n";
  Context pass;
  pass.mode = Mode::train;
  pass.seed = experiment.seed;
  std::vector<std::uint64_t> ids(samples);
  for (std::size_t i = 0; i < samples; ++i) ids[i] = i;
  pass.sample_ids = ids;
  // Spikes stay where they are: on a grid of time nothing can move a little.
  const Array x = data.train.spikes
                      ? moved_off_kinks(*model, Array(DType::f64, {0}), 1, experiment.seed)
                      : moved_off_kinks(*model, data.train.x.view().rows(0, samples), data.divisor, experiment.seed);
  Batch batch{x, data.train.y.view().rows(0, samples), 1};
  if (data.train.spikes) batch.spikes = SpikesView(*data.train.spikes, 0, samples);
  return print(check_gradients_near_kinks(*model, batch, pass, verb.params), context.json);
}

}  // namespace

void add_gradcheck_verb(CLI::App& app, CliContext& context) {
  auto verb = std::make_shared<GradcheckVerb>();
  CLI::App* gradcheck_verb =
      add_verb(app, "gradcheck", "A network's own gradient against central differences, in double",
               {"neurarium gradcheck xor-surface", "neurarium gradcheck my-network.toml --samples 32",
                "neurarium gradcheck my-network.toml model.loss=cross_entropy"});
  add_target_options(*gradcheck_verb, verb->target);
  gradcheck_verb->add_option("--data-dir", verb->data_dir, "Where data sets lie ($NEURARIUM_DATA)")->type_name("DIR");
  gradcheck_verb->add_option("--samples", verb->samples, "Samples of the batch (8)")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  gradcheck_verb->add_option("--entries", verb->params.most_entries, "Entries per tensor, spread evenly; 0 = all (200)")
      ->type_name("N")
      ->check(CLI::Range(0, 1'000'000'000));
  gradcheck_verb
      ->add_option("--tolerance", verb->params.tolerance, "Largest error that passes (1e-7; near kinks 100 times that)")
      ->type_name("X")
      ->check([](const std::string& text) {  // a NaN lies in every range of CLI11's
        char* end = nullptr;
        const double x = std::strtod(text.c_str(), &end);
        return end != text.c_str() && std::isfinite(x) && x > 0 ? "" : "expected a number above 0, found " + text;
      });
  gradcheck_verb->add_flag("--json", context.json, "One JSON object on stdout");
  gradcheck_verb->callback(
      [&context, verb] { context.action = [&context, verb] { return gradcheck(context, *verb); }; });
}

}  // namespace neurarium
