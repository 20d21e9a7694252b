#include "neurarium/models/standardise/standardise.hpp"

namespace neurarium {

Schema StandardiseParams::fields() {
  using P = StandardiseParams;
  return Schema::of<P>({
      field("name", &P::name, "Name of the layer in messages; default standardise1, standardise2, …"),
      field("mean", &P::mean, "What is subtracted: the mean of the data."),
      field("sd", &P::sd, "What that is divided by: the standard deviation of the data.").positive(),
  });
}

template <class T>
void Standardise<T>::forward(const Activity<T>& in, Activity<T>& out, const Context&, Tape&) const {
  const View<T> y = out.make_like(in);
  const std::span<const T> x = in.numbers().flat();
  for (std::size_t i = 0; i < x.size(); ++i) y.flat()[i] = (x[i] - mean_) * factor_;
}

template <class T>
void Standardise<T>::backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape&,
                              std::span<const View<T>>) const {
  if (!in_gradient) return;
  const View<T> dx = in_gradient->make_like(out_gradient);
  const std::span<const T> dy = out_gradient.numbers().flat();
  for (std::size_t i = 0; i < dy.size(); ++i) dx.flat()[i] = dy[i] * factor_;
}

template class Standardise<float>;
template class Standardise<double>;

void register_standardise(Registry& registry) {
  registry.add<StandardiseParams>("layer", "standardise", "Numbers in units of their spread: (x − mean) / sd.")
      .makes<Layer<float>>([](const StandardiseParams& p) { return std::make_unique<Standardise<float>>(p); })
      .makes<Layer<double>>([](const StandardiseParams& p) { return std::make_unique<Standardise<double>>(p); });
}

}  // namespace neurarium
