#include "neurarium/models/activation/activation.hpp"

#include <algorithm>

namespace neurarium {

Schema ActivationParams::fields() {
  using P = ActivationParams;
  return Schema::of<P>({
      field("name", &P::name, "Name of the layer in messages; default activation1, activation2, …"),
      field("function", &P::function, "Activation function g.").one_of(activation_function_names()),
  });
}

template <class T>
void Activation<T>::forward(const Activity<T>& in, Activity<T>& out, const Context&, Tape& tape) const {
  const View<T> y = out.make_like(in);
  activate(function_, in.numbers(), y);
  tape.cache<Cache>() = {in.numbers(), y};
}

template <class T>
void Activation<T>::backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                             std::span<const View<T>>) const {
  if (!in_gradient) return;
  const Cache& cache = tape.cache<Cache>();
  const View<T> delta = in_gradient->make_like(out_gradient);
  std::ranges::copy(out_gradient.numbers().flat(), delta.flat().begin());
  multiply_by_derivative(function_, cache.in, cache.out, delta);
}

template class Activation<float>;
template class Activation<double>;

void register_activation(Registry& registry) {
  registry.add<ActivationParams>("layer", "activation", "An activation function on its own, Y = g(X).")
      .makes<Layer<float>>([](const ActivationParams& p) { return std::make_unique<Activation<float>>(p); })
      .makes<Layer<double>>([](const ActivationParams& p) { return std::make_unique<Activation<double>>(p); });
}

}  // namespace neurarium
