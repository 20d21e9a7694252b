// eventprop-anatomy: what does the loss tell a hidden unit's spikes? (founding notebook: single neuron analysis of EventProp.)
// The notebook's numbers to the last digit, and beside them the exact adjoint of the same output.
#include <algorithm>

#include "neurarium/core/array_of.hpp"
#include "neurarium/nn/study.hpp"
#include "neurarium/studies/eventprop/anatomy_exhibits.hpp"
#include "neurarium/studies/eventprop/studies.hpp"

namespace neurarium {
namespace {

using anatomy::AnatomyFindings;
using anatomy::AnatomyParams;

/// [r_max, repeat]
void add_random_arrays(RunContext& context, const AnatomyFindings& found) {
  const Shape shape{found.random.size(), found.random.front().spikes.size()};
  Array totals(DType::f64, shape), exact(DType::f64, shape), spikes(DType::i64, shape);
  for (std::size_t i = 0; i < shape[0]; ++i)
    for (std::size_t j = 0; j < shape[1]; ++j) {
      totals.as<double>()(i, j) = found.random[i].euler_totals[j];
      exact.as<double>()(i, j) = found.random[i].exact_totals[j];
      spikes.as<std::int64_t>()(i, j) = found.random[i].spikes[j];
    }
  context.array("poisson_total", totals);
  context.array("poisson_exact_total", exact);
  context.array("poisson_spikes", spikes);
}

class EventpropAnatomy : public Study {
 public:
  explicit EventpropAnatomy(const AnatomyParams& params) : params_(params) { params_.check(); }

  void run(RunContext& context) override {
    const AnatomyFindings found = anatomy::look_into(params_, context.seed(), [&](double done) {
      if (context.stop_requested()) throw Interrupted("stopped; nothing is kept, and a second run begins anew");
      context.progress({"spikes", done * 100, 100, "%", ""});
    });
    anatomy::add_anatomy_figures(context, found);
    context.add(anatomy::anatomy_picture(found));
    anatomy::add_anatomy_tables(context, found);
    anatomy::add_forward_charts(context, found);
    anatomy::add_lambda_charts(context, found);
    anatomy::add_study_charts(context, found);
    anatomy::add_random_charts(context, found);
    anatomy::add_last_charts(context, found);
    context.array("v", array_of(found.coarse.trace.v));
    context.array("i", array_of(found.coarse.trace.i));
    context.array("lambda_v", array_of(found.driven.euler.v));
    context.array("lambda_i", array_of(found.driven.euler.i));
    context.array("random_lambdas", array_of(found.random_lambdas));
    context.array("random_lambdas_exact", array_of(found.exact_lambdas));
    add_random_arrays(context, found);
    context.answer(anatomy::anatomy_answer(found));
  }

 private:
  AnatomyParams params_;
};

}  // namespace

void register_eventprop_anatomy(Registry& registry) {
  registry
      .add<AnatomyParams>("study", "eventprop-anatomy",
                          "What does the loss tell the spikes of a hidden unit, on a grid and exactly?")
      .makes<Study>([](const AnatomyParams& params) { return std::make_unique<EventpropAnatomy>(params); });
}

}  // namespace neurarium
