#include "neurarium/models/flatten/flatten.hpp"

namespace neurarium {

Schema FlattenParams::fields() {
  return Schema::of<FlattenParams>({
      field("name", &FlattenParams::name, "Name of the layer in messages; default flatten1, flatten2, …"),
  });
}

// Whatever comes leaves as rows, which is what the next layer wants: one copy for both changes.
template <class T>
void Flatten<T>::forward(const Activity<T>& in, Activity<T>& out, const Context&, Tape& tape) const {
  convert(in, Layout::sample_major, out);
  out.reshape({in.samples(), entry_.elements()});
  tape.cache<Cache>() = {in.layout()};
}

template <class T>
void Flatten<T>::backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                          std::span<const View<T>>) const {
  if (!in_gradient) return;
  convert(out_gradient, tape.cache<Cache>().in, *in_gradient);
  in_gradient->reshape(entry_.with_leading(out_gradient.samples()));
}

template class Flatten<float>;
template class Flatten<double>;

void register_flatten(Registry& registry) {
  registry.add<FlattenParams>("layer", "flatten", "An entry of any shape as one row of numbers.")
      .makes<Layer<float>>([](const FlattenParams& p) { return std::make_unique<Flatten<float>>(p); })
      .makes<Layer<double>>([](const FlattenParams& p) { return std::make_unique<Flatten<double>>(p); });
}

}  // namespace neurarium
