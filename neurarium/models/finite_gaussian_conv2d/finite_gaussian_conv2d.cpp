#include "neurarium/models/finite_gaussian_conv2d/finite_gaussian_conv2d.hpp"

#include <algorithm>

#include "neurarium/nn/gaussian/gaussian_units_fields.hpp"
#include "neurarium/nn/images.hpp"

namespace neurarium {

Schema FiniteGaussianConv2dParams::fields() {
  using P = FiniteGaussianConv2dParams;
  std::vector<FieldInfo> fields = {
      field("name", &P::name, "Name of the layer in parameters and messages; default finite_gaussian_conv2d1, …"),
      field("filters", &P::filters, "Number of output channels.").at_least(1),
      field("kernel_size", &P::kernel_size, "Height and width k of a patch.").at_least(1).at_most(most_extent),
      field("stride", &P::stride, "Steps s between positions.").at_least(1).at_most(most_extent),
      field("padding", &P::padding, "Zeros p on every side of the image.").at_least(0).at_most(most_extent),
      field("dilation", &P::dilation, "Distance e between the numbers of a patch.").at_least(1).at_most(most_extent),
  };
  append_gaussian_fields<P>(fields, "[filters, channels, k, k]");
  return Schema::of<P>(std::move(fields));
}

template <class T>
Shape FiniteGaussianConv2d<T>::build(const Shape& input, const std::string& name, std::uint64_t seed) {
  entry_ = input;
  const Shape image = image_shape(input, name);
  const auto size = [](std::int64_t x) { return static_cast<std::size_t>(x); };
  const std::size_t k = size(params_.kernel_size);
  convolution_ = {image[0],
                  image[1],
                  image[2],
                  size(params_.filters),
                  k,
                  k,
                  size(params_.stride),
                  size(params_.padding),
                  size(params_.dilation)};
  if (convolution_.out().elements() == 0)
    throw ShapeError(name, "an image that a patch of size " + std::to_string(k) + " fits in", to_string(input),
                     "make the kernel smaller, or add padding");
  if (image[0] == 0) throw ShapeError(name, "at least one channel", to_string(input));
  units_.build(convolution_.weights(), convolution_.filters * k * k, name, seed);
  return convolution_.out();
}

namespace {

/// Where the numbers of patches lie in an image [channels, height + 2 p, width + 2 p], which has its zeros around it.
struct Patches {
  explicit Patches(const kernels::Convolution& geometry)
      : g(geometry), height(g.height + 2 * g.padding), width(g.width + 2 * g.padding) {
    for (std::size_t c = 0; c < g.channels; ++c)
      for (std::size_t u = 0; u < g.kernel_height; ++u)
        for (std::size_t v = 0; v < g.kernel_width; ++v)
          offsets.push_back((c * height + u * g.dilation) * width + v * g.dilation);
  }
  std::size_t size() const { return g.channels * height * width; }
  /// Calls visit(first number, row) for each patch.
  template <class Visit>
  void each(const Visit& visit) const {
    std::size_t row = 0;
    for (std::size_t i = 0; i < g.out_height(); ++i)
      for (std::size_t j = 0; j < g.out_width(); ++j) visit((i * width + j) * g.stride, row++);
  }
  /// Calls visit(first number in the image with zeros, first number in the image, how many) for each line of the image.
  template <class Visit>
  void each_line(const Visit& visit) const {
    for (std::size_t c = 0; c < g.channels; ++c)
      for (std::size_t i = 0; i < g.height; ++i)
        visit((c * height + i + g.padding) * width + g.padding, (c * g.height + i) * g.width, g.width);
  }
  const kernels::Convolution& g;
  std::size_t height, width;
  std::vector<std::size_t> offsets;  ///< of the numbers of a patch from its first
};

/// Rows [sample, position, filter] into images [sample, filter, position], or back.
template <class T>
void turn(const T* from, std::size_t samples, std::size_t rows, std::size_t columns, T* to) {
  for (std::size_t n = 0; n < samples; ++n, from += rows * columns, to += rows * columns)
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t c = 0; c < columns; ++c) to[c * rows + r] = from[r * columns + c];
}

}  // namespace

template <class T>
void FiniteGaussianConv2d<T>::forward(const Activity<T>& in, Activity<T>& out, const Context& context,
                                      Tape& tape) const {
  Cache& cache = tape.cache<Cache>();
  const std::size_t n = in.samples(), positions = convolution_.out_height() * convolution_.out_width();
  const std::size_t d = convolution_.weights().tail().elements(), pixels = convolution_.in().elements();
  cache.patches.resize({n * positions, d});
  cache.answers.resize({n * positions, convolution_.filters});
  const Patches patches(convolution_);
  cache.padded.resize({patches.size()});
  std::ranges::fill(cache.padded.flat(), T{0});
  const T *x = in.dense().data(), *image = cache.padded.data();
  T* rows = cache.patches.data();
  for (std::size_t sample = 0; sample < n; ++sample, x += pixels, rows += positions * d) {
    patches.each_line([&](std::size_t to, std::size_t from, std::size_t count) {
      std::copy_n(x + from, count, cache.padded.data() + to);
    });
    patches.each([&](std::size_t first, std::size_t row) {
      for (std::size_t k = 0; k < d; ++k) rows[row * d + k] = image[first + patches.offsets[k]];
    });
  }
  units_.forward(cache.patches.view(), n, in.support(), context, cache.units, cache.answers.view(), out.support());
  const View<T> y = out.make_dense(convolution_.out().with_leading(n));
  turn(cache.answers.data(), n, positions, convolution_.filters, y.data());
}

template <class T>
void FiniteGaussianConv2d<T>::backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                                       std::span<const View<T>> gradient) const {
  const Cache& cache = tape.cache<Cache>();
  const std::size_t n = out_gradient.samples(), positions = convolution_.out_height() * convolution_.out_width();
  const std::size_t d = convolution_.weights().tail().elements(), pixels = convolution_.in().elements();
  cache.slopes.resize(cache.answers.shape());
  turn(out_gradient.dense().data(), n, convolution_.filters, positions, cache.slopes.data());
  std::vector<T> unused;
  View<T> dpatches(nullptr, Shape{0});
  if (in_gradient) {
    cache.dpatches.resize(cache.patches.shape());
    dpatches = cache.dpatches.view();
  }
  units_.backward(std::as_const(cache.slopes).view(), out_gradient.support(), cache.units, gradient, dpatches,
                  in_gradient ? in_gradient->support() : unused);
  if (!in_gradient) return;
  const View<T> dx = in_gradient->make_dense(entry_.with_leading(n));
  const Patches patches(convolution_);
  T *to = dx.data(), *image = cache.padded.data();
  const T* rows = dpatches.data();
  for (std::size_t sample = 0; sample < n; ++sample, to += pixels, rows += positions * d) {
    std::ranges::fill(cache.padded.flat(), T{0});
    patches.each([&](std::size_t first, std::size_t row) {
      for (std::size_t k = 0; k < d; ++k) image[first + patches.offsets[k]] += rows[row * d + k];
    });
    patches.each_line(
        [&](std::size_t from, std::size_t at, std::size_t count) { std::copy_n(image + from, count, to + at); });
  }
}

template class FiniteGaussianConv2d<float>;
template class FiniteGaussianConv2d<double>;

void register_finite_gaussian_conv2d(Registry& registry) {
  const auto make = []<class T>(const FiniteGaussianConv2dParams& params, const Registry& parts) {
    return std::make_unique<FiniteGaussianConv2d<T>>(
        params, parts.make<Initialiser>("initialiser", params.initialiser, "initialiser"));
  };
  registry
      .add<FiniteGaussianConv2dParams>("layer", "finite_gaussian_conv2d",
                                       "Convolution whose units answer only to patches near their centres.")
      .makes<Layer<float>>(
          [=](const FiniteGaussianConv2dParams& p, const Registry& r) { return make.operator()<float>(p, r); })
      .makes<Layer<double>>(
          [=](const FiniteGaussianConv2dParams& p, const Registry& r) { return make.operator()<double>(p, r); });
}

}  // namespace neurarium
