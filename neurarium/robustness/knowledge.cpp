#include "neurarium/robustness/knowledge.hpp"

#include <algorithm>

#include "neurarium/nn/classes.hpp"
#include "neurarium/robustness/answers.hpp"

namespace neurarium {
namespace {

constexpr const char* tempered_score = "tempered-softmax";

std::span<const std::int64_t> labels_of(const SplitView& split, const std::string& what) {
  if (split.samples() == 0) throw DataError(what, "there are none");
  if (split.y.dtype() != DType::i64 || split.y.shape() != Shape{split.samples()})
    throw DataError(what, "have no labels: what the network gets right can't be told",
                    "give data with one whole number for each sample");
  return split.y.as<std::int64_t>().flat();
}

void require_fit(const Model& model, const SampleSource& source) {
  if (source.samples == 0) throw DataError(source.meaning, "there are none");
  const Shape entry = source.rows(0, 1).shape().tail();
  if (!entry_fits(entry, model.input_shape()))
    throw ShapeError(source.meaning, to_string(model.input_shape()), to_string(entry), "the network takes no other");
}

/// The scores of one set, tempered-softmax among them if asked for.
std::vector<double> scores_of(const std::string& score, const Answers& answers,
                              const std::optional<TemperatureFit>& temperature) {
  if (score != tempered_score) return familiarity(score, answers);
  return largest_of(softmax_at(answers.logits.view(), temperature->temperature).view());
}

void fit_temperature(const Answers& held_out, std::span<const std::int64_t> labels, Knowledge& found) {
  require_labels(held_out.logits.view(), labels);
  try {
    found.temperature = neurarium::fit_temperature(held_out.logits.view(), labels);
  } catch (const DataError& error) {  // there is no best one: all else can be said
    found.why_no_temperature = error.what();
  }
}

}  // namespace

Knowledge what_it_knows(const Trainable& model, const KnowledgeQuestion& question, WorkerPool& pool,
                        const std::function<void(const std::string&)>& tell) {
  if (!model.outputs_are_logits())
    throw SpecError("the network's outputs are no logits: it does not say how sure it is",
                    "train it with the loss cross_entropy");
  const auto ask = [&](const SampleSource& source) {
    if (tell) tell(source.meaning);
    return answers_to(model, source, pool);
  };
  const auto labels = labels_of(question.clean, "clean samples");
  for (const SampleSource& source : question.foreign) require_fit(model, source);
  const Answers clean = ask(known_data("clean", "clean samples", question.clean.x, question.divisor));
  const Tensor<double> probabilities = softmax(clean.logits.view());
  const std::vector<bool> right = right_answers(clean.logits.view(), labels);
  Knowledge found;
  found.samples = clean.samples();
  found.classes = clean.logits.shape()[1];
  found.accuracy = static_cast<double>(std::ranges::count(right, true)) / static_cast<double>(right.size());
  found.confidence = largest_of(probabilities.view());
  found.before = Calibration(probabilities.view(), labels);
  std::vector<std::string> names = score_names(clean);
  if (question.held_out.samples() > 0) {
    const auto held_labels = labels_of(question.held_out, "held-out samples");
    fit_temperature(ask(known_data("held_out", "held-out samples", question.held_out.x, question.divisor)), held_labels,
                    found);
  }
  if (found.temperature) {
    found.after.emplace(softmax_at(clean.logits.view(), found.temperature->temperature).view(), labels);
    names.emplace_back(tempered_score);
  }
  std::vector<std::vector<double>> known;
  for (const std::string& name : names) {
    const auto& scores = known.emplace_back(scores_of(name, clean, found.temperature));
    const double threshold = threshold_keeping(scores, usual_coverage);
    found.scores.push_back({name, risk_coverage(scores, right), threshold, with_refusal(scores, right, threshold), {}});
  }
  for (const SampleSource& source : question.foreign) {
    const Answers answers = ask(source);
    ForeignFinding& foreign = found.foreign.emplace_back();
    foreign.name = source.name, foreign.meaning = source.meaning;
    foreign.confidence = familiarity("max-softmax", answers);
    foreign.mean_confidence = mean_of(foreign.confidence);
    for (std::size_t s = 0; s < names.size(); ++s) {
      const std::vector<double> scores = scores_of(names[s], answers, found.temperature);
      if (names[s] == tempered_score) foreign.tempered_confidence = mean_of(scores);
      found.scores[s].detection.push_back(detection(known[s], scores));
    }
  }
  return found;
}

}  // namespace neurarium
