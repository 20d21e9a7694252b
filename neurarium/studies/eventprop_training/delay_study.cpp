#include "neurarium/studies/eventprop_training/delay_study.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/data/intervals.hpp"
#include "neurarium/train/labelled_part.hpp"
#include "neurarium/train/shared_out.hpp"

namespace neurarium {
namespace {

/// The weight with which a lone spike takes a membrane just to its threshold, 1.
double lone_weight(const TimedNetworkParams& p) {
  const double m = p.tau_membrane, s = p.tau_synapse;
  return m == s ? std::exp(1.0) : std::pow(m / s, m / (m - s));
}

void without_layers_between(TimedNetworkParams& p) { p.hidden.clear(), p.delay_copies = 1; }

void synaptic(TimedNetworkParams& p) { without_layers_between(p), p.delays = "synaptic"; }

void weights_alone(TimedNetworkParams& p) {
  without_layers_between(p);
  p.delays = "none";
  p.output_mean = 1.25 * lone_weight(p), p.output_sd = 0.25 * lone_weight(p);  // two spikes never meet: one must do
}

void weights_of_two_layers(TimedNetworkParams& p) {
  p.delays = "none", p.delay_copies = 1;
  p.hidden_mean = lone_weight(p), p.hidden_sd = 0.5 * lone_weight(p);  // a unit answers about half of the channels
  const double share = lone_weight(p) / static_cast<double>(p.hidden.back());
  p.output_mean = 4 * share, p.output_sd = 2.5 * share;
}

void delays_alone(TimedNetworkParams& p) {
  synaptic(p);
  p.learn_weights = false;
  p.output_mean = 0.875 * lone_weight(p), p.output_sd = 0;  // one spike never does, two do that come nearly together
}

void taps(TimedNetworkParams& p) {
  p.hidden.clear(), p.delays = "none";
  p.output_mean = p.output_sd = 2.25 * lone_weight(p) / static_cast<double>(p.delay_copies);
}

struct DelayParams : TimedStudyParams {
  std::vector<std::string> ways;
  DelayParams() {
    dataset = "intervals:";
    hidden = {50};
    tau_membrane = 5e-3, tau_synapse = 2.5e-3, duration = 0.8, latest = 0.4, bias_time = -1;
    temperature = 1e-3, alpha = 0.03, tau_late = 0.1, silent_push = 0.05;
    output_mean = 1.5, output_sd = 0.3;
    longest_delay = 0.3, delay_unit = 0.1, delay_copies = 30, delay_spacing = 0.01;
    for (const DelayWay& way : delay_ways()) ways.push_back(way.key);
    train.optimiser.settings.set("learning_rate", 0.02);
  }
  static Schema fields() {
    using P = DelayParams;
    std::vector<std::string> known;
    for (const DelayWay& way : delay_ways()) known.push_back(way.key);
    std::vector<FieldInfo> all = TimedStudyParams::fields();
    // What each way decides, what the task does, and what belongs to outputs that do not fire.
    std::erase_if(all, [](const FieldInfo& f) {
      return std::ranges::count(
                 std::vector<std::string>{"delays", "learn_weights", "learn_delays", "hidden_mean", "hidden_sd",
                                          "count_push", "rates", "recurrent", "order", "readout", "gain"},
                 f.name) > 0;
    });
    all.push_back(field("ways", &P::ways, "What has delays, and what learns; those of the table in the README.")
                      .one_of(std::move(known)));
    return Schema::of<P>(std::move(all));
  }
  void check() const {
    require_an_epoch(train);
    if (!is_intervals(dataset))
      throw SpecError("dataset: '" + dataset + "' has no lags that delays could undo",
                      "give dataset = \"intervals:\", with settings such as intervals:seed=1,classes=8");
    if (ways.empty()) throw SpecError("ways: there is none", "give at least one, ways=[synaptic]");
    for (const std::string& way : ways)
      if (std::ranges::count(ways, way) > 1)
        throw SpecError("ways: '" + way + "' stands there twice", "name each way once");
    if (hidden.empty() && std::ranges::find(ways, "hidden") != ways.end())
      throw SpecError("hidden: there is no hidden layer for the way 'hidden'", "give one, hidden=[50]");
  }
};

class DelayStudy : public Study {
 public:
  explicit DelayStudy(const DelayParams& params) : params_(params) { params_.check(); }

  void run(RunContext& context) override {
    const IntervalsParams task = intervals_params(params_.dataset);
    const Dataset data = context.dataset(params_.dataset);
    DelayFindings found;
    found.network = params_, found.data = timed_data(params_, data);
    found.lags = interval_lags(task);
    for (double& lag : found.lags.flat()) lag *= params_.latest;
    found.nearest = (task.shortest_gap - 2 * task.jitter) * params_.latest;
    for (const DelayWay& way : delay_ways())
      if (std::ranges::find(params_.ways, way.key) != params_.ways.end()) found.ways.push_back(&way);
    train(context, found);
    for (std::size_t w = 0; w < found.ways.size(); ++w)
      for (std::size_t k = 0; k < found.outcomes[w].size(); ++k)
        context.keep(found.ways[w]->key + std::to_string(k + 1),
                     {found.outcomes[w][k].network, params_.dataset, data.sha256, context.seed()});
    add_delay_figures(context, found);
    add_learned_delays(context, found);
    add_delay_charts(context, found);
    context.answer(delay_answer(found));
  }

 private:
  void train(RunContext& context, DelayFindings& found) const {
    std::vector<TimedJob> jobs;
    for (std::int64_t k = 1; k <= params_.repeats; ++k)
      for (const DelayWay* way : found.ways) {
        jobs.push_back({params_, way->label + ", repeat " + std::to_string(k)});
        way->choose(jobs.back().network);
      }
    found.outcomes.resize(found.ways.size());
    std::size_t next = 0;
    for (TimedOutcome& outcome : train_timed_networks(jobs, params_.train, found.data, context))
      found.outcomes[next++ % found.ways.size()].push_back(std::move(outcome));
  }

  DelayParams params_;
};

}  // namespace

const std::vector<DelayWay>& delay_ways() {
  static const std::vector<DelayWay> all = {
      {"weights", "weights alone", "#8a8a8a", weights_alone},
      {"hidden", "weights alone, hidden layer", "#5f5f5f", weights_of_two_layers},
      {"random", "random delays, weights learned", "#c98a2b",
       [](TimedNetworkParams& p) { synaptic(p), p.learn_delays = false; }},
      {"axonal", "axonal delays and weights", "#3c8d5a",
       [](TimedNetworkParams& p) { without_layers_between(p), p.delays = "axonal"; }},
      {"delays", "synaptic delays alone", "#c4472f", delays_alone},
      {"synaptic", "synaptic delays and weights", "#2f6fb3", synaptic},
      {"taps", "delay line, weights learned", "#7a52a0", taps},
  };
  return all;
}

std::vector<double> DelayFindings::last(std::size_t way, double EpochCounts::*number) const {
  std::vector<double> all;
  for (const TimedOutcome& outcome : outcomes[way]) all.push_back(outcome.counts.back().*number);
  return all;
}

std::size_t DelayFindings::shown() const {
  for (const char* key : {"synaptic", "delays"})
    for (std::size_t w = 0; w < ways.size(); ++w)
      if (ways[w]->key == key) return w;
  return ways.size();
}

void register_delay_study(Registry& registry) {
  registry
      .add<DelayParams>("study", "eventprop-delays",
                        "What can learned delays tell that weights alone can't? Classes known by intervals only.")
      .makes<Study>([](const DelayParams& params) { return std::make_unique<DelayStudy>(params); });
}

}  // namespace neurarium
