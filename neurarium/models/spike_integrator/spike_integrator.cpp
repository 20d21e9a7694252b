#include "neurarium/models/spike_integrator/spike_integrator.hpp"

#include <cmath>

#include "neurarium/nn/initial_values.hpp"

namespace neurarium {

Schema SpikeIntegratorParams::fields() {
  using P = SpikeIntegratorParams;
  return Schema::of<P>({
      field("name", &P::name, "Name of the layer in parameters and messages; default spike_integrator1, …"),
      field("units", &P::units, "Number of units: classes, say.").at_least(1),
      field("tau_membrane", &P::tau_membrane, "Time constant of the membranes.").unit("s").positive(),
      field("tau_synapse", &P::tau_synapse, "Time constant of the synaptic currents.").unit("s").positive(),
      field("readout", &P::readout, "What is made of the membranes' course.")
          .one_of({"mean", "sum", "weighted", "linear_weighted", "sigmoid_weighted", "input_weighted", "last", "max",
                   "trace"}),
      field("gain", &P::gain, "What the answer is multiplied by: softmax of small means is flat.").positive(),
      field("tau_weight", &P::tau_weight,
            "Time constant of the weight of weighted, sigmoid_weighted and input_weighted; 0: the duration, a fifth of "
            "it, "
            "and tau_membrane.")
          .unit("s")
          .at_least(0),
      field("dt", &P::dt, "Time between two numbers of a trace, and between two steps of spikes that lie on a grid.")
          .unit("s")
          .positive(),
      field("steps", &P::steps, "How many numbers a trace has.").between(1, 1000000),
      field("start", &P::start, "When spikes of step 0 come, if they lie on a grid.").unit("s").at_least(0),
      field("learn_time_constants", &P::learn_time_constants,
            "Whether ln tau_membrane and ln tau_synapse are learned."),
      component("initialiser", &P::initialiser, "initialiser", "Initial weights, unless they are given."),
      field("weights", &P::weights, "Initial W [inputs, units]."),
      field("dale", &P::dale, "Signs of W, by input unit (Dale's law)."),
  });
}

template <class T>
SpikeIntegrator<T>::SpikeIntegrator(const Params& params, std::shared_ptr<const Initialiser> initialiser)
    : params_(params), initialiser_(std::move(initialiser)) {}

template <class T>
Shape SpikeIntegrator<T>::build(const Shape& input, const std::string& name, std::uint64_t seed) {
  if (input.axes() < 1 || input.axes() > 2 || input.elements() == 0)
    throw ShapeError(name, "spike times of [inputs], or spikes on a grid, [steps, inputs]", to_string(input));
  name_ = name, inputs_ = input[input.axes() - 1], grid_steps_ = input.axes() == 2 ? input[0] : 0;
  if (grid_steps_ > 0 && (!is_linear() || weighs_by_input()))
    throw SpecError(name + ": readout = \"" + params_.readout + "\" needs spike times, and is shown spikes on a grid",
                    "put spike_times in front, use leaky_integrator, or a readout that is linear in time: mean, sum, "
                    "weighted, linear_weighted, sigmoid_weighted, last");
  units_ = static_cast<std::size_t>(params_.units), steps_ = static_cast<std::size_t>(params_.steps);
  weight_.value =
      initial_weights<T>(params_.weights, Shape{inputs_, units_}, name, *initialiser_, inputs_, units_, seed);
  signs_.build(params_.dale, weight_, 0, name, seed);
  const auto logarithm = [](Parameter<T>& parameter, double tau) {
    parameter.value = Tensor<T>(Shape{1});
    parameter.value(0) = static_cast<T>(std::log(tau));
  };
  logarithm(log_membrane_, params_.tau_membrane);
  logarithm(log_synapse_, params_.tau_synapse);
  return params_.readout == "trace" ? Shape{steps_, units_} : Shape{units_};
}

template <class T>
std::vector<Parameter<T>*> SpikeIntegrator<T>::parameters() {
  std::vector<Parameter<T>*> all{&weight_};
  if (params_.learn_time_constants) all.insert(all.end(), {&log_membrane_, &log_synapse_});
  if (Parameter<T>* learned = signs_.learned()) all.push_back(learned);
  return all;
}

template <class T>
void SpikeIntegrator<T>::forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const {
  Cache& cache = tape.cache<Cache>();
  cache.samples = in.samples();
  const double membrane = static_cast<double>(log_membrane_.value(0)),
               synapse = static_cast<double>(log_synapse_.value(0));
  if (!std::isfinite(membrane) || !std::isfinite(synapse))
    throw NumericError(name_, context.mode == Mode::train ? context.step : NumericError::no_step, 0,
                       "its time constants are not finite: lower the learning rate");
  cache.tau = {std::exp(membrane), std::exp(synapse)};
  signs_.effective(weight_, context, cache.signs);
  cache.duration = grid_steps_ > 0 ? static_cast<double>(grid_steps_) * params_.dt : in.times().duration();
  if (params_.readout == "sigmoid_weighted")
    cache.sigmoid = {cache.tau, cache.duration, params_.tau_weight > 0 ? params_.tau_weight : cache.duration / 5};
  if (grid_steps_ > 0) return forward_grid(in, out, cache);
  cache.in = &in.times();
  if (is_linear()) forward_linear(out, cache, context.backward_follows);
  else if (params_.readout == "max") forward_max(out, cache);
  else forward_trace(out, cache);
}

template <class T>
void SpikeIntegrator<T>::backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                                  std::span<const View<T>> gradient) const {
  const Cache& cache = tape.cache<Cache>();
  Slopes slopes;
  if (in_gradient && grid_steps_ == 0) slopes.of_times = in_gradient->make_per_event(*cache.in);
  slopes.of_parameters = !gradient.empty();
  if (slopes.of_parameters) slopes.of_weight = signs_.gradient_at_weight(cache.signs, gradient[0]);
  const View<const T> given = out_gradient.dense();
  if (grid_steps_ > 0) backward_grid(given, in_gradient, cache, slopes);
  else if (is_linear()) backward_linear(given, cache, slopes);
  else if (params_.readout == "max") backward_max(given, cache, slopes);
  else backward_trace(given, cache, slopes);
  if (!slopes.of_parameters) return;
  if (params_.learn_time_constants) {
    gradient[1](0) += static_cast<T>(slopes.of_log_membrane);
    gradient[2](0) += static_cast<T>(slopes.of_log_synapse);
  }
  signs_.pull_back(weight_, cache.signs, cache.samples, gradient[0], gradient.back());
}

template <class T>
double SpikeIntegrator<T>::penalty(const Tape& tape) const {
  return tape.cache<Cache>().signs.penalty;
}

template class SpikeIntegrator<float>;
template class SpikeIntegrator<double>;

void register_spike_integrator(Registry& registry) {
  const auto make = []<class T>(const SpikeIntegratorParams& p, const Registry& parts) {
    return std::make_unique<SpikeIntegrator<T>>(p,
                                                parts.make<Initialiser>("initialiser", p.initialiser, "initialiser"));
  };
  using P = SpikeIntegratorParams;
  registry
      .add<P>("layer", "spike_integrator",
              "Units that integrate spikes at their own times, and do not fire: a readout.")
      .makes<Layer<float>>([=](const P& p, const Registry& r) { return make.operator()<float>(p, r); })
      .makes<Layer<double>>([=](const P& p, const Registry& r) { return make.operator()<double>(p, r); });
}

}  // namespace neurarium
