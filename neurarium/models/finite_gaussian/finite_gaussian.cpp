#include "neurarium/models/finite_gaussian/finite_gaussian.hpp"

#include "neurarium/nn/gaussian/gaussian_units_fields.hpp"

namespace neurarium {

Schema FiniteGaussianParams::fields() {
  using P = FiniteGaussianParams;
  std::vector<FieldInfo> fields = {
      field("name", &P::name, "Name of the layer in parameters and messages; default finite_gaussian1, …"),
      field("units", &P::units, "Number of output units.").at_least(1),
  };
  append_gaussian_fields<P>(fields, "[units, inputs]");
  return Schema::of<P>(std::move(fields));
}

template <class T>
Shape FiniteGaussian<T>::build(const Shape& input, const std::string& name, std::uint64_t seed) {
  if (input.elements() == 0) throw ShapeError(name, "at least one input", to_string(input));
  const auto units = static_cast<std::size_t>(params_.units);
  units_.build({units, input.elements()}, units, name, seed);
  return Shape{units};
}

template <class T>
void FiniteGaussian<T>::forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const {
  const std::size_t n = in.samples();
  const View<T> y = out.make_dense({n, static_cast<std::size_t>(params_.units)});
  const View<const T> x = in.dense().reshaped({n, in.shape().tail().elements()});
  units_.forward(x, n, in.support(), context, tape.cache<typename GaussianUnits<T>::Cache>(), y, out.support());
}

template <class T>
void FiniteGaussian<T>::backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                                 std::span<const View<T>> gradient) const {
  const auto& cache = tape.cache<typename GaussianUnits<T>::Cache>();
  std::vector<T> unused;
  View<T> dx(nullptr, Shape{0});
  if (in_gradient) dx = in_gradient->make_dense(cache.x.shape());
  units_.backward(out_gradient.dense(), out_gradient.support(), cache, gradient, dx,
                  in_gradient ? in_gradient->support() : unused);
}

template class FiniteGaussian<float>;
template class FiniteGaussian<double>;

void register_finite_gaussian(Registry& registry) {
  const auto make = []<class T>(const FiniteGaussianParams& params, const Registry& parts) {
    return std::make_unique<FiniteGaussian<T>>(
        params, parts.make<Initialiser>("initialiser", params.initialiser, "initialiser"));
  };
  registry
      .add<FiniteGaussianParams>("layer", "finite_gaussian",
                                 "Fully connected layer whose units answer only near their centres.")
      .makes<Layer<float>>(
          [=](const FiniteGaussianParams& p, const Registry& r) { return make.operator()<float>(p, r); })
      .makes<Layer<double>>(
          [=](const FiniteGaussianParams& p, const Registry& r) { return make.operator()<double>(p, r); });
}

}  // namespace neurarium
