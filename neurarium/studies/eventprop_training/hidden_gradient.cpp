// hidden-gradient: which losses teach the hidden layer of a network of spike times, and why?
#include <algorithm>

#include "neurarium/core/errors.hpp"
#include "neurarium/core/words.hpp"
#include "neurarium/studies/eventprop_training/hidden_findings.hpp"
#include "neurarium/train/labelled_part.hpp"
#include "neurarium/train/shared_out.hpp"

namespace neurarium {
namespace {

constexpr ShapedLoss losses[] = {
    {"sum", "sum", "sum", "#2f6fb3"},
    {"weighted", "exponentially weighted sum", "weighted", "#c4472f"},
    {"average", "average cross-entropy", "trace", "#8a4fa8"},
    {"max", "max", "max", "#3c8d5a"},
    {"linear", "linearly weighted sum", "linear_weighted", "#d08a1c"},
    {"sigmoid", "sigmoid-weighted sum", "sigmoid_weighted", "#1c9aa0"},
    {"input", "input-weighted sum", "input_weighted", "#a8577e"},
};

class HiddenGradient : public Study {
 public:
  explicit HiddenGradient(const HiddenParams& params) : params_(params) {
    require_an_epoch(params_.train);
    if (params_.dt > params_.duration)
      throw SpecError("dt: " + in_digits(params_.dt, 3) +
                          " s is longer than a trial, duration = " + in_digits(params_.duration, 3) + " s",
                      "set dt to a small part of duration, dt=0.001");
    if (params_.hidden.empty()) throw SpecError("hidden: there is no hidden layer", "give at least one, hidden=[200]");
    if (params_.losses.empty()) throw SpecError("losses: there is none", "give losses=[\"sum\", \"weighted\"]");
    for (const std::string& name : params_.losses) {
      shaped_loss(name);
      if (std::ranges::count(params_.losses, name) > 1)
        throw SpecError("losses: '" + name + "' stands there twice", "name each loss once");
    }
  }

  void run(RunContext& context) override {
    const Dataset data = context.dataset(params_.dataset);
    require_arrays(data);
    HiddenFindings found;
    found.params = params_, found.dataset = data.name;
    found.data.training = labelled_part(data, data.train, params_.train_samples, "training");
    found.data.test = labelled_part(data, data.test, params_.test_samples, "test");
    found.data.divisor = data.divisor, found.data.classes = classes_of(found.data.training, found.data.test);
    find_hidden_gradients(found, context);
    context.add(hidden_picture(found));
    add_hidden_figures(context, found);
    add_hidden_claims(context, found);
    add_hidden_charts(context, found);
    context.answer(hidden_answer(found));
  }

 private:
  HiddenParams params_;
};

}  // namespace

std::span<const ShapedLoss> all_shaped_losses() { return losses; }

const ShapedLoss& shaped_loss(const std::string& name) {
  std::string all;
  for (const ShapedLoss& one : losses) {
    if (one.name == name) return one;
    all += (all.empty() ? "" : ", ") + std::string(one.name);
  }
  throw SpecError("losses: there is no '" + name + "'", "choose among " + all);
}

HiddenParams::HiddenParams() {
  hidden = {100}, output_mean = 0, output_sd = 0.3;
  train.optimiser = {"adam", Value::table()};
  train.optimiser.settings.set("learning_rate", 5e-3);
}

Schema HiddenParams::fields() {
  using P = HiddenParams;
  std::vector<FieldInfo> all = TimedNetworkParams::fields();
  // What each loss decides, and what belongs to outputs that fire.
  std::erase_if(all, [](const FieldInfo& f) {
    return std::ranges::count(
               std::vector<std::string>{"readout", "gain", "temperature", "late", "alpha", "tau_late", "silent_push"},
               f.name) > 0;
  });
  all.push_back(field("dataset", &P::dataset, "Numbers in [0, 1] (or bytes) with labels, by name or as FILE.npz."));
  all.push_back(field("losses", &P::losses, "Losses to compare: sum, weighted, average, max, linear, sigmoid, input."));
  all.push_back(field("repeats", &P::repeats, "Starts; every loss is trained from each.").between(1, 1000));
  all.push_back(field("draws", &P::draws, "Networks that learn nothing and are only asked.").between(1, 10000));
  all.push_back(
      field("frozen", &P::frozen, "Whether to train each loss also with hidden layers that stay as they are."));
  all.push_back(
      field("spread", &P::spread,
            "Root mean square of scores around their mean over classes, at the start: each loss has the gain for it.")
          .positive());
  all.push_back(
      field("probe_samples", &P::probe_samples, "Test samples, from the first on, whose gradients are looked at.")
          .between(1, 100000));
  all.push_back(field("train_samples", &P::train_samples, "How many samples to learn from, from the first on; 0 = all.")
                    .at_least(0));
  all.push_back(field("test_samples", &P::test_samples, "How many to test on; 0 = all.").at_least(0));
  all.push_back(field("train", &P::train, "How they learn."));
  return Schema::of<P>(std::move(all));
}

void register_hidden_gradient(Registry& registry) {
  registry
      .add<HiddenParams>("study", "hidden-gradient",
                         "Which losses teach the hidden layer, and why? Gradients of spike times, loss by loss.")
      .makes<Study>([](const HiddenParams& params) { return std::make_unique<HiddenGradient>(params); });
}

}  // namespace neurarium
