// eventprop-yinyang and eventprop-mnist: networks that speak in spike times learn by exact gradients. (hidden_gradient.cpp and
// delay_study.cpp have other studies.)
#include "neurarium/studies/eventprop_training/delay_study.hpp"
#include "neurarium/studies/eventprop_training/digits_findings.hpp"
#include "neurarium/studies/eventprop_training/hidden_findings.hpp"
#include "neurarium/studies/eventprop_training/timed_findings.hpp"
#include "neurarium/studies/eventprop_training/timed_study.hpp"
#include "neurarium/train/shared_out.hpp"

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
struct Params : TimedStudyParams {
  Params() {
    dataset = "yin-yang:";
    if (&task != &mnist) return;
    dataset = "fashion-mnist";
    order = "larger_first", silent_below = 0.2, bias_time = -1;
    hidden = {350}, hidden_mean = 0.078, hidden_sd = 0.045, output_mean = 0.3, output_sd = 0.2;
  }
  static Schema fields() { return Schema::of<Params>(TimedStudyParams::fields()); }
};

template <const Task& task>
class TimedStudy : public Study {
 public:
  explicit TimedStudy(const Params<task>& params) : params_(params) {
    require_an_epoch(params_.train);
    if (params_.hidden.empty()) throw SpecError("hidden: there is no hidden layer", "give at least one, hidden=[200]");
  }

  void run(RunContext& context) override {
    const Dataset data = context.dataset(params_.dataset);
    TimedFindings found;
    found.dataset = data.name, found.classes = data.classes, found.network = params_;
    found.data = timed_data(params_, data);
    if (params_.dataset.starts_with(task.reference_data))
      found.reference = task.reference, found.reference_source = task.reference_source;
    std::vector<TimedJob> jobs;
    for (std::int64_t k = 1; k <= params_.repeats; ++k) jobs.push_back({params_, "repeat " + std::to_string(k)});
    found.outcomes = train_timed_networks(jobs, params_.train, found.data, context);
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

void register_eventprop_training_studies(Registry& registry) {
  register_task<yin_yang>(registry);
  register_task<mnist>(registry);
  register_hidden_gradient(registry);
  register_delay_study(registry);
  register_eventprop_digits(registry);
}

}  // namespace neurarium
