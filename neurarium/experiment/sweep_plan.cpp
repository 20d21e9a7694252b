#include "neurarium/experiment/sweep_plan.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "neurarium/core/files.hpp"
#include "neurarium/core/rng.hpp"
#include "neurarium/data/catalogue.hpp"
#include "neurarium/experiment/identity.hpp"
#include "neurarium/interchange/json.hpp"

namespace neurarium {
namespace {

constexpr std::size_t most_runs = 100000;

/// Faults of many points: what is wrong with the base is wrong with every point, but is said once.
class Faults {
 public:
  void add(const Fault& fault) {
    if (seen_.insert(to_string(fault)).second) faults_.push_back(fault);
  }
  void add(const SpecError& error) {
    for (const Fault& fault : error.faults()) add(fault);
  }
  void throw_if_any() {
    if (!faults_.empty()) throw SpecError(std::move(faults_));
  }

 private:
  std::set<std::string> seen_;
  std::vector<Fault> faults_;
};

Location place_of(const SweepAxis& axis) { return axis.values.empty() ? Location{} : axis.values.front().where(); }

void check_axes(const Sweep& sweep, Faults& faults) {
  std::set<std::string> keys;
  std::size_t runs = 1;
  for (const SweepAxis& axis : sweep.axes) {
    const Location where = place_of(axis);
    if (axis.values.empty()) faults.add({where, axis.key, "there are no values to sweep over", "give at least one"});
    if (!keys.insert(axis.key).second) faults.add({where, axis.key, "is swept twice", "keep one of the two"});
    if (axis.key == "study")
      faults.add(
          {where, axis.key, "studies measure different things: they can't be swept over", "make a sweep of each"});
    if (axis.key == "threads" || axis.key == "seeds")
      faults.add({where, axis.key, "can't be swept over: it does not change a result",
                  axis.key == "threads" ? "`neurarium bench` measures speed" : "give --repeats N"});
    if (axis.key == "seed" && sweep.repeats > 0)
      faults.add({where, axis.key, "lists the seeds, and repeats count them", "keep one of the two"});
    std::map<std::string, int> seen;
    for (const Value& value : axis.values)
      if (!value.is_array() && ++seen[to_json(value, -1)] == 2)
        faults.add({where, axis.key, "the value " + to_json(value, -1) + " is listed twice", "leave one out"});
    runs = std::min(most_runs + 1, runs * std::max<std::size_t>(1, axis.values.size()));
  }
  if (runs > most_runs) faults.add({{}, {}, "the sweep has more than 100000 points", "take fewer values"});
}

/// The settings with `value` at the dotted key: what was said below that key before gives way.
void set_at(Value& settings, const std::string& key, const Value& value, Faults& faults) {
  Value* table = &settings;
  std::size_t begin = 0;
  for (std::size_t dot; (dot = key.find('.', begin)) != std::string::npos; begin = dot + 1) {
    const std::string part = key.substr(begin, dot - begin);
    Value* inner = table->find(part);
    if (!inner) inner = &table->set(part, Value::table()).at_location(value.where());
    if (inner
            ->is_text()) {  // the name of a part, whose settings follow: train.optimiser=sgd train.optimiser.momentum=0,0.9
      Value named = Value::table();
      named.set("type", *inner);
      named.at_location(inner->where());
      *inner = std::move(named);
    }
    if (!inner->is_table())
      return faults.add(
          {value.where(), key, "a part of this key was given a plain value before", "keep one of the two"});
    table = inner;
  }
  const std::string last = key.substr(begin);
  Value* there = table->find(last);
  if (there && there->is_table() && value.is_text() && !there->find("type")) {
    there->set("type", value);
    return;
  }
  if (there) return faults.add({value.where(), key, "is swept, and was given a value besides", "keep one of the two"});
  table->set(last, value);
}

/// All combinations; the last axis changes fastest.
std::vector<std::vector<Value>> grid_of(const std::vector<const SweepAxis*>& axes) {
  std::vector<std::vector<Value>> points(1);
  for (const SweepAxis* axis : axes) {
    std::vector<std::vector<Value>> longer;
    for (const auto& point : points)
      for (const Value& value : axis->values) {
        longer.push_back(point);
        longer.back().push_back(value);
      }
    points = std::move(longer);
  }
  return points;
}

std::string point_text(const std::vector<std::string>& keys, const std::vector<Value>& values) {
  std::string text;
  for (std::size_t i = 0; i < keys.size(); ++i)
    text += (i ? ", " : "") + keys[i] + " = " + (values[i].is_array() ? "an array" : to_json(values[i], -1));
  return text.empty() ? "the experiment" : text;
}

/// 1e1 where a whole number is asked for is 10, in tables too.
std::vector<Value> as_used(std::vector<Value> values, const std::vector<const SweepAxis*>& axes,
                           const Experiment& experiment) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (const Value* used = find_setting(experiment.settings, axes[i]->key);
        used && used->is_integer() && values[i].is_number() && !values[i].is_integer())
      values[i] = Value(used->as_integer()).at_location(values[i].where());
  return values;
}

std::vector<std::uint64_t> seeds_of(const Sweep& sweep, const SweepAxis* listed, const Experiment& first,
                                    Faults& faults) {
  std::vector<std::uint64_t> seeds;
  if (listed) {
    for (const Value& value : listed->values)
      if (value.is_integer() && value.as_integer() >= 0 && value.as_integer() <= std::int64_t{largest_seed})
        seeds.push_back(static_cast<std::uint64_t>(value.as_integer()));
      else
        faults.add({value.where(),
                    "seed",
                    "expected whole numbers in [0, " + std::to_string(largest_seed) + "], found " + to_json(value, -1),
                    {}});
    return seeds;
  }
  const std::int64_t repeats = sweep.repeats > 0 ? sweep.repeats : first.seeds;
  if (first.seed + static_cast<std::uint64_t>(repeats) - 1 > largest_seed)
    faults.add(
        {{},
         "seed",
         "the last of " + std::to_string(repeats) + " seeds would be larger than " + std::to_string(largest_seed),
         "begin with a smaller seed"});
  for (std::int64_t k = 0; k < repeats; ++k) seeds.push_back(first.seed + static_cast<std::uint64_t>(k));
  return seeds;
}

/// With the axes that the experiment lists itself, before those that were asked for. Several presets have no axes in common.
Sweep with_own_axes(Sweep sweep, const Registry& registry, std::span<const Preset> presets) {
  if (std::ranges::find(sweep.axes, "preset", &SweepAxis::key) != sweep.axes.end()) return sweep;
  Spec first = sweep.base;
  if (first.settings.is_null()) first.settings = Value::table();
  Faults faults;
  for (const SweepAxis& axis : sweep.axes)
    if (axis.key != "seed") set_at(first.settings, axis.key, axis.values.front(), faults);
  try {
    std::vector<SweepAxis> axes = resolve(first, registry, presets).axes;
    sweep.axes.insert(sweep.axes.begin(), axes.begin(), axes.end());
  } catch (const SpecError&) {  // said of each point, with all other faults
  }
  return sweep;
}

void require_data(const Experiment& experiment, const RunOptions& options) {
  const Value* dataset = experiment.settings.find("dataset");
  if (!dataset || !dataset->is_text() || dataset->as_text().empty() || dataset->as_text() == in_memory) return;
  const auto home = options.data_home.empty() ? default_data_home() : options.data_home;
  if (!is_present(dataset->as_text(), home)) (void)load_dataset(dataset->as_text(), home);  // says what is missing
}

}  // namespace

SweepPlan plan_sweep(const Sweep& asked, const Registry& registry, const RunOptions& options,
                     std::span<const Preset> presets) {
  Faults faults;
  check_axes(asked, faults);
  faults.throw_if_any();
  const Sweep sweep = with_own_axes(asked, registry, presets);
  check_axes(sweep, faults);
  faults.throw_if_any();
  SweepPlan plan;
  std::vector<const SweepAxis*> axes;
  const SweepAxis* listed_seeds = nullptr;
  for (const SweepAxis& axis : sweep.axes) {
    if (axis.key == "seed") {
      listed_seeds = &axis;
      continue;
    }
    axes.push_back(&axis);
    plan.keys.push_back(axis.key);
  }
  for (const auto& values : grid_of(axes)) {
    Spec spec = sweep.base;
    if (spec.settings.is_null()) spec.settings = Value::table();
    for (std::size_t i = 0; i < axes.size(); ++i) set_at(spec.settings, axes[i]->key, values[i], faults);
    try {
      Experiment experiment = resolve(spec, registry, presets);
      for (const SweepAxis& axis : experiment.axes)
        faults.add({{},
                    point_text(plan.keys, values),
                    "lists values of " + axis.key + " itself, and the other points do not",
                    "sweep it alone"});
      (void)registry.make<Study>("study", {experiment.study, experiment.settings});  // it can be built
      plan.points.push_back({as_used(values, axes, experiment), std::move(experiment), {}});
    } catch (const SpecError& error) {
      faults.add(error);
    } catch (const ShapeError& error) {
      faults.add({{}, point_text(plan.keys, values), error.what(), {}});
    }
  }
  faults.throw_if_any();

  const Experiment& first = plan.points.front().experiment;
  plan.study = first.study;
  plan.question = registry.find("study", plan.study)->doc;
  const bool threads_given = first.threads > 0 || sweep.base.settings.find("threads");
  plan.threads = threads_given ? first.threads : 1;
  plan.seeds = seeds_of(sweep, listed_seeds, first, faults);
  faults.throw_if_any();
  if (plan.points.size() * plan.seeds.size() > most_runs)
    throw SpecError("the sweep has more than 100000 runs", "take fewer values or repeats");

  std::map<std::string, std::size_t> known;
  std::set<std::string> names;
  std::string all_hashes;
  KnownNetworks networks;
  for (std::size_t p = 0; p < plan.points.size(); ++p) {
    PlannedPoint& point = plan.points[p];
    point.experiment.seeds = 1;
    point.experiment = decided(std::move(point.experiment), registry, options);
    require_data(point.experiment, options);
    for (const std::uint64_t seed : plan.seeds) {
      point.experiment.seed = seed;
      Identity identity = identify(point.experiment, registry, options, &networks);
      const auto [twin, is_new] = known.emplace(identity.hash, p);
      if (!is_new)
        faults.add({{},
                    {},
                    point_text(plan.keys, plan.points[twin->second].values) + " and " +
                        point_text(plan.keys, point.values) + " are the same experiment",
                    "leave one out"});
      std::size_t digits = 8;
      while (!names.insert(identity.hash.substr(0, digits)).second && is_new) ++digits;  // by chance, in large sweeps
      plan.runs.push_back({p, seed, identity.hash, plan.study + "-" + identity.hash.substr(0, digits)});
      if (seed == plan.seeds.front()) {
        all_hashes += identity.hash;
        point.files = std::move(identity.files);
      }
    }
    point.experiment.seed = plan.seeds.front();
  }
  faults.throw_if_any();
  plan.folder = plan.study + "-sweep-" + sha256(all_hashes).substr(0, 8);
  return plan;
}

}  // namespace neurarium
