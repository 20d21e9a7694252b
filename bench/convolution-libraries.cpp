// Which library convolves: our kernels (neurarium/kernels/convolution.hpp) beside oneDNN's convolution as it is best used:
// every memory in the format that the primitive asks for ("any": blocked by channels), reordered beforehand, primitives
// made beforehand. One thread each, in turns, medians over rounds. Both sides must come to the same numbers first.
//
//   ninja -C build/dev convolution_libraries && build/dev/bench/convolution_libraries [--rounds N]
//
// Counted is what the equation needs: 2 · filters · channels · kernel² · positions operations per sample and function.
#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <unordered_map>
#include <vector>

#include "neurarium/core/array.hpp"
#include "neurarium/core/rng.hpp"
#include "neurarium/kernels/convolution.hpp"

namespace {

using neurarium::Shape;
using neurarium::Tensor;
using neurarium::kernels::Convolution;
using Clock = std::chrono::steady_clock;

Tensor<float> random_numbers(const Shape& shape, const char* name) {
  Tensor<double> x(shape);
  neurarium::fill_uniform(neurarium::Stream(1, name), {}, -1, 1, x.flat());
  return neurarium::to_tensor<float>(x.view());
}

/// [n, a] → [a, n]: the samples side by side, as our kernels have them.
Tensor<float> side_by_side(const Tensor<float>& x) {
  const std::size_t n = x.shape()[0], size = x.size() / n;
  const Shape entry = x.shape().tail();
  Tensor<float> y(Shape{entry[0], entry[1], entry[2], n});
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < size; ++j) y.data()[j * n + i] = x.data()[i * size + j];
  return y;
}

double seconds_of(const std::function<void()>& once, double at_least) {
  std::size_t times = 1;
  for (;;) {
    const auto start = Clock::now();
    for (std::size_t i = 0; i < times; ++i) once();
    const double took = std::chrono::duration<double>(Clock::now() - start).count();
    if (took >= at_least) return took / static_cast<double>(times);
    times *= 2;
  }
}

double median(std::vector<double> x) {
  std::ranges::sort(x);
  return x[x.size() / 2];
}

/// One of the three functions on both sides, ready to run.
struct Contest {
  std::string name, format;
  std::function<void()> ours, theirs;
  std::function<double()> difference;  ///< largest |a − b| / largest |b|, after both have run
};

class OneDnn {
 public:
  OneDnn() : engine_(dnnl::engine::kind::cpu, 0), stream_(engine_) {}

  static dnnl::memory::desc desc(const Shape& shape, dnnl::memory::format_tag tag) {
    dnnl::memory::dims dims;
    for (std::size_t i = 0; i < shape.axes(); ++i) dims.push_back(static_cast<dnnl::memory::dim>(shape[i]));
    return {dims, dnnl::memory::data_type::f32, tag};
  }
  /// `numbers` (nchw or oihw) in the wanted format.
  dnnl::memory in_format(const Tensor<float>& numbers, const dnnl::memory::desc& wanted) {
    dnnl::memory plain(desc(numbers.shape(), dnnl::memory::format_tag::abcd), engine_,
                       const_cast<float*>(numbers.data()));
    dnnl::memory made(wanted, engine_);
    dnnl::reorder(plain, made).execute(stream_, plain, made);
    stream_.wait();
    return made;
  }
  Tensor<float> plain(dnnl::memory from, const Shape& shape) {
    Tensor<float> numbers(shape);
    dnnl::memory to(desc(shape, dnnl::memory::format_tag::abcd), engine_, numbers.data());
    dnnl::reorder(from, to).execute(stream_, from, to);
    stream_.wait();
    return numbers;
  }
  const dnnl::engine& engine() const { return engine_; }
  dnnl::stream& stream() { return stream_; }

 private:
  dnnl::engine engine_;
  dnnl::stream stream_;
};

double largest_difference(const Tensor<float>& a, const Tensor<float>& b) {
  double difference = 0, scale = 0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    difference = std::max(difference, std::abs(static_cast<double>(a.data()[i]) - b.data()[i]));
    scale = std::max(scale, std::abs(static_cast<double>(b.data()[i])));
  }
  return difference / scale;
}

/// What both sides work on, for one convolution and number of samples.
struct Bout {
  Bout(const Convolution& g, std::size_t n)
      : shape(g),
        samples(n),
        x(random_numbers(g.in().with_leading(n), "x")),
        w(random_numbers(g.weights(), "w")),
        dy(random_numbers(g.out().with_leading(n), "dy")),
        our_x(side_by_side(x)),
        our_dy(side_by_side(dy)),
        our_y(our_dy.shape()),
        our_dx(our_x.shape()),
        our_dw(w.shape()) {}

  double operations() const {
    return 2.0 * static_cast<double>(w.size() * shape.out_height() * shape.out_width() * samples);
  }

  std::vector<Contest> contests(OneDnn& dnn) {
    using namespace dnnl;
    using Tag = memory::format_tag;
    const auto any = [](const Tensor<float>& t) { return OneDnn::desc(t.shape(), Tag::any); };
    const memory::dims strides{1, 1}, none{0, 0};
    const auto algorithm = dnnl::algorithm::convolution_direct;
    const convolution_forward::primitive_desc forward(
        {prop_kind::forward_training, algorithm, any(x), any(w), any(dy), strides, none, none}, dnn.engine());
    const convolution_backward_data::primitive_desc to_input({algorithm, any(x), any(w), any(dy), strides, none, none},
                                                             dnn.engine(), forward);
    const convolution_backward_weights::primitive_desc to_weights(
        {algorithm, any(x), any(w), any(dy), strides, none, none}, dnn.engine(), forward);
    const auto run = [&dnn](const primitive& p, std::unordered_map<int, memory> arguments) {
      return [&dnn, p, arguments = std::move(arguments)] {
        p.execute(dnn.stream(), arguments);
        dnn.stream().wait();
      };
    };
    const memory y(forward.dst_desc(), dnn.engine()), dx(to_input.diff_src_desc(), dnn.engine()),
        dw(to_weights.diff_weights_desc(), dnn.engine());
    return {
        {"forward", forward.impl_info_str(),
         [this] {
           neurarium::kernels::convolve<float>(shape, our_x.view(), w.view(), {}, false, scratch, our_y.view());
         },
         run(convolution_forward(forward), {{DNNL_ARG_SRC, dnn.in_format(x, forward.src_desc())},
                                            {DNNL_ARG_WEIGHTS, dnn.in_format(w, forward.weights_desc())},
                                            {DNNL_ARG_DST, y}}),
         [this, &dnn, y] { return largest_difference(our_y, side_by_side(dnn.plain(y, dy.shape()))); }},
        {"to the input", to_input.impl_info_str(),
         [this] {
           neurarium::kernels::convolve_to_input<float>(shape, our_dy.view(), w.view(), scratch, our_dx.view());
         },
         run(convolution_backward_data(to_input), {{DNNL_ARG_DIFF_DST, dnn.in_format(dy, to_input.diff_dst_desc())},
                                                   {DNNL_ARG_WEIGHTS, dnn.in_format(w, to_input.weights_desc())},
                                                   {DNNL_ARG_DIFF_SRC, dx}}),
         [this, &dnn, dx] { return largest_difference(our_dx, side_by_side(dnn.plain(dx, x.shape()))); }},
        {"to the weights", to_weights.impl_info_str(),
         [this] { neurarium::kernels::convolve_to_weights<float>(shape, our_x.view(), our_dy.view(), our_dw.view()); },
         run(convolution_backward_weights(to_weights),
             {{DNNL_ARG_SRC, dnn.in_format(x, to_weights.src_desc())},
              {DNNL_ARG_DIFF_DST, dnn.in_format(dy, to_weights.diff_dst_desc())},
              {DNNL_ARG_DIFF_WEIGHTS, dw}}),
         [this, &dnn, dw] { return largest_difference(our_dw, dnn.plain(dw, w.shape())); }},
    };
  }

  Convolution shape;
  std::size_t samples;
  Tensor<float> x, w, dy, our_x, our_dy, our_y, our_dx, our_dw, scratch;
};

/// Prints one row per function; false if the two sides disagree.
bool compare(const Convolution& g, std::size_t samples, int rounds, OneDnn& dnn) {
  Bout bout(g, samples);
  for (const Contest& contest : bout.contests(dnn)) {
    contest.ours();
    contest.theirs();
    const double difference = contest.difference();
    if (!(difference < 1e-4)) {
      std::fprintf(stderr, "%s: the two sides are %.1e apart\n", contest.name.c_str(), difference);
      return false;
    }
    std::vector<double> ours, theirs, ratios;
    for (int round = 0; round < rounds; ++round) {
      const double mine = seconds_of(contest.ours, 0.01), other = seconds_of(contest.theirs, 0.01);
      ours.push_back(bout.operations() / mine / 1e9);
      theirs.push_back(bout.operations() / other / 1e9);
      ratios.push_back(other / mine);
    }
    const std::string what = std::to_string(g.channels) + "→" + std::to_string(g.filters) + ", " +
                             std::to_string(g.kernel_height) + "×" + std::to_string(g.kernel_width) + " on " +
                             std::to_string(g.height) + "×" + std::to_string(g.width);
    std::printf("| %s | %zu | %s | %.0f | %.0f | %.2f × | %s | %.0e |\n", what.c_str(), samples, contest.name.c_str(),
                median(ours), median(theirs), median(ratios), contest.format.c_str(), difference);
    std::fflush(stdout);
  }
  return true;
}

}  // namespace

int main(int count, char** words) {
  int rounds = 15;
  if (count == 3 && std::strcmp(words[1], "--rounds") == 0) rounds = std::atoi(words[2]);
  else if (count != 1) rounds = 0;
  if (rounds < 1) return std::fprintf(stderr, "usage: convolution_libraries [--rounds N]\n"), 2;
  omp_set_num_threads(1);
  try {
    OneDnn dnn;
    const dnnl_version_t* version = dnnl_version();
    std::printf("oneDNN %d.%d.%d, one thread, float32, medians over %d rounds\n\n", version->major, version->minor,
                version->patch, rounds);
    std::puts(
        "| convolution | samples | function | ours, GFLOP/s | oneDNN, GFLOP/s | ratio | oneDNN's kernel | apart |");
    std::puts("|---|---|---|---|---|---|---|---|");
    // The second layer of the classic network, and its first, whose one channel fills no vector.
    for (const Convolution& g : {Convolution{20, 12, 12, 50, 5, 5}, Convolution{1, 28, 28, 20, 5, 5}})
      for (const std::size_t samples : {32, 64})
        if (!compare(g, samples, rounds, dnn)) return 1;
  } catch (const std::exception& error) {
    return std::fprintf(stderr, "convolution_libraries: %s\n", error.what()), 1;
  }
  return 0;
}
