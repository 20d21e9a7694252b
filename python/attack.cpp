// _engine.attack: the laboratory on a model and arrays. What the study attack-network does to a run's network, it does to a model: the same
// attacks, radii and warnings.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>

#include "arrays.hpp"
#include "neurarium/nn/build_model.hpp"
#include "neurarium/robustness/attack_question.hpp"
#include "neurarium/train/bare_context.hpp"
#include "parts.hpp"
#include "values.hpp"
#include "watched.hpp"

namespace neurarium::python {
namespace {

namespace py = pybind11;

/// Passes are asked by many threads whether to stop; who watches them asks Python. The network's own draws, if it has any, are those of
/// logits() and evaluate().
class AttackContext final : public BareContext {
 public:
  AttackContext(int threads, Watched& watched) : BareContext(python::registry(), threads, 0), watched_(watched) {}
  void progress(const Progress& progress) override { watched_.tell(progress); }
  bool stop_requested() const override { return watched_.stop().stop_requested(); }

 private:
  Watched& watched_;
};

/// Attacks come as names or as tables, mixed as one likes; if none do, they are those that the question has by itself.
AttackQuestion question_of(const py::dict& settings, const std::string& norm) {
  Value given = to_value(settings, "attack()");
  Value::List listed;
  for (const Component& attack : AttackQuestion().attacks) listed.push_back(attack.type);
  if (const Value* list = given.find("attacks")) listed = list->as_list();
  Value::List attacks = attacks_by_name(listed);
  set_norm(attacks, norm, registry());
  given.set("attacks", std::move(attacks));
  AttackQuestion question;
  std::vector<Fault> faults;
  AttackQuestion::fields().read(given, &question, {&registry(), &faults, {}, {}});
  if (!faults.empty()) throw SpecError(std::move(faults));
  question.require_sound();
  return question;
}

struct Findings {
  Bounds bounds;
  LaboratoryResult result;
  std::vector<MaskingWarning> warnings;
};

Findings findings(const NetworkState& network, const AttackQuestion& question, ArrayView x, ArrayView y, double divisor,
                  std::uint64_t seed, AttackContext& context) {
  if (x.shape()[0] == 0) throw DataError("x", "there are no samples");
  require_finite(x);
  const auto model = network_with(network, registry());
  if (!entry_fits(x.shape().tail(), model->input_shape()))
    throw ShapeError("x", "[samples, " + to_string(model->input_shape()).substr(1), to_string(x.shape()));
  const AttackSamples samples{x, y, divisor, bounds_of(question.bounds, x, divisor, "bounds")};
  LaboratoryPlan plan = question.plan(samples.bounds);
  plan.seed = seed;
  plan.eot = question.draws_of(*model, samples, context);
  if (question.eot > 1 && plan.eot == 1) throw question.nothing_is_drawn("the network");
  Findings found{samples.bounds, attack_network(*model, samples, plan, context), {}};
  found.warnings = question.warnings(*model, samples, plan, found.result, {}, context);
  return found;
}

py::object numbers(const std::vector<double>& values) {
  return py::array_t<double>(static_cast<py::ssize_t>(values.size()), values.data());
}

py::object accuracies(const std::vector<double>& smallest, const std::vector<double>& epsilons) {
  std::vector<double> shares;
  for (const double epsilon : epsilons) shares.push_back(accuracy_at(smallest, epsilon));
  return numbers(shares);
}

py::dict told(Findings found) {
  using namespace py::literals;
  LaboratoryResult& result = found.result;
  py::dict worst_case;
  for (const Norm norm : {Norm::linf, Norm::l2}) {
    const auto of_norm = std::ranges::find(result.outcomes, norm, &AttackOutcome::norm);
    if (of_norm == result.outcomes.end()) continue;
    const std::vector<double> smallest = neurarium::worst_case(result, norm);
    worst_case[name_of(norm)] =
        py::dict("epsilon"_a = numbers(of_norm->epsilons), "accuracy"_a = accuracies(smallest, of_norm->epsilons),
                 "accuracy_or_refused"_a = accuracies(
                     neurarium::worst_case(result, norm, &AttackOutcome::smallest_answered), of_norm->epsilons),
                 "smallest"_a = numbers(smallest));
  }
  py::list outcomes, warnings;
  for (AttackOutcome& outcome : result.outcomes)
    outcomes.append(py::dict(
        "name"_a = outcome.name, "norm"_a = name_of(outcome.norm), "epsilon"_a = numbers(outcome.epsilons),
        "accuracy"_a = accuracies(outcome.smallest, outcome.epsilons),
        "accuracy_or_refused"_a = accuracies(outcome.smallest_answered, outcome.epsilons),
        "smallest"_a = numbers(outcome.smallest), "changed"_a = to_numpy(std::move(outcome.changed)),
        "queries"_a = outcome.queries, "gradients"_a = outcome.gradients, "unconfirmed"_a = outcome.unconfirmed));
  for (const MaskingWarning& warning : found.warnings) warnings.append(warning.text);
  return py::dict("samples"_a = result.samples, "clean_accuracy"_a = result.clean_accuracy,
                  "clean_confidence"_a = result.clean_confidence, "refusal_threshold"_a = result.refusal_threshold,
                  "bounds"_a = py::make_tuple(found.bounds.low, found.bounds.high), "outcomes"_a = outcomes,
                  "worst_case"_a = worst_case, "warnings"_a = warnings);
}

py::dict attack(const py::bytes& model, const py::object& x, const py::object& y, const py::dict& settings,
                const std::string& norm, double divisor, std::uint64_t seed, int threads, const py::object& progress) {
  const AttackQuestion question = question_of(settings, norm);
  const SavedNetwork saved = saved_network(model);
  const Borrowed samples = borrow(x, "x");
  if (samples.view.shape().axes() < 2) throw ShapeError("x", "[samples, …]", to_string(samples.view.shape()));
  const Borrowed labels = borrow_labels(y, samples.view);
  Watched watched(progress, py::none());
  Findings found;
  watched.run(
      [&] {
        AttackContext context(threads, watched);
        found = findings(saved.state, question, samples.view, labels.view, divisor, seed, context);
      },
      Watched::Stopped::says_nothing);
  return told(std::move(found));
}

}  // namespace

void add_attack(py::module_& module) {
  using py::arg;
  module.def("attack", &attack, arg("model"), arg("x"), arg("y"), arg("settings"), arg("norm"), arg("divisor"),
             arg("seed"), arg("threads"), arg("progress"), "What little changes of samples do to a model's answers.");
}

}  // namespace neurarium::python
