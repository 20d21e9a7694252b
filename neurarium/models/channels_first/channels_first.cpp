#include "neurarium/models/channels_first/channels_first.hpp"

namespace neurarium {

Schema ChannelsFirstParams::fields() {
  return Schema::of<ChannelsFirstParams>({
      field("name", &ChannelsFirstParams::name, "Name of the layer in messages; default channels_first1, …"),
  });
}

template <class T>
Shape ChannelsFirst<T>::build(const Shape& input, const std::string& name, std::uint64_t) {
  if (input.axes() != 2 && input.axes() != 3)
    throw ShapeError(name, "a picture, [height, width, channels] or [height, width]", to_string(input),
                     "set model.inputs to the shape of one picture");
  entry_ = input;
  pixels_ = input[0] * input[1];
  channels_ = input.axes() == 3 ? input[2] : 1;
  return {channels_, input[0], input[1]};
}

template <class T>
void ChannelsFirst<T>::forward(const Activity<T>& in, Activity<T>& out, const Context&, Tape&) const {
  const T* x = in.dense().data();
  T* y = out.make_dense({in.samples(), channels_, entry_[0], entry_[1]}).data();
  for (std::size_t n = 0; n < in.samples(); ++n, x += pixels_ * channels_)
    for (std::size_t c = 0; c < channels_; ++c)
      for (std::size_t p = 0; p < pixels_; ++p) *y++ = x[p * channels_ + c];
}

template <class T>
void ChannelsFirst<T>::backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape&,
                                std::span<const View<T>>) const {
  if (!in_gradient) return;
  const T* dy = out_gradient.dense().data();
  T* dx = in_gradient->make_dense(entry_.with_leading(out_gradient.samples())).data();
  for (std::size_t n = 0; n < out_gradient.samples(); ++n, dx += pixels_ * channels_)
    for (std::size_t c = 0; c < channels_; ++c)
      for (std::size_t p = 0; p < pixels_; ++p) dx[p * channels_ + c] = *dy++;
}

template class ChannelsFirst<float>;
template class ChannelsFirst<double>;

void register_channels_first(Registry& registry) {
  using Params = ChannelsFirstParams;
  registry.add<Params>("layer", "channels_first", "[height, width, channels] become [channels, height, width].")
      .makes<Layer<float>>([](const Params& p) { return std::make_unique<ChannelsFirst<float>>(p); })
      .makes<Layer<double>>([](const Params& p) { return std::make_unique<ChannelsFirst<double>>(p); });
}

}  // namespace neurarium
