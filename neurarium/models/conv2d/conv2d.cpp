#include "neurarium/models/conv2d/conv2d.hpp"

#include <algorithm>

#include "neurarium/nn/initial_values.hpp"

namespace neurarium {

Schema Conv2dParams::fields() {
  using P = Conv2dParams;
  return Schema::of<P>({
      field("name", &P::name, "Name of the layer in parameters and messages; default conv2d1, conv2d2, …"),
      field("filters", &P::filters, "Number of output channels.").at_least(1),
      field("kernel_size", &P::kernel_size, "Height and width k of the kernel.").at_least(1).at_most(most_extent),
      field("stride", &P::stride, "Steps s between positions.").at_least(1).at_most(most_extent),
      field("padding", &P::padding, "Zeros p on every side of the image.").at_least(0).at_most(most_extent),
      field("dilation", &P::dilation, "Distance d between the taps of the kernel.").at_least(1).at_most(most_extent),
      field("groups", &P::groups, "Groups of channels that do not see each other.").at_least(1),
      field("activation", &P::activation, "Activation function g.").one_of(activation_function_names()),
      field("use_bias", &P::use_bias, "Whether each filter has a bias b."),
      component("initialiser", &P::initialiser, "initialiser", "Initial weights, unless they are given."),
      field("weights", &P::weights, "Initial W [filters, channels / groups, k, k]."),
      field("bias", &P::bias, "Initial b [filters]; default 0."),
      field("dale", &P::dale, "Signs of the weights, by input channel (Dale's law)."),
  });
}

template <class T>
Conv2d<T>::Conv2d(const Params& params, std::shared_ptr<const Initialiser> initialiser)
    : params_(params), initialiser_(std::move(initialiser)), activation_(activation_function(params.activation)) {}

template <class T>
Shape Conv2d<T>::build(const Shape& input, const std::string& name, std::uint64_t seed) {
  entry_ = input;
  const Shape image = image_shape(input, name);
  const auto size = [](std::int64_t x) { return static_cast<std::size_t>(x); };
  convolution_ = {image[0],
                  image[1],
                  image[2],
                  size(params_.filters),
                  size(params_.kernel_size),
                  size(params_.kernel_size),
                  size(params_.stride),
                  size(params_.padding),
                  size(params_.dilation),
                  size(params_.groups)};
  const kernels::Convolution& g = convolution_;
  if (g.channels % g.groups != 0 || g.filters % g.groups != 0)
    throw SpecError(name + ".groups: " + std::to_string(g.groups) + " groups can't share " +
                        std::to_string(g.channels) + " channels and " + std::to_string(g.filters) + " filters equally",
                    "take a number that divides both");
  if (g.out().elements() == 0)
    throw ShapeError(name,
                     "an image that the kernel of size " + std::to_string(g.kernel_height) +
                         (g.dilation > 1 ? " with dilation " + std::to_string(g.dilation) : "") + " fits in",
                     to_string(input), "make the kernel smaller, or add padding");
  const std::size_t taps = g.kernel_height * g.kernel_width;
  weight_.value = initial_weights<T>(params_.weights, g.weights(), name, *initialiser_, g.channels / g.groups * taps,
                                     g.filters / g.groups * taps, seed);
  signs_.build(params_.dale, weight_, 1, name, seed, g.groups);
  bias_.value = initial_bias<T>(params_.bias, Shape{g.filters}, name, params_.use_bias);
  return g.out();
}

template <class T>
std::vector<Parameter<T>*> Conv2d<T>::parameters() {
  std::vector<Parameter<T>*> all = {&weight_};
  if (params_.use_bias) all.push_back(&bias_);
  if (Parameter<T>* learned = signs_.learned()) all.push_back(learned);
  return all;
}

template <class T>
void Conv2d<T>::forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const {
  Cache& cache = tape.cache<Cache>();
  const bool relu = activation_ == ActivationFunction::relu, lines = in.layout() == Layout::sample_minor;
  const View<T> y = lines ? out.make_lines(convolution_.out(), in.samples())
                          : out.make_dense(convolution_.out().with_leading(in.samples()));
  cache.in = images_of(in, convolution_.in());
  cache.out = y;
  const auto convolve = lines ? kernels::convolve<T> : kernels::convolve_entries<T>;
  convolve(convolution_, cache.in, signs_.effective(weight_, context, cache.signs), bias_.value.view(), relu,
           cache.scratch, y);
  if (relu) return;
  if (needs_input(activation_)) {
    cache.a.resize(y.shape());
    std::ranges::copy(y.flat(), cache.a.flat().begin());
  }
  activate(activation_, y, y);
}

template <class T>
void Conv2d<T>::backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                         std::span<const View<T>> gradient) const {
  const Cache& cache = tape.cache<Cache>();
  const bool lines = out_gradient.layout() == Layout::sample_minor;
  View<const T> delta = out_gradient.numbers();
  if (activation_ != ActivationFunction::identity) {
    cache.delta.resize(cache.out.shape());
    std::ranges::copy(delta.flat(), cache.delta.flat().begin());
    multiply_by_derivative(activation_, cache.a.view(), cache.out, cache.delta.view());
    delta = cache.delta.view();
  }
  if (!gradient.empty()) {
    const View<T> slope = signs_.gradient_at_weight(cache.signs, gradient[0]);
    if (lines) kernels::convolve_to_weights<T>(convolution_, cache.in, delta, slope);
    else kernels::convolve_entries_to_weights<T>(convolution_, cache.in, delta, cache.scratch, slope);
    signs_.pull_back(weight_, cache.signs, out_gradient.samples(), gradient[0], gradient.back());
    if (params_.use_bias) add_channel_sums(delta, lines, gradient[1]);
  }
  if (!in_gradient) return;
  in_gradient->make_like(entry_, out_gradient);
  const View<T> below = images_of(*in_gradient, convolution_.in());
  const auto to_input = lines ? kernels::convolve_to_input<T> : kernels::convolve_entries_to_input<T>;
  to_input(convolution_, delta, cache.signs.weight, cache.scratch, below);
}

template class Conv2d<float>;
template class Conv2d<double>;

void register_conv2d(Registry& registry) {
  const auto make = []<class T>(const Conv2dParams& params, const Registry& parts) {
    return std::make_unique<Conv2d<T>>(params,
                                       parts.make<Initialiser>("initialiser", params.initialiser, "initialiser"));
  };
  registry.add<Conv2dParams>("layer", "conv2d", "Two-dimensional convolution, Y = g(W ⋆ X + b).")
      .makes<Layer<float>>([=](const Conv2dParams& p, const Registry& r) { return make.operator()<float>(p, r); })
      .makes<Layer<double>>([=](const Conv2dParams& p, const Registry& r) { return make.operator()<double>(p, r); });
}

}  // namespace neurarium
