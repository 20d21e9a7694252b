#include "neurarium/models/average_pool/average_pool.hpp"

#include "neurarium/nn/images.hpp"

namespace neurarium {

Schema AveragePoolParams::fields() {
  using P = AveragePoolParams;
  return Schema::of<P>({
      field("name", &P::name, "Name of the layer in messages; default average_pool1, average_pool2, …"),
      field("size", &P::size, "Height and width of a window.").at_least(1).at_most(most_extent),
      field("stride", &P::stride, "Steps s between windows; 0 = size: they lie side by side.")
          .at_least(0)
          .at_most(most_extent),
      field("padding", &P::padding, "Zeros p around the image, at most half of size.").at_least(0).at_most(most_extent),
  });
}

template <class T>
void AveragePool<T>::forward(const Activity<T>& in, Activity<T>& out, const Context&, Tape&) const {
  kernels::average_pool<T>(this->windows_of(in), in.numbers(), out.make_like(this->result(), in));
}

template <class T>
void AveragePool<T>::backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape&,
                              std::span<const View<T>>) const {
  if (!in_gradient) return;
  kernels::average_pool_to_input<T>(this->windows_of(out_gradient), out_gradient.numbers(),
                                    in_gradient->make_like(this->entry(), out_gradient));
}

template class AveragePool<float>;
template class AveragePool<double>;

void register_average_pool(Registry& registry) {
  registry.add<AveragePoolParams>("layer", "average_pool", "The mean of each window.")
      .makes<Layer<float>>([](const AveragePoolParams& p) { return std::make_unique<AveragePool<float>>(p); })
      .makes<Layer<double>>([](const AveragePoolParams& p) { return std::make_unique<AveragePool<double>>(p); });
}

}  // namespace neurarium
