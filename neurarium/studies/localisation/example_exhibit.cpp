// One sound through all layers of the network.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "neurarium/core/words.hpp"
#include "neurarium/nn/raster.hpp"
#include "neurarium/nn/traces.hpp"
#include "neurarium/studies/localisation/localisation_exhibits.hpp"
#include "neurarium/studies/localisation/sound_pictures.hpp"
#include "neurarium/studies/localisation/weight_pictures.hpp"

namespace neurarium {
namespace {

/// The network, with another time constant of all membranes unless `tau` is 0.
NetworkState with_tau(const TrainedLocalisation& trained, double tau) {
  NetworkState state = state_of_network(trained.description, *trained.model);
  if (tau == 0) return state;
  for (Value& layer : state.description.settings.find("layers")->as_list())
    if (layer.find("tau_membrane")) layer.set("tau_membrane", tau);
  for (auto& [name, array] : state.arrays)  // learned ones
    if (name.ends_with(".log_tau_membrane"))
      with_floating(array.dtype(), [&, &array = array]<class T>() {
        std::ranges::fill(array.as<T>().flat(), static_cast<T>(std::log(tau)));
      });
  return state;
}

/// o_t of the leaky integrators, [classes, steps]: o_t = α o_{t−1} + s_t W2, or, if spikes are seen late, o_{t+1} = α o_t + s_t W2.
Tensor<double> membranes(const StepSpikes& hidden, const Tensor<double>& w2, double alpha, bool late) {
  const std::size_t steps = hidden.steps(), classes = w2.shape()[1];
  Tensor<double> all({classes, steps});
  for (std::size_t t = 0; t < steps; ++t) {
    if (t > 0)
      for (std::size_t k = 0; k < classes; ++k) all(k, t) = alpha * all(k, t - 1);
    if (late && t == 0) continue;
    for (const StepSpikes::Unit unit : hidden.at(0, late ? t - 1 : t))
      for (std::size_t k = 0; k < classes; ++k) all(k, t) += w2(unit, k);
  }
  return all;
}

/// The course of that name of the only sample, [units, steps].
Tensor<double> course_of(const NamedArrays& courses, const std::string& name) {
  const auto found = std::ranges::find(courses, name, &NamedArrays::value_type::first);
  if (found == courses.end()) throw InternalError("the network has no course '" + name + "'");
  const Tensor<double> course = to_tensor<double>(found->second.view());
  Tensor<double> turned({course.shape()[2], course.shape()[1]});
  for (std::size_t k = 0; k < turned.shape()[0]; ++k)
    for (std::size_t t = 0; t < turned.shape()[1]; ++t) turned(k, t) = course(0, t, k);
  return turned;
}

/// Of each output in each step, [classes, steps].
struct OutputCourses {
  Tensor<double> membrane;
  Tensor<double> adds;  ///< what is added up over the steps: the membrane, or spikes
};

OutputCourses output_courses(const LocalisationFindings& found, const Model& model, const StepSpikes& sound,
                             const StepSpikes& hidden) {
  if (found.model.readout == "count") {
    const NamedArrays courses = dynamic_cast<const TracedModel&>(model).traces(SpikesView(sound), {});
    return {course_of(courses, "output.membrane"), course_of(courses, "output.spikes")};
  }
  const double other = found.analysis.tau, tau = other > 0 ? other : readout_tau(found.model, *found.trained.model);
  const Tensor<double> v =
      membranes(hidden, found.analyses.w2, std::exp(-found.task.dt / tau), found.model.spike == "late");
  return {v, v};
}

/// What the lines of the sums are, and whether they tell the answer.
std::string words_of_sums(const std::string& readout) {
  if (readout == "count")
    return "Their spikes, counted from the beginning: the line that ends on top is the answer, of equal ones the "
           "darkest.";
  const bool tells = readout == "mean" || readout == "sum";
  return std::string("The same membranes, added up from the beginning") +
         (tells ? ": the line that ends on top is the answer." : ". (The answer is not made of this sum.)");
}

std::string css(Colour colour) {
  char text[8];
  std::snprintf(text, sizeof text, "#%02x%02x%02x", colour.red, colour.green, colour.blue);
  return text;
}

}  // namespace

void add_example(RunContext& context, const LocalisationFindings& found) {
  const double ipd = found.analysis.angle, other = found.analysis.tau;
  const bool counts = found.model.readout == "count";
  const StepSpikes sound = sound_of(found.task, ipd, 0, context.seed(), 7);
  const auto model = network_with(with_tau(found.trained, other), context.registry(), "the example's network");
  const StepSpikes hidden = hidden_spikes(*model, sound, context.pool());
  const std::string what = "A sound with an interaural phase of " + in_degrees(ipd);
  const std::string how =
      other > 0 ? " The time constant of all membranes is " + short_digits(1000 * other, 4) + " ms here." : "";
  const Array parts[] = {titled("fibres", raster_of(sound, 6, 2, true)),
                         titled("hidden units", raster_of(hidden, 6, 8, false))};
  context.add(Picture{"example", "One sound through the network",
                      what +
                          ": spikes of the fibres (left ear above), and of the hidden units that they drive; time "
                          "runs to the right, " +
                          short_digits(1000 * found.task.dt * static_cast<double>(found.task.steps), 4) + " ms." + how,
                      stack(parts, 12), false});

  const OutputCourses courses = output_courses(found, *model, sound, hidden);
  const std::vector<double> angles = middles_in_degrees(found.task.classes);
  const auto truth = static_cast<std::size_t>(discretise(ipd, found.task.classes));
  std::vector<Trace> now, so_far;
  for (std::size_t k = 0; k < angles.size(); ++k) {
    Trace line;
    line.name = in_digits(angles[k], 4) + "°" + (k == truth ? " (true)" : "");
    line.colour =
        css(colour_at(ColourMap::viridis, (static_cast<double>(k) + 0.5) / static_cast<double>(angles.size())));
    Trace sum = line;
    double total = 0;
    for (std::size_t t = 0; t < courses.adds.shape()[1]; ++t) {
      const double ms = 1000 * found.task.dt * static_cast<double>(t);
      total += courses.adds(k, t);
      line.x.push_back(ms), line.y.push_back(courses.membrane(k, t));
      sum.x.push_back(ms), sum.y.push_back(total);
    }
    now.push_back(std::move(line)), so_far.push_back(std::move(sum));
  }
  context.add(Chart{"example_membranes", "The outputs' membranes during that sound",
                    what + ": the membrane of each output" + (counts ? ", before it is reset" : "") +
                        ", coloured by its direction, from −90° (dark) to 90° (light)." + how,
                    "ms", "membrane", "", std::move(now)});
  context.add(Chart{"example_cumulative", "What the outputs have gathered so far",
                    words_of_sums(found.model.readout) + how, "ms", counts ? "spikes" : "sum of the membrane", "",
                    std::move(so_far)});
}

}  // namespace neurarium
