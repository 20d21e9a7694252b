#include "neurarium/models/sequential/sequential.hpp"

#include <algorithm>

namespace neurarium {

Schema SequentialParams::fields() {
  return Schema::of<SequentialParams>({
      component("layers", &SequentialParams::layers, "layer", "The layers, from input to output."),
      component("loss", &SequentialParams::loss, "loss", "What training makes small."),
      field("inputs", &SequentialParams::inputs, "Shape of one input entry, e.g. [2]; default: that of the data.")
          .at_least(1),
      field("scalar", &SequentialParams::scalar, "Type of all numbers.").one_of({"float32", "float64"}),
      field("seed", &SequentialParams::seed, "Seed of the initial weights; a run sets it to its own.")
          .at_most(largest_seed),
  });
}

template <class T>
Sequential<T>::Sequential(const Params& params, const Registry& registry)
    : input_([&] {
        std::vector<std::size_t> extents;
        for (const std::int64_t extent : params.inputs) extents.push_back(static_cast<std::size_t>(extent));
        if (extents.empty())
          throw SpecError("model.inputs: the network does not know its input shape", "give inputs = [2], say");
        return Shape(extents);
      }()),
      loss_(registry.make<Loss<T>>("loss", params.loss, "model.loss")) {
  chain_ = std::make_unique<Chain<T>>(params.layers, registry, input_, "", "model.layers", params.seed);
  loss_->require_outputs(chain_->output());
}

namespace {
template <class T>
std::vector<NamedView> named(const std::vector<typename Chain<T>::Stage>& stages,
                             std::vector<Parameter<T>*> Chain<T>::Stage::*which) {
  std::vector<NamedView> all;
  for (const auto& stage : stages)
    for (Parameter<T>* parameter : stage.*which)
      all.push_back({stage.name + "." + parameter->name, MutableArrayView(parameter->value.view()), parameter->signs});
  return all;
}

/// The gradient's arrays as the layers want them.
template <class T>
std::vector<View<T>> views_of(Gradient& gradient) {
  std::vector<View<T>> views;
  for (Array& array : gradient) views.push_back(array.as<T>());
  return views;
}
}  // namespace

template <class T>
std::vector<NamedView> Sequential<T>::parameters() {
  return named<T>(chain_->stages(), &Chain<T>::Stage::parameters);
}

template <class T>
std::vector<NamedView> Sequential<T>::buffers() {
  return named<T>(chain_->stages(), &Chain<T>::Stage::buffers);
}

template <class T>
Choices Sequential<T>::choices() const {
  Choices all;
  for (const auto& stage : chain_->stages())
    if (const auto* layer = dynamic_cast<const Chooses*>(stage.layer.get()))
      std::ranges::copy(layer->choices(), std::back_inserter(all));
  return all;
}

namespace {
Context without_backward(Context context) {
  context.backward_follows = false;
  return context;
}

Batch batch_of(const Samples& samples) {
  if (samples.are_spikes()) return {{}, {}, 1, samples.spikes()};
  return {samples.numbers(), {}, 1};
}
}  // namespace

// The pass of `tape`, with the samples as they are read by the first layer: where they lie, if the caller has them until the
// way back is done, too.
template <class T>
typename Sequential<T>::Pass& Sequential<T>::prepare(const Batch& batch, Tape& tape) const {
  if (batch.spikes) {
    const Shape entry{batch.spikes.steps(), batch.spikes.units()};
    if (entry != input_)
      throw ShapeError("input of " + chain_->stages().front().name, to_string(input_), to_string(entry));
    Pass& pass = tape.cache<Pass>();
    pass.in.borrow(batch.spikes);
    return pass;
  }
  const Shape& shape = batch.x.shape();
  if (shape.axes() == 0 || !entry_fits(shape.tail(), input_))
    throw ShapeError("input of " + chain_->stages().front().name, "[samples, " + to_string(input_).substr(1),
                     to_string(shape));
  Pass& pass = tape.cache<Pass>();
  const Shape samples = input_.with_leading(shape[0]);
  if (batch.x.dtype() == dtype_of<T>() && batch.divisor == 1)
    pass.in.borrow(batch.x.template as<T>().reshaped(samples));
  else scale_into(batch.x, batch.divisor, pass.in.make_dense(samples).flat());
  return pass;
}

// The last layer's activity as losses read it.
template <class T>
const Activity<T>& Sequential<T>::output_of(Pass& pass) const {
  if (pass.out.layout() == Layout::sample_major) return pass.out;
  convert(pass.out, Layout::sample_major, pass.out_dense);
  return pass.out_dense;
}

template <class T>
const Activity<T>& Sequential<T>::forward(const Batch& batch, const Context& context, Tape& tape) const {
  Pass& pass = prepare(batch, tape);
  const ForwardShard<T> shard{&pass.in, &pass.out, &context, &pass.chain};
  chain_->forward({&shard, 1}, run_here);
  return output_of(pass);
}

// ∂E/∂out [sample, …], laid out as `out` came.
template <class T>
void Sequential<T>::take_out_gradient(ArrayView slope, const Pass& pass) const {
  Activity<T>& dense = pass.out.layout() == Layout::sample_major ? pass.out_gradient : pass.out_dense_gradient;
  scale_into(slope, 1, dense.make_dense(pass.out.shape()).flat());
  if (&dense != &pass.out_gradient) convert(dense, pass.out.layout(), pass.out_gradient);
}

// The loss of the pass, and its gradient at the last activity.
template <class T>
Evaluation Sequential<T>::backward_from_loss(const Batch& batch, Pass& pass) const {
  const Evaluation result = loss_->evaluate(output_of(pass).dense(), batch.y, &pass.loss_slope);
  take_out_gradient(std::as_const(pass.loss_slope).view(), pass);
  return result;
}

template <class T>
NamedArrays Sequential<T>::outputs(const Samples& samples, const Context& context) const {
  Tape tape;
  NamedArrays named;
  named.emplace_back("outputs", Array(ArrayView(forward(batch_of(samples), without_backward(context), tape).dense())));
  if (chain_->says_support()) {
    const std::vector<T>& support = std::as_const(tape).cache<Pass>().out.support();
    named.emplace_back("support", Array(ArrayView(View<const T>(support.data(), Shape{support.size()}))));
  }
  return named;
}

template <class T>
NamedArrays Sequential<T>::activities(const Samples& samples, const Context& context) const {
  Tape tape;
  const ArrayView last = forward(batch_of(samples), without_backward(context), tape).dense();
  const Pass& pass = std::as_const(tape).cache<Pass>();
  NamedArrays all;
  for (std::size_t i = 0; i + 1 < chain_->stages().size(); ++i) {
    Activity<T> dense;
    convert(chain_->activity(pass.chain, i), Layout::sample_major, dense);
    all.emplace_back(chain_->stages()[i].name, Array(ArrayView(std::as_const(dense).dense())));
  }
  all.emplace_back(chain_->stages().back().name, Array(last));
  return all;
}

// Sample by sample, since layers keep some courses of one sample only.
template <class T>
NamedArrays Sequential<T>::traces(const Samples& samples, const Context& context) const {
  const std::size_t count = samples.are_spikes() ? samples.spikes().samples() : samples.numbers().shape()[0];
  Context keeping = context;
  keeping.backward_follows = true;
  Tape tape;
  NamedArrays all;
  for (std::size_t i = 0; i < count; ++i) {
    const Samples one =
        samples.are_spikes() ? Samples(samples.spikes().part(i, 1)) : Samples(samples.numbers().rows(i, 1));
    forward(batch_of(one), keeping, tape);
    const Pass& pass = std::as_const(tape).cache<Pass>();
    std::size_t at = 0;
    for (std::size_t k = 0; k < chain_->stages().size(); ++k) {
      const auto* layer = dynamic_cast<const Traced*>(chain_->stages()[k].layer.get());
      if (!layer) continue;
      for (const auto& [name, course] : layer->traces(chain_->tape_of(pass.chain, k))) {
        if (i == 0)
          all.emplace_back(chain_->stages()[k].name + "." + name,
                           Array(course.dtype(), course.shape().with_leading(count)));
        const auto from = course.template as<T>().flat();
        std::ranges::copy(
            from, all[at++].second.template as<T>().flat().begin() + static_cast<std::ptrdiff_t>(i * from.size()));
      }
    }
  }
  return all;
}

template <class T>
bool Sequential<T>::crosses_thresholds() const {
  return std::ranges::any_of(chain_->stages(), [](const auto& stage) {
    return dynamic_cast<const CrossesThresholds*>(stage.layer.get()) != nullptr;
  });
}

template <class T>
SpikeEvents Sequential<T>::spike_events(const Tape& tape) const {
  const Pass& pass = tape.cache<Pass>();
  SpikeEvents found;
  Activity<T> counts;
  for (std::size_t i = 0; i + 1 < chain_->stages().size(); ++i) {
    const Activity<T>& out = chain_->activity(pass.chain, i);
    if (out.layout() != Layout::times) continue;
    convert(out, Layout::sample_major, counts);
    const auto numbers = std::as_const(counts).dense().flat();
    found.counts.insert(found.counts.end(), numbers.begin(), numbers.end());
    if (const auto* layer = dynamic_cast<const CrossesThresholds*>(chain_->stages()[i].layer.get()))
      found.smallest_slope = std::min(found.smallest_slope, layer->smallest_slope(chain_->tape_of(pass.chain, i)));
  }
  return found;
}

template <class T>
Evaluation Sequential<T>::evaluate(const Batch& batch, const Context& context, Tape& tape) const {
  const Evaluation result = loss_->evaluate(forward(batch, without_backward(context), tape).dense(), batch.y, nullptr);
  return with_penalty(result, context, tape.cache<Pass>());
}

template <class T>
Evaluation Sequential<T>::evaluate_with_gradient(const Batch& batch, const Context& context, Tape& tape,
                                                 Gradient& gradient) const {
  forward(batch, context, tape);
  Pass& pass = tape.cache<Pass>();
  const Evaluation result = with_penalty(backward_from_loss(batch, pass), context, pass);
  const auto views = views_of<T>(gradient);
  const BackwardShard<T> shard{&pass.out_gradient, nullptr, &pass.chain, views};
  chain_->backward({&shard, 1}, run_here);
  return result;
}

template <class T>
void Sequential<T>::evaluate_together(std::span<ShardOfBatch> shards, WorkerPool& pool) const {
  const EachShard each = [&](std::size_t count, const std::function<void(std::size_t)>& task) {
    pool.run(count, task);
  };
  std::vector<Pass*> passes(shards.size());
  each(shards.size(), [&](std::size_t i) { passes[i] = &prepare(shards[i].batch, *shards[i].tape); });
  std::vector<ForwardShard<T>> forwards;
  for (std::size_t i = 0; i < shards.size(); ++i)
    forwards.push_back({&passes[i]->in, &passes[i]->out, &shards[i].context, &passes[i]->chain});
  chain_->forward(forwards, each);
  each(shards.size(), [&](std::size_t i) {
    shards[i].result = with_penalty(backward_from_loss(shards[i].batch, *passes[i]), shards[i].context, *passes[i]);
  });
  std::vector<std::vector<View<T>>> views;
  std::vector<BackwardShard<T>> backwards;
  for (const auto& shard : shards) views.push_back(views_of<T>(*shard.gradient));
  for (std::size_t i = 0; i < shards.size(); ++i)
    backwards.push_back({&passes[i]->out_gradient, nullptr, &passes[i]->chain, views[i]});
  chain_->backward(backwards, each);
}

// In training, what the layers ask for their parameters' or their rates' sake counts with each sample. Asked before the way back:
// a layer whose penalty has a gradient at its input adds that only if somebody asked (models/rate_penalty).
template <class T>
Evaluation Sequential<T>::with_penalty(Evaluation result, const Context& context, const Pass& pass) const {
  if (context.mode == Mode::train) result.loss += static_cast<double>(result.samples) * chain_->penalty(pass.chain);
  return result;
}

template <class T>
void Sequential<T>::require_answers(ArrayView y, const std::string& source) const {
  loss_->require_answers(y, chain_->output(), source);
}

template <class T>
void Sequential<T>::keep_statistics(const Tape& tape) {
  chain_->keep_statistics(tape.cache<Pass>().chain);
}

template <class T>
ArrayView Sequential<T>::logits(ArrayView x, const Context& context, Tape& tape) const {
  return forward({x, {}, 1}, context, tape).dense();
}

template <class T>
ArrayView Sequential<T>::pull_back(ArrayView cotangent, const Tape& tape) const {
  const Pass& pass = tape.cache<Pass>();
  if (pass.out.samples() == 0) throw InternalError("pull_back before logits");
  if (cotangent.shape() != pass.out.shape())
    throw ShapeError("cotangent", to_string(pass.out.shape()), to_string(cotangent.shape()));
  take_out_gradient(cotangent, pass);
  const BackwardShard<T> shard{&pass.out_gradient, &pass.in_gradient, &pass.chain, {}};
  chain_->backward({&shard, 1}, run_here);
  return std::as_const(pass.in_gradient).dense();
}

template class Sequential<float>;
template class Sequential<double>;

void register_sequential(Registry& registry) {
  registry.add<SequentialParams>("model", "sequential", "Layers one after the other, and a loss at the end.")
      .makes<Model>([](const SequentialParams& p, const Registry& r) {
        return with_floating(floating_dtype(p.scalar), [&]<class T>() -> std::unique_ptr<Model> {
          return std::make_unique<Sequential<T>>(p, r);
        });
      });
}

}  // namespace neurarium
