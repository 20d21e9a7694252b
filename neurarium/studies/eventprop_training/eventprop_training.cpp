// eventprop-yinyang and eventprop-mnist: networks that speak in spike times learn by exact gradients. (hidden_gradient.cpp has another study.)
#include "neurarium/studies/eventprop_training/hidden_findings.hpp"
#include "neurarium/studies/eventprop_training/timed_findings.hpp"
#include "neurarium/train/labelled_part.hpp"

namespace neurarium {
namespace {

/// What one study has other than another.
struct Task {
  const char* study;
  const char* question;
  double reference;  ///< test accuracy of others …
  const char* reference_source;
  const char* reference_data;  ///< … on data sets whose names begin so
};
constexpr Task yin_yang{"eventprop-yinyang",
                        "Can spike times alone tell yin from yang? EventProp on the Yin-Yang task.", 0.981,
                        "Wunderlich & Pehle 2021", "yin-yang"},
    mnist{"eventprop-mnist", "Can single spikes read digits? EventProp on pictures as latencies.", 0.976,
          "Wunderlich & Pehle 2021, 350 hidden units", "mnist"};

template <const Task& task>
struct Params : TimedNetworkParams {
  std::string dataset = &task == &mnist ? "fashion-mnist" : "yin-yang:";
  std::int64_t repeats = 1;
  std::int64_t train_samples = 0;
  std::int64_t test_samples = 0;
  TrainParams train;
  Params() {
    train.optimiser = {"adam", Value::table()};
    train.optimiser.settings.set("learning_rate", 5e-3);
    if (&task != &mnist) return;
    order = "larger_first", silent_below = 0.2, bias_time = -1;
    hidden = {350}, hidden_mean = 0.078, hidden_sd = 0.045, output_mean = 0.3, output_sd = 0.2;
  }
  static Schema fields() {
    std::vector<FieldInfo> all = TimedNetworkParams::fields();
    all.push_back(
        field("dataset", &Params::dataset, "Numbers in [0, 1] (or bytes) with labels, by name or as FILE.npz."));
    all.push_back(field("repeats", &Params::repeats, "Networks, each from a start of its own.").between(1, 1000));
    all.push_back(
        field("train_samples", &Params::train_samples, "How many samples to learn from, from the first on; 0 = all.")
            .at_least(0));
    all.push_back(field("test_samples", &Params::test_samples, "How many to test on; 0 = all.").at_least(0));
    all.push_back(field("train", &Params::train, "How they learn."));
    return Schema::of<Params>(std::move(all));
  }
};

template <const Task& task>
class TimedStudy : public Study {
 public:
  explicit TimedStudy(const Params<task>& params) : params_(params) {
    if (params_.hidden.empty()) throw SpecError("hidden: there is no hidden layer", "give at least one, hidden=[200]");
  }

  void run(RunContext& context) override {
    const Dataset data = context.dataset(params_.dataset);
    require_arrays(data);
    TimedFindings found;
    found.dataset = data.name, found.classes = data.classes, found.network = params_;
    found.data.training = labelled_part(data, data.train, params_.train_samples, "training");
    found.data.test = labelled_part(data, data.test, params_.test_samples, "test");
    found.data.divisor = data.divisor, found.data.classes = classes_of(found.data.training, found.data.test);
    if (params_.dataset.starts_with(task.reference_data))
      found.reference = task.reference, found.reference_source = task.reference_source;
    found.outcomes =
        train_timed_networks(params_, params_.train, found.data, static_cast<std::size_t>(params_.repeats), context);
    for (std::size_t k = 0; k < found.outcomes.size(); ++k)
      context.keep(params_.repeats == 1 ? "" : "network" + std::to_string(k + 1),
                   {found.outcomes[k].network, params_.dataset, data.sha256, context.seed()});
    add_timed_figures(context, found);
    if (&task == &yin_yang && found.data.training.entry_shape() == Shape{4}) add_yin_yang(context, found);
    add_timed_exhibits(context, found);
    context.answer(timed_answer(found));
  }

 private:
  Params<task> params_;
};

template <const Task& task>
void register_task(Registry& registry) {
  registry.add<Params<task>>("study", task.study, task.question).template makes<Study>([](const Params<task>& params) {
    return std::make_unique<TimedStudy<task>>(params);
  });
}

}  // namespace

void register_eventprop_digits(Registry& registry);

void register_eventprop_training_studies(Registry& registry) {
  register_task<yin_yang>(registry);
  register_task<mnist>(registry);
  register_hidden_gradient(registry);
  register_eventprop_digits(registry);
}

}  // namespace neurarium
