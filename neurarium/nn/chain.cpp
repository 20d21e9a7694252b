#include "neurarium/nn/chain.hpp"

#include <algorithm>
#include <map>

#include "neurarium/core/array.hpp"
#include "neurarium/core/files.hpp"
#include "neurarium/kernels/finite.hpp"

namespace neurarium {
namespace {

constexpr std::size_t longest_name = 100;  // file systems take 255, with ".weight.npy.part12345"

}  // namespace

void run_here(std::size_t shards, const std::function<void(std::size_t)>& task) {
  for (std::size_t i = 0; i < shards; ++i) task(i);
}

std::vector<std::string> names_of_layers(const std::vector<Component>& parts) {
  std::vector<std::string> names;
  std::map<std::string, int> count;
  for (const Component& part : parts) {
    const Value* given = part.settings.find("name");
    names.push_back(given && given->is_text() ? given->as_text() : "");
    if (names.back().empty()) names.back() = part.type + std::to_string(++count[part.type]);
  }
  return names;
}

template <class T>
Chain<T>::Chain(const std::vector<Component>& parts, const Registry& registry, const Shape& input,
                const std::string& prefix, const std::string& where, std::uint64_t seed)
    : input_(input) {
  if (parts.empty()) throw SpecError(where + ": there are no layers", "add [[" + where + "]] with a type");
  Shape shape = input;
  const std::vector<std::string> names = names_of_layers(parts);
  std::size_t parameters = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Component& part = parts[i];
    const std::string here = where + "[" + std::to_string(i) + "]";
    std::string name = names[i];
    if (!is_file_name(name))  // parameters are kept in files of their names
      throw SpecError(here + ".name: '" + name + "' can't be part of a file's name",
                      "use letters, digits, '_' and '-'");
    name = prefix + name;
    if (name.size() > longest_name)
      throw SpecError(here + ".name: with the names of the parts around it is " + std::to_string(name.size()) +
                          " characters long, too much for a file's name",
                      "use at most " + std::to_string(longest_name));
    if (std::ranges::any_of(stages_, [&](const Stage& s) { return s.name == name; }))
      throw SpecError(here + ".name: two layers are called '" + name + "'");
    // Layers draw their first weights from streams of their names; equal hashes would give them the same numbers.
    for (const Stage& other : stages_)
      if (Stream(0, other.name + ".weight").path_hash() == Stream(0, name + ".weight").path_hash())
        throw SpecError("layers '" + other.name + "' and '" + name + "' would draw the same random numbers",
                        "rename one");
    Stage stage{name, registry.make<Layer<T>>("layer", part, here), {}, {}, {}};
    stage.out = shape = stage.layer->build(shape, name, seed);
    stage.parameters = stage.layer->parameters();
    stage.buffers = stage.layer->buffers();
    couples_ |= stage.layer->couples_samples();
    first_parameter_.push_back(parameters);
    parameters += stage.parameters.size();
    stages_.push_back(std::move(stage));
  }
  first_parameter_.push_back(parameters);
  require_neighbours_fit(where);
}

template <class T>
void Chain<T>::require_neighbours_fit(const std::string& where) const {
  for (std::size_t i = 0; i < stages_.size(); ++i) {
    const bool times = i > 0 && stages_[i - 1].layer->gives_times();
    if (times == stages_[i].layer->takes_times()) continue;
    const std::string here = where + "[" + std::to_string(i) + "]: " + stages_[i].name;
    if (times)
      throw SpecError(here + " can't be shown spike times, which " + stages_[i - 1].name + " gives",
                      "put a readout of spike times between (first_spike, spike_integrator)");
    throw SpecError(here + " is shown spike times, but " +
                        (i == 0 ? "nothing stands in front of it" : stages_[i - 1].name + " gives none"),
                    "put an encoder in front (latency_encoder; spike_times for spikes on a grid)");
  }
  if (stages_.back().layer->gives_times())
    throw SpecError("the last layer, " + stages_.back().name + ", answers with spike times",
                    "end with a readout of spike times (first_spike, spike_integrator)");
}

template <class T>
void Chain<T>::require_finite(const Stage& stage, const Activity<T>& out, const Context& context) {
  // layers that spike look at their membranes themselves
  if (out.layout() == Layout::spikes || out.layout() == Layout::times) return;
  if (kernels::all_finite(out.numbers())) return;
  const std::size_t bad = first_non_finite(ArrayView(out.numbers()));
  std::size_t index = bad;
  if (out.layout() == Layout::sample_minor) {
    const std::size_t line = line_length<T>(out.samples());
    index = bad % line * stage.out.elements() + bad / line;
  }
  if (context.mode == Mode::train)
    throw NumericError(stage.name, context.step, index, "lower the learning rate, or check the data for NaN");
  throw NumericError(stage.name, NumericError::no_step, index,
                     "its weights have grown too large (then lower the learning rate), or the data are");
}

template <class T>
double Chain<T>::penalty(const Tape& tape) const {
  const Pass& pass = tape.cache<Pass>();
  double sum = 0;
  for (std::size_t i = 0; i < stages_.size(); ++i) sum += stages_[i].layer->penalty(pass.tapes[i]);
  return sum;
}

template <class T>
bool Chain<T>::says_support() const {
  return std::ranges::any_of(stages_, [](const Stage& stage) { return stage.layer->says_support(); });
}

template <class T>
bool Chain<T>::has_surrogate_gradient() const {
  return std::ranges::any_of(stages_, [](const Stage& stage) { return stage.layer->has_surrogate_gradient(); });
}

// Forward and back, a layer that has nothing to say of the support hands on what it was given.
template <class T>
void Chain<T>::pass_support_on(const Stage& stage, const Activity<T>& from, Activity<T>& to) {
  if (stage.layer->says_support()) to.support().clear();
  else to.support() = from.support();
}

template <class T>
const Activity<T>& Chain<T>::input_of(Pass& pass, std::size_t i) const {
  const Activity<T>& in = i == 0 ? *pass.in : pass.activities[i - 1];
  auto wanted = stages_[i].layer->layout(in.samples());
  if (in.layout() == Layout::times) return pass.is_converted[i] = false, in;
  if (in.layout() == Layout::spikes) wanted = stages_[i].layer->takes_spikes() ? Layout::spikes : Layout::sample_major;
  pass.is_converted[i] = wanted && in.layout() != *wanted;
  if (!pass.is_converted[i]) return in;
  convert(in, *wanted, pass.converted[i]);
  return pass.converted[i];
}

template <class T>
template <class Run, class RunTogether>
void Chain<T>::each_stretch(bool backwards, const Run& run, const RunTogether& run_together) const {
  std::vector<std::pair<std::size_t, std::size_t>> stretches;
  for (std::size_t i = 0; i < stages_.size(); ++i) {
    const bool alone = stages_[i].layer->couples_samples();
    if (alone || stretches.empty() || stages_[i - 1].layer->couples_samples()) stretches.emplace_back(i, i + 1);
    else stretches.back().second = i + 1;
  }
  if (backwards) std::ranges::reverse(stretches);
  for (const auto& [first, end] : stretches)
    if (stages_[first].layer->couples_samples()) run_together(first);
    else run(first, end);
}

template <class T>
void Chain<T>::forward(std::span<const ForwardShard<T>> shards, const EachShard& each) const {
  const std::size_t last = stages_.size() - 1;
  std::vector<Pass*> passes;
  for (const ForwardShard<T>& shard : shards) {
    Pass& pass = *passes.emplace_back(&shard.tape->template cache<Pass>());
    pass.in = shard.in;
    pass.activities.resize(stages_.size());
    pass.converted.resize(stages_.size());
    pass.is_converted.resize(stages_.size());
    pass.tapes.resize(stages_.size());
  }
  const auto out_of = [&](std::size_t s, std::size_t i) -> Activity<T>& {
    return i == last ? *shards[s].out : passes[s]->activities[i];
  };
  each_stretch(
      false,
      [&](std::size_t first, std::size_t end) {
        each(shards.size(), [&](std::size_t s) {
          for (std::size_t i = first; i < end; ++i) {
            const Activity<T>& in = input_of(*passes[s], i);
            pass_support_on(stages_[i], in, out_of(s, i));
            stages_[i].layer->forward(in, out_of(s, i), *shards[s].context, passes[s]->tapes[i]);
            require_finite(stages_[i], out_of(s, i), *shards[s].context);
          }
        });
      },
      [&](std::size_t i) {
        std::vector<ForwardShard<T>> parts;
        for (std::size_t s = 0; s < shards.size(); ++s)
          parts.push_back({&input_of(*passes[s], i), &out_of(s, i), shards[s].context, &passes[s]->tapes[i]});
        for (const auto& part : parts) pass_support_on(stages_[i], *part.in, *part.out);
        stages_[i].layer->forward_batch(parts, each);
        for (std::size_t s = 0; s < shards.size(); ++s) require_finite(stages_[i], out_of(s, i), *shards[s].context);
      });
}

template <class T>
void Chain<T>::backward(std::span<const BackwardShard<T>> shards, const EachShard& each) const {
  const std::size_t last = stages_.size() - 1;
  std::vector<const Pass*> passes;
  for (const BackwardShard<T>& shard : shards) {
    const Pass& pass = *passes.emplace_back(&std::as_const(*shard.tape).template cache<Pass>());
    pass.cotangents.resize(stages_.size());
    pass.raw.resize(stages_.size());
  }
  const auto input = [&](std::size_t s, std::size_t i) -> const Activity<T>& {
    return i == 0 ? *passes[s]->in : passes[s]->activities[i - 1];
  };
  // Whether the gradient at the input of stage i lies otherwise than that input's gradient must.
  const auto turns = [&](std::size_t s, std::size_t i) {
    return passes[s]->is_converted[i] &&
           layout_of_gradient(passes[s]->converted[i].layout()) != layout_of_gradient(input(s, i).layout());
  };
  // Unless somebody asks for the gradient at the input, nobody needs what is below the first layer that learns.
  std::size_t lowest = 0;
  if (std::ranges::none_of(shards, [](const BackwardShard<T>& shard) { return shard.in_gradient != nullptr; }))
    while (lowest < stages_.size() && stages_[lowest].parameters.empty()) ++lowest;
  // What stage i of shard s is given, and where its gradient at the input goes before and after a change of layout.
  const auto part_of = [&](std::size_t s, std::size_t i) -> BackwardShard<T> {
    const Activity<T>* out_gradient = i == last ? shards[s].out_gradient : &passes[s]->cotangents[i + 1];
    Activity<T>* below = i == lowest ? shards[s].in_gradient : &passes[s]->cotangents[i];
    if (below && turns(s, i)) below = &passes[s]->raw[i];
    const std::span<const View<T>> all = shards[s].gradient;
    return {out_gradient, below, &passes[s]->tapes[i],
            all.empty() ? all : all.subspan(first_parameter_[i], first_parameter_[i + 1] - first_parameter_[i])};
  };
  const auto put_back = [&](std::size_t s, std::size_t i) {
    Activity<T>* below = i == lowest ? shards[s].in_gradient : &passes[s]->cotangents[i];
    if (!below) return;
    Activity<T>& given = turns(s, i) ? passes[s]->raw[i] : *below;
    if (given.layout() == Layout::product && (i == 0 || !stages_[i - 1].layer->takes_products())) {
      convert(given, Layout::sample_major, passes[s]->multiplied_out);
      std::swap(given, passes[s]->multiplied_out);
    }
    given.reshape(input(s, i).shape());  // a layer may take and give entries as flat rows
    if (turns(s, i)) convert(given, layout_of_gradient(input(s, i).layout()), *below);
  };
  each_stretch(
      true,
      [&](std::size_t first, std::size_t end) {
        each(shards.size(), [&](std::size_t s) {
          for (std::size_t i = end; i-- > std::max(first, lowest);) {
            const BackwardShard<T> part = part_of(s, i);
            if (part.in_gradient) pass_support_on(stages_[i], *part.out_gradient, *part.in_gradient);
            stages_[i].layer->backward(*part.out_gradient, part.in_gradient, *part.tape, part.gradient);
            put_back(s, i);
          }
        });
      },
      [&](std::size_t i) {
        if (i < lowest) return;
        std::vector<BackwardShard<T>> parts;
        for (std::size_t s = 0; s < shards.size(); ++s) {
          parts.push_back(part_of(s, i));
          if (parts[s].in_gradient) pass_support_on(stages_[i], *parts[s].out_gradient, *parts[s].in_gradient);
        }
        stages_[i].layer->backward_batch(parts, each);
        for (std::size_t s = 0; s < shards.size(); ++s) put_back(s, i);
      });
}

template <class T>
void Chain<T>::keep_statistics(const Tape& tape) {
  const Pass& pass = tape.cache<Pass>();
  for (std::size_t i = 0; i < stages_.size(); ++i) stages_[i].layer->keep_statistics(pass.tapes[i]);
}

template <class T>
const Activity<T>& Chain<T>::activity(const Tape& tape, std::size_t stage) const {
  return tape.cache<Pass>().activities[stage];
}

template class Chain<float>;
template class Chain<double>;

}  // namespace neurarium
