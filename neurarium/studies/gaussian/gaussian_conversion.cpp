// gaussian-conversion: can a classical neuron become one that answers only near its centre, and come back?
// (founding notebook: finite-gaussian-neuron)
#include <algorithm>
#include <cmath>
#include <numbers>

#include "neurarium/core/digits.hpp"
#include "neurarium/models/finite_gaussian/conversion.hpp"
#include "neurarium/nn/study.hpp"
#include "neurarium/studies/gaussian/neuron_exhibits.hpp"
#include "neurarium/studies/gaussian/studies.hpp"

namespace neurarium {
namespace {

struct NeuronParams {
  std::vector<double> weights;
  double bias = 0;
  double sigma = 2;
  static Schema fields() {
    using P = NeuronParams;
    return Schema::of<P>({
        field("weights", &P::weights,
              "W, two numbers; none: whole numbers in −100 … 99, drawn, and b in −1,000 … 1,000."),
        field("bias", &P::bias, "b, if W is given."),
        field("sigma", &P::sigma, "σ of the Gaussian; the notebook's is the number of inputs.").positive(),
    });
  }
};

struct Params {
  NeuronParams model;
  double low = -8;
  double high = 8;
  double step = 0.1;
  static Schema fields() {
    return Schema::of<Params>({
        field("model", &Params::model, "The classical neuron W · x + b in the plane."),
        field("low", &Params::low, "Where both axes of the grid begin."),
        field("high", &Params::high, "Where they end; included."),
        field("step", &Params::step, "Distance of the grid's points.").positive(),
    });
  }
};

/// The notebook's neuron, of which its printed numbers are known.
constexpr double notebook_weights[] = {51, 98};
constexpr double notebook_bias = 861.2337694;

bool is_the_notebooks(const PlaneNeuron& neuron) {
  return std::ranges::equal(neuron.weights, notebook_weights) && neuron.bias == notebook_bias && neuron.sigma == 2;
}

/// The grid's numbers along one axis, as NumPy's arange(low, high + step, step) makes them.
std::vector<double> axis_of(const Params& params) {
  const double second = params.low + params.step, delta = second - params.low;
  const auto count = static_cast<std::size_t>(std::ceil((params.high + params.step - params.low) / params.step));
  std::vector<double> axis;
  for (std::size_t i = 0; i < count; ++i)
    if (const double x = params.low + static_cast<double>(i) * delta; x <= params.high + 1e-6 * params.step)
      axis.push_back(x);
  return axis;
}

Value list_of(std::span<const double> numbers) { return Value::List(numbers.begin(), numbers.end()); }

class GaussianConversion : public Study {
 public:
  explicit GaussianConversion(const Params& params) : params_(params) {
    if (!params.model.weights.empty() && params.model.weights.size() != 2)
      throw SpecError("model.weights: " + std::to_string(params.model.weights.size()) +
                          " numbers, expected two: a neuron in the plane",
                      "give weights = [51, 98], say");
    if (params.model.weights.empty() && params.model.bias != 0)
      throw SpecError("model.bias: b is given, but W is not, and both would be drawn",
                      "give model.weights = [51, 98], say, or leave model.bias out");
    if (!(params.low < params.high)) throw SpecError("low is not below high", "give low < high");
    if ((params.high - params.low) / params.step > 4000)
      throw SpecError("step: the grid would have more than 4,000 points along each axis", "give a larger step");
  }

  void run(RunContext& context) override {
    const NeuronParams& given = params_.model;
    const PlaneNeuron neuron = given.weights.empty() ? drawn_neuron(context.seed(), given.sigma)
                                                     : PlaneNeuron{given.weights, given.bias, given.sigma};
    const std::vector<double> axis = axis_of(params_);
    const PlaneGrid grid{axis, axis};
    const NeuronMaps maps = maps_of(neuron, grid, context.registry());
    report(context, neuron, axis.size(), maps);
    add_pictures(context, neuron, grid, maps);
    add_playgrounds(context, neuron, grid);
    context.array("linear", maps.line);
    context.array("activity", maps.activity);
    context.array("gauss", maps.gauss);
  }

 private:
  static void report(RunContext& context, const PlaneNeuron& neuron, std::size_t points, const NeuronMaps& maps) {
    const bool known = is_the_notebooks(neuron) && points == 161;
    std::vector<double> centre = neuron.centre();
    for (double& c : centre) c += 0.0;  // −0 is nowhere else
    const auto add = [&](const char* name, Value value, const char* meaning, Value notebook = {}) {
      if (!known) notebook = {};
      const std::string source = notebook.is_null() ? "" : "the founding notebook";
      context.add(Figure{name, std::move(value), "", meaning, std::move(notebook), source});
    };
    const auto sum = [](const Array& map) {
      double total = 0;
      for (const double x : map.as<double>().flat()) total += x;
      return total;
    };
    const auto line = std::ranges::minmax(maps.line.as<double>().flat());
    const auto activity = std::ranges::minmax(maps.activity.as<double>().flat());
    const double norm = std::hypot(neuron.weights[0], neuron.weights[1]);
    const double back = bias_through(neuron.weights, centre) + 0.0;
    const double bound = norm * neuron.sigma / std::sqrt(2 * std::numbers::e);
    add("weights", list_of(neuron.weights), "W of the classical neuron.");
    add("bias", neuron.bias, "b of the classical neuron.");
    add("centre", list_of(centre), "c = −b W / |W|², the point nearest to the origin where W·x + b = 0.",
        Value::List{-3.59876462, -6.9152732});
    add("bias_back", back, "b = −W · c, on the way back.", 861.2337694007904);
    add("linear_min", line.min, "Least W·x + b on the grid.");
    add("linear_max", line.max, "Largest W·x + b on the grid.");
    add("activity_min", activity.min, "Least activity of the finite neuron on the grid.");
    add("activity_max", activity.max, "Largest activity of the finite neuron on the grid.");
    add("activity_sum", sum(maps.activity), "Sum of its activity over the grid.");
    add("gauss_sum", sum(maps.gauss), "Sum of exp(−|x − c|²/σ²) over the grid.");
    add("gauss_max", std::ranges::max(maps.gauss.as<double>().flat()), "Largest exp(−|x − c|²/σ²) on the grid.");
    add("grid_points", static_cast<std::int64_t>(points * points), "Points of the grid.", 25921);
    add("analytic_bound", bound,
        "|W| σ / √(2e): no activity is beyond it; reached at the distance σ/√2 from the zero line.");
    context.answer("W = (" + short_digits(neuron.weights[0], 6) + ", " + short_digits(neuron.weights[1], 6) +
                   "), b = " + short_digits(neuron.bias, 8) + " has its centre at (" + short_digits(centre[0], 6) +
                   ", " + short_digits(centre[1], 6) + ") and comes back with b = " + short_digits(back, 8) +
                   "; its activity is never beyond " + short_digits(bound, 5) + ", where the line reaches " +
                   short_digits(std::max(-line.min, line.max), 5) + ".");
  }

  Params params_;
};

}  // namespace

void register_gaussian_conversion(Registry& registry) {
  registry
      .add<Params>("study", "gaussian-conversion",
                   "Can a classical neuron become one that answers only near its centre, and come back?")
      .makes<Study>([](const Params& params) { return std::make_unique<GaussianConversion>(params); });
}

}  // namespace neurarium
