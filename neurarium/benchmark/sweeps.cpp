#include "neurarium/benchmark/sweeps.hpp"

#include <atomic>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "neurarium/benchmark/sweeps.cpp"
#include <hwy/foreach_target.h>
// after foreach_target.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace neurarium::sweeps::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// GCC's -O3 would interleave the sweeps of a loop (unroll and jam), and load once what two of them need.
HWY_INLINE void one_sweep_after_the_other() { std::atomic_signal_fence(std::memory_order_seq_cst); }

// Named accumulators throughout: an array of vectors would be kept in memory. `n` is a multiple of eight vectors.
template <class T>
double read_all(const T* HWY_RESTRICT p, std::size_t n, std::size_t repeats) {
  const hn::ScalableTag<T> tag;
  const std::size_t lanes = hn::Lanes(tag);
  auto s0 = hn::Zero(tag), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
  for (std::size_t r = 0; r < repeats; ++r) {
    one_sweep_after_the_other();
    for (std::size_t i = 0; i < n; i += 8 * lanes) {
      s0 = hn::Add(s0, hn::Load(tag, p + i));
      s1 = hn::Add(s1, hn::Load(tag, p + i + lanes));
      s2 = hn::Add(s2, hn::Load(tag, p + i + 2 * lanes));
      s3 = hn::Add(s3, hn::Load(tag, p + i + 3 * lanes));
      s4 = hn::Add(s4, hn::Load(tag, p + i + 4 * lanes));
      s5 = hn::Add(s5, hn::Load(tag, p + i + 5 * lanes));
      s6 = hn::Add(s6, hn::Load(tag, p + i + 6 * lanes));
      s7 = hn::Add(s7, hn::Load(tag, p + i + 7 * lanes));
    }
  }
  const auto sum = hn::Add(hn::Add(hn::Add(s0, s1), hn::Add(s2, s3)), hn::Add(hn::Add(s4, s5), hn::Add(s6, s7)));
  return static_cast<double>(hn::GetLane(hn::SumOfLanes(tag, sum)));
}

template <class T>
void update_all(T* HWY_RESTRICT p, std::size_t n, std::size_t repeats, T factor) {
  const hn::ScalableTag<T> tag;
  const std::size_t lanes = hn::Lanes(tag);
  const auto c = hn::Set(tag, factor);
  for (std::size_t r = 0; r < repeats; ++r) {
    one_sweep_after_the_other();
    for (std::size_t i = 0; i < n; i += 4 * lanes) {
      const auto x0 = hn::Load(tag, p + i), x1 = hn::Load(tag, p + i + lanes), x2 = hn::Load(tag, p + i + 2 * lanes),
                 x3 = hn::Load(tag, p + i + 3 * lanes);
      hn::Store(hn::Mul(x0, c), tag, p + i);
      hn::Store(hn::Mul(x1, c), tag, p + i + lanes);
      hn::Store(hn::Mul(x2, c), tag, p + i + 2 * lanes);
      hn::Store(hn::Mul(x3, c), tag, p + i + 3 * lanes);
    }
  }
}

// 10 chains hide the latency of a multiply-add; returns how many numbers that were. Each starts elsewhere: of chains
// that are equal from the start the compiler computes one.
template <class T>
double multiply_add_all(std::size_t repeats, T factor, double* sink) {
  const hn::ScalableTag<T> tag;
  const auto c = hn::Set(tag, factor), one = hn::Set(tag, T{1});
  const auto start = [&](int chain) { return hn::Set(tag, static_cast<T>(chain)); };
  auto s0 = start(0), s1 = start(1), s2 = start(2), s3 = start(3), s4 = start(4), s5 = start(5), s6 = start(6),
       s7 = start(7), s8 = start(8), s9 = start(9);
  for (std::size_t r = 0; r < repeats; ++r) {
    s0 = hn::MulAdd(s0, c, one);
    s1 = hn::MulAdd(s1, c, one);
    s2 = hn::MulAdd(s2, c, one);
    s3 = hn::MulAdd(s3, c, one);
    s4 = hn::MulAdd(s4, c, one);
    s5 = hn::MulAdd(s5, c, one);
    s6 = hn::MulAdd(s6, c, one);
    s7 = hn::MulAdd(s7, c, one);
    s8 = hn::MulAdd(s8, c, one);
    s9 = hn::MulAdd(s9, c, one);
  }
  const auto sum = hn::Add(
      hn::Add(hn::Add(hn::Add(s0, s1), hn::Add(s2, s3)), hn::Add(hn::Add(s4, s5), hn::Add(s6, s7))), hn::Add(s8, s9));
  *sink = static_cast<double>(hn::GetLane(hn::SumOfLanes(tag, sum)));
  return static_cast<double>(repeats) * 10 * static_cast<double>(hn::Lanes(tag));
}

double read_f32(const float* p, std::size_t n, std::size_t repeats) { return read_all(p, n, repeats); }
double read_f64(const double* p, std::size_t n, std::size_t repeats) { return read_all(p, n, repeats); }
void update_f32(float* p, std::size_t n, std::size_t repeats, float c) { update_all(p, n, repeats, c); }
void update_f64(double* p, std::size_t n, std::size_t repeats, double c) { update_all(p, n, repeats, c); }
double multiply_add_f32(std::size_t repeats, float c, double* sink) { return multiply_add_all(repeats, c, sink); }
double multiply_add_f64(std::size_t repeats, double c, double* sink) { return multiply_add_all(repeats, c, sink); }
std::size_t vector_bytes() { return hn::Lanes(hn::ScalableTag<std::uint8_t>()); }

}  // namespace neurarium::sweeps::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <algorithm>
#include <chrono>

namespace neurarium {
namespace sweeps {
HWY_EXPORT(read_f32);
HWY_EXPORT(read_f64);
HWY_EXPORT(update_f32);
HWY_EXPORT(update_f64);
HWY_EXPORT(multiply_add_f32);
HWY_EXPORT(multiply_add_f64);
HWY_EXPORT(vector_bytes);
}  // namespace sweeps

namespace {

/// Bytes per thread: whole rounds of eight vectors.
std::size_t part_bytes(std::size_t bytes, int threads) {
  using namespace sweeps;
  const std::size_t unit = 8 * HWY_DYNAMIC_DISPATCH(vector_bytes)();
  const std::size_t part = bytes / static_cast<std::size_t>(threads) / unit * unit;
  return std::max(part, unit);
}

}  // namespace

Sweeps::Sweeps(std::size_t bytes, DType scalar, int threads)
    : scalar_(scalar),
      buffer_(Shape{part_bytes(bytes, std::max(1, threads)) * static_cast<std::size_t>(std::max(1, threads))}),
      pool_(std::max(1, threads)),
      sinks_(static_cast<std::size_t>(std::max(1, threads)) * 16) {  // a cache line or two apart
  with_floating(scalar_, [&]<class T>() {
    T* p = reinterpret_cast<T*>(buffer_.data());
    for (std::size_t i = 0; i < buffer_.size() / sizeof(T); ++i) p[i] = T{1};
  });
}

/// once(thread, repeats), repeated until it lasts; `work` is what all threads do in one repeat.
template <class Once>
double Sweeps::rate(double work, double seconds, const Once& once) {
  using Clock = std::chrono::steady_clock;
  const auto timed = [&](std::size_t repeats) {
    const auto start = Clock::now();
    pool_.run(static_cast<std::size_t>(pool_.threads()), [&](std::size_t thread) { once(thread, repeats); });
    return std::max(1e-9, std::chrono::duration<double>(Clock::now() - start).count());
  };
  std::size_t repeats = 1;
  for (double last = timed(repeats); last < seconds; last = timed(repeats)) {
    // The first short tries also bring the buffer into the caches.
    const double more = std::clamp(1.1 * seconds / last, 2.0, 16.0);
    if (last * more > 1.5 * seconds && last > 0.25 * seconds) {
      repeats = static_cast<std::size_t>(static_cast<double>(repeats) * 1.1 * seconds / last) + 1;
      break;
    }
    repeats = static_cast<std::size_t>(static_cast<double>(repeats) * more) + 1;
  }
  return work * static_cast<double>(repeats) / timed(repeats);
}

double Sweeps::read(double seconds) {
  using namespace sweeps;
  return rate(static_cast<double>(buffer_.size()), seconds, [&](std::size_t thread, std::size_t repeats) {
    const std::size_t part = buffer_.size() / static_cast<std::size_t>(pool_.threads());
    const std::byte* p = buffer_.data() + thread * part;
    sinks_[thread * 16] =
        scalar_ == DType::f32
            ? HWY_DYNAMIC_DISPATCH(read_f32)(reinterpret_cast<const float*>(p), part / sizeof(float), repeats)
            : HWY_DYNAMIC_DISPATCH(read_f64)(reinterpret_cast<const double*>(p), part / sizeof(double), repeats);
  });
}

double Sweeps::update(double seconds) {
  using namespace sweeps;
  return rate(static_cast<double>(buffer_.size()), seconds, [&](std::size_t thread, std::size_t repeats) {
    const std::size_t part = buffer_.size() / static_cast<std::size_t>(pool_.threads());
    std::byte* p = buffer_.data() + thread * part;
    if (scalar_ == DType::f32)
      HWY_DYNAMIC_DISPATCH(update_f32)(reinterpret_cast<float*>(p), part / sizeof(float), repeats, 1.0F);
    else HWY_DYNAMIC_DISPATCH(update_f64)(reinterpret_cast<double*>(p), part / sizeof(double), repeats, 1.0);
  });
}

double Sweeps::multiply_adds(double seconds) {
  using namespace sweeps;
  constexpr std::size_t block = 1000;
  double numbers = 0;  // per block and thread, known after the first call
  const auto once = [&](std::size_t thread, std::size_t repeats) {
    double* sink = &sinks_[thread * 16];
    const double done = scalar_ == DType::f32 ? HWY_DYNAMIC_DISPATCH(multiply_add_f32)(block * repeats, 0.5F, sink)
                                              : HWY_DYNAMIC_DISPATCH(multiply_add_f64)(block * repeats, 0.5, sink);
    if (thread == 0) numbers = done / static_cast<double>(repeats);
  };
  const double blocks = rate(static_cast<double>(pool_.threads()), seconds, once);
  return blocks * numbers;
}

}  // namespace neurarium
#endif  // HWY_ONCE
