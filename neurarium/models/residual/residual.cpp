#include "neurarium/models/residual/residual.hpp"

#include <algorithm>

namespace neurarium {

Schema ResidualParams::fields() {
  using P = ResidualParams;
  return Schema::of<P>({
      field("name", &P::name, "Name of the layer in parameters and messages; default residual1, residual2, …"),
      component("layers", &P::layers, "layer", "The layers f, from input to output."),
      component("shortcut", &P::shortcut, "layer", "The layers s of the way around them; none: s(x) = x."),
  });
}

// Parameters of inner layers carry the layer's name in their own.
template <class T>
void Residual<T>::take_names(const Chain<T>& chain, const std::string& name) {
  const auto take = [&](const auto& stage, const std::vector<Parameter<T>*>& from, std::vector<Parameter<T>*>& to) {
    for (Parameter<T>* parameter : from) {
      parameter->name = stage.name.substr(name.size() + 1) + "." + parameter->name;
      if (std::ranges::any_of(to, [&](const Parameter<T>* other) { return other->name == parameter->name; }))
        throw SpecError(name + ": two parameters are called '" + parameter->name + "'", "rename a layer");
      to.push_back(parameter);
    }
  };
  for (const auto& stage : chain.stages())
    take(stage, stage.parameters, parameters_), take(stage, stage.buffers, buffers_);
}

template <class T>
Shape Residual<T>::build(const Shape& input, const std::string& name, std::uint64_t seed) {
  parameters_.clear(), buffers_.clear(), shortcut_.reset();
  layers_ = std::make_unique<Chain<T>>(params_.layers, *registry_, input, name + ".", name + ".layers", seed);
  take_names(*layers_, name);
  parameters_of_layers_ = parameters_.size();
  if (!params_.shortcut.empty()) {
    shortcut_ =
        std::make_unique<Chain<T>>(params_.shortcut, *registry_, input, name + ".shortcut.", name + ".shortcut", seed);
    take_names(*shortcut_, name);
    if (shortcut_->says_support())
      throw SpecError(name + ".shortcut: finite Gaussian layers can't be the way around",
                      "put them in " + name + ".layers");
  }
  const Shape around = shortcut_ ? shortcut_->output() : input;
  if (around != layers_->output())
    throw ShapeError(
        name, "layers that give the shape " + to_string(around) + " of the way around them",
        to_string(layers_->output()),
        "give their convolutions padding, or the way around a conv2d of kernel_size 1 in " + name + ".shortcut");
  return layers_->output();
}

template <class T>
bool Residual<T>::says_support() const {
  return layers_->says_support();
}

template <class T>
double Residual<T>::penalty(const Tape& tape) const {
  const Cache& cache = tape.cache<Cache>();
  return layers_->penalty(cache.layers.tape) + (shortcut_ ? shortcut_->penalty(cache.shortcut.tape) : 0);
}

template <class T>
bool Residual<T>::couples_samples() const {
  return layers_->couples_samples() || (shortcut_ && shortcut_->couples_samples());
}

namespace {
/// `activity`, lying as asked: itself, or turned in `room`.
template <class T>
const Activity<T>& lying(const Activity<T>& activity, Layout layout, Activity<T>& room) {
  if (activity.layout() == layout) return activity;
  convert(activity, layout, room);
  return room;
}

template <class T>
void add(const Activity<T>& other, View<T> sum) {
  const auto from = other.numbers().flat();
  const auto to = sum.flat();
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
}
}  // namespace

template <class T>
void Residual<T>::forward_batch(std::span<const ForwardShard<T>> shards, const EachShard& each) const {
  std::vector<ForwardShard<T>> inside, around;
  for (const ForwardShard<T>& shard : shards) {
    Cache& cache = shard.tape->template cache<Cache>();
    cache.in = shard.in;
    inside.push_back({shard.in, &cache.layers.end, shard.context, &cache.layers.tape});
    around.push_back({shard.in, &cache.shortcut.end, shard.context, &cache.shortcut.tape});
  }
  layers_->forward(inside, each);
  if (shortcut_) shortcut_->forward(around, each);
  each(shards.size(), [&](std::size_t i) {
    Cache& cache = shards[i].tape->template cache<Cache>();
    const Activity<T>& end = cache.layers.end;
    const View<T> y = shards[i].out->make_like(end);
    std::ranges::copy(end.numbers().flat(), y.flat().begin());
    add(lying(shortcut_ ? cache.shortcut.end : *cache.in, end.layout(), cache.shortcut.turned), y);
    if (says_support()) shards[i].out->support() = end.support();
  });
}

// One way's share of ∂E/∂x, into its in_gradient, if anyone wants it.
template <class T>
void Residual<T>::send_back(const Chain<T>& chain, Way Cache::*which, std::span<const BackwardShard<T>> shards,
                            std::size_t first_parameter, const EachShard& each) const {
  std::vector<BackwardShard<T>> parts;
  std::size_t parameters = 0;
  for (const auto& stage : chain.stages()) parameters += stage.parameters.size();
  for (const BackwardShard<T>& shard : shards) {
    const Way& way = std::as_const(*shard.tape).template cache<Cache>().*which;
    const auto gradient = shard.gradient.empty() ? shard.gradient : shard.gradient.subspan(first_parameter, parameters);
    parts.push_back({&lying(*shard.out_gradient, way.end.layout(), way.turned),
                     shard.in_gradient ? &way.in_gradient : nullptr, &way.tape, gradient});
  }
  chain.backward(parts, each);
}

template <class T>
void Residual<T>::backward_batch(std::span<const BackwardShard<T>> shards, const EachShard& each) const {
  send_back(*layers_, &Cache::layers, shards, 0, each);
  if (shortcut_) send_back(*shortcut_, &Cache::shortcut, shards, parameters_of_layers_, each);
  each(shards.size(), [&](std::size_t i) {
    if (!shards[i].in_gradient) return;
    const Cache& cache = std::as_const(*shards[i].tape).template cache<Cache>();
    const Activity<T>& inside = cache.layers.in_gradient;  // lies as x did
    const View<T> dx = shards[i].in_gradient->make_like(inside);
    std::ranges::copy(inside.numbers().flat(), dx.flat().begin());
    if (says_support()) shards[i].in_gradient->support() = inside.support();
    add(shortcut_ ? cache.shortcut.in_gradient : lying(*shards[i].out_gradient, inside.layout(), cache.shortcut.turned),
        dx);
  });
}

template <class T>
void Residual<T>::forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const {
  const ForwardShard<T> shard{&in, &out, &context, &tape};
  forward_batch({&shard, 1}, run_here);
}

template <class T>
void Residual<T>::backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                           std::span<const View<T>> gradient) const {
  const BackwardShard<T> shard{&out_gradient, in_gradient, &tape, gradient};
  backward_batch({&shard, 1}, run_here);
}

template <class T>
void Residual<T>::keep_statistics(const Tape& tape) {
  const Cache& cache = tape.cache<Cache>();
  layers_->keep_statistics(cache.layers.tape);
  if (shortcut_) shortcut_->keep_statistics(cache.shortcut.tape);
}

template class Residual<float>;
template class Residual<double>;

void register_residual(Registry& registry) {
  registry.add<ResidualParams>("layer", "residual", "Layers beside a way around them, Y = S(X) + F(X).")
      .makes<Layer<float>>(
          [](const ResidualParams& p, const Registry& r) { return std::make_unique<Residual<float>>(p, r); })
      .makes<Layer<double>>(
          [](const ResidualParams& p, const Registry& r) { return std::make_unique<Residual<double>>(p, r); });
}

}  // namespace neurarium
