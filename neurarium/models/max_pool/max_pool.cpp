#include "neurarium/models/max_pool/max_pool.hpp"

#include "neurarium/nn/images.hpp"

namespace neurarium {

Schema MaxPoolParams::fields() {
  using P = MaxPoolParams;
  return Schema::of<P>({
      field("name", &P::name, "Name of the layer in messages; default max_pool1, max_pool2, …"),
      field("size", &P::size, "Height and width of a window.").at_least(1).at_most(most_extent),
      field("stride", &P::stride, "Steps s between windows; 0 = size: they lie side by side.")
          .at_least(0)
          .at_most(most_extent),
      field("padding", &P::padding, "Places p around the image, at most half of size.")
          .at_least(0)
          .at_most(most_extent),
  });
}

template <class T>
void MaxPool<T>::forward(const Activity<T>& in, Activity<T>& out, const Context&, Tape& tape) const {
  Cache& cache = tape.cache<Cache>();
  cache.in = in.numbers();
  cache.out = out.make_like(this->result(), in);
  kernels::max_pool<T>(this->windows_of(in), cache.in, out.numbers());
}

template <class T>
void MaxPool<T>::backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                          std::span<const View<T>>) const {
  if (!in_gradient) return;
  const Cache& cache = tape.cache<Cache>();
  kernels::max_pool_to_input<T>(this->windows_of(out_gradient), cache.in, cache.out, out_gradient.numbers(),
                                in_gradient->make_like(this->entry(), out_gradient));
}

template class MaxPool<float>;
template class MaxPool<double>;

void register_max_pool(Registry& registry) {
  registry.add<MaxPoolParams>("layer", "max_pool", "The largest value of each window.")
      .makes<Layer<float>>([](const MaxPoolParams& p) { return std::make_unique<MaxPool<float>>(p); })
      .makes<Layer<double>>([](const MaxPoolParams& p) { return std::make_unique<MaxPool<double>>(p); });
}

}  // namespace neurarium
