#include "neurarium/models/sequential/sequential.hpp"

#include <algorithm>
#include <map>

#include "neurarium/core/files.hpp"

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
  if (params.layers.empty())
    throw SpecError("model.layers: the network has no layers", "add [[model.layers]] with a type");
  Shape shape = input_;
  std::map<std::string, int> count;
  for (std::size_t i = 0; i < params.layers.size(); ++i) {
    const Component& part = params.layers[i];
    const Value* given = part.settings.find("name");
    std::string name = given && given->is_text() ? given->as_text() : "";
    if (name.empty()) name = part.type + std::to_string(++count[part.type]);
    if (!is_file_name(name))  // parameters are kept in files of their names
      throw SpecError("model.layers[" + std::to_string(i) + "].name: '" + name + "' can't be part of a file's name",
                      "use letters, digits, '_' and '-'");
    if (std::ranges::any_of(stages_, [&](const Stage& s) { return s.name == name; }))
      throw SpecError("model.layers[" + std::to_string(i) + "].name: two layers are called '" + name + "'");
    // Layers draw their first weights from streams of their names; equal hashes would give them the same numbers.
    for (const Stage& other : stages_)
      if (Stream(0, other.name + ".weight").path_hash() == Stream(0, name + ".weight").path_hash())
        throw SpecError("layers '" + other.name + "' and '" + name + "' would draw the same random numbers",
                        "rename one");
    Stage stage{name, registry.make<Layer<T>>("layer", part, "model.layers[" + std::to_string(i) + "]"), {}};
    shape = stage.layer->build(shape, name, params.seed);
    stage.parameters = stage.layer->parameters();
    stages_.push_back(std::move(stage));
  }
  loss_->require_outputs(shape);
}

template <class T>
std::vector<NamedView> Sequential<T>::parameters() {
  std::vector<NamedView> all;
  for (Stage& stage : stages_)
    for (Parameter<T>* parameter : stage.parameters)
      all.push_back({stage.name + "." + parameter->name, MutableArrayView(parameter->value.view())});
  return all;
}

template <class T>
const Activity<T>& Sequential<T>::forward(ArrayView x, double divisor, const Context& context, Tape& tape) const {
  const bool fits = x.shape().axes() >= 1 && x.shape().elements() == x.shape()[0] * input_.elements();
  if (!fits || (x.shape().axes() > 1 && x.shape().tail().elements() != input_.elements()))
    throw ShapeError("input of " + stages_.front().name, "[samples, " + to_string(input_).substr(1),
                     to_string(x.shape()));
  Pass& pass = tape.cache<Pass>();
  pass.activities.resize(stages_.size() + 1);
  pass.tapes.resize(stages_.size());
  scale_into(x, divisor, pass.activities[0].make_dense(input_.with_leading(x.shape()[0])).flat());
  for (std::size_t i = 0; i < stages_.size(); ++i) {
    stages_[i].layer->forward(pass.activities[i], pass.activities[i + 1], context, pass.tapes[i]);
    if (const std::size_t bad = first_non_finite(ArrayView(pass.activities[i + 1].dense()));
        bad < pass.activities[i + 1].dense().size())
      throw NumericError(stages_[i].name, context.step, bad, "lower the learning rate, or check the data for NaN");
  }
  return pass.activities.back();
}

// Runs the cotangents from the last stage down; gradients of the parameters are left in the pass.
template <class T>
void Sequential<T>::backward(const Pass& pass, bool to_input) const {
  pass.gradients.resize(stages_.size());
  for (std::size_t i = stages_.size(); i-- > 0;) {
    pass.gradients[i].resize(stages_[i].parameters.size());
    for (std::size_t p = 0; p < stages_[i].parameters.size(); ++p) {
      pass.gradients[i][p].resize(stages_[i].parameters[p]->value.shape());
      pass.gradients[i][p].fill(0);
    }
    Activity<T>* below = i > 0 || to_input ? &pass.cotangents[i] : nullptr;
    stages_[i].layer->backward(pass.cotangents[i + 1], below, pass.tapes[i], pass.gradients[i]);
  }
}

template <class T>
NamedArrays Sequential<T>::outputs(ArrayView x, const Context& context) const {
  Tape tape;
  NamedArrays named;
  named.emplace_back("outputs", logits(x, context, tape));
  return named;
}

template <class T>
Evaluation Sequential<T>::evaluate(const Batch& batch, const Context& context, Tape& tape) const {
  return loss_->evaluate(forward(batch.x, batch.divisor, context, tape).dense(), batch.y, nullptr);
}

template <class T>
Evaluation Sequential<T>::evaluate_with_gradient(const Batch& batch, const Context& context, Tape& tape,
                                                 Gradient& gradient) const {
  const Activity<T>& y = forward(batch.x, batch.divisor, context, tape);
  Pass& pass = tape.cache<Pass>();
  const Evaluation result = loss_->evaluate(y.dense(), batch.y, &pass.loss_gradient);
  pass.cotangents.resize(stages_.size() + 1);
  std::ranges::copy(pass.loss_gradient.flat(), pass.cotangents.back().make_dense(y.shape()).flat().begin());
  backward(pass, false);
  std::size_t slot = 0;
  for (const auto& stage : pass.gradients)
    for (const Tensor<T>& from : stage) {
      const auto to = gradient[slot++].as<T>().flat();
      for (std::size_t j = 0; j < to.size(); ++j) to[j] += from.flat()[j];
    }
  return result;
}

template <class T>
Array Sequential<T>::logits(ArrayView x, const Context& context, Tape& tape) const {
  return Array(ArrayView(forward(x, 1, context, tape).dense()));
}

template <class T>
Array Sequential<T>::pull_back(ArrayView cotangent, const Tape& tape) const {
  const Pass& pass = tape.cache<Pass>();
  if (pass.activities.empty()) throw InternalError("pull_back before logits");
  if (cotangent.shape() != pass.activities.back().shape())
    throw ShapeError("cotangent", to_string(pass.activities.back().shape()), to_string(cotangent.shape()));
  pass.cotangents.resize(stages_.size() + 1);
  std::ranges::copy(to_tensor<T>(cotangent).flat(),
                    pass.cotangents.back().make_dense(cotangent.shape()).flat().begin());
  backward(pass, true);
  Array result(ArrayView(std::as_const(pass.cotangents.front()).dense()));
  result.reshape(pass.activities.front().shape());
  return result;
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
