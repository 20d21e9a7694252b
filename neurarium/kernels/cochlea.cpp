#include "neurarium/kernels/cochlea.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "neurarium/kernels/cochlea.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <bit>
#include <limits>

HWY_BEFORE_NAMESPACE();
namespace neurarium::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::CappedTag<float, 16>;

/// The places from `first` on that a vector holds; those behind the last one are copies of it, and stay unheard.
void hear_some(const HairCells& cells, const float* HWY_RESTRICT sound, std::size_t samples, std::size_t first,
               std::vector<PlaceSpike>& spikes) {
  const Floats tag;
  const std::size_t here = std::min(hn::Lanes(tag), cells.gain.size() - first);
  const auto load = [&](const std::vector<float>& all) {
    HWY_ALIGN float lane[16];
    for (std::size_t i = 0; i < hn::Lanes(tag); ++i) lane[i] = all[first + std::min(i, here - 1)];
    return hn::Load(tag, lane);
  };
  const auto a = load(cells.pole_re), b = load(cells.pole_im), gain = load(cells.gain);
  const auto set = [&](float x) { return hn::Set(tag, x); };
  const auto zero = hn::Zero(tag), one = set(1);
  const auto A = set(cells.A), B = set(cells.B), g = set(cells.g), fill = set(cells.y), lost = set(cells.l_and_r);
  const auto back = set(cells.r), again = set(cells.x), h = set(cells.h), alpha = set(cells.alpha);
  const auto threshold = set(cells.threshold), dead_time = set(cells.dead);
  auto re1 = zero, im1 = zero, re2 = zero, im2 = zero, re3 = zero, im3 = zero, re4 = zero, im4 = zero;
  auto q = set(cells.q), c = set(cells.c), w = set(cells.w), v = hn::Mul(h, c), dead = zero;
  for (std::size_t t = 0; t < samples; ++t) {
    const auto in = hn::Mul(gain, set(sound[t]));
    const auto turn = [&](auto& re, auto& im, auto more_re, auto more_im) {
      const auto next = hn::Add(hn::Sub(hn::Mul(a, re), hn::Mul(b, im)), more_re);
      im = hn::Add(hn::Add(hn::Mul(a, im), hn::Mul(b, re)), more_im);
      re = next;
    };
    turn(re1, im1, in, zero);
    turn(re2, im2, hn::Mul(gain, re1), hn::Mul(gain, im1));
    turn(re3, im3, hn::Mul(gain, re2), hn::Mul(gain, im2));
    turn(re4, im4, hn::Mul(gain, re3), hn::Mul(gain, im3));

    const auto open = hn::Max(hn::Add(re4, A), zero);
    const auto k = hn::Div(hn::Mul(g, open), hn::Add(open, B));
    const auto eject = hn::Mul(k, q), process = hn::Mul(again, w), take = hn::Mul(back, c);
    q = hn::Add(hn::Add(q, hn::Sub(hn::Mul(fill, hn::Sub(one, q)), eject)), process);
    w = hn::Add(w, hn::Sub(take, process));
    c = hn::Add(c, hn::Sub(eject, hn::Mul(lost, c)));

    v = hn::Add(v, hn::Mul(alpha, hn::Sub(hn::Mul(h, c), v)));
    v = hn::IfThenZeroElse(hn::Gt(dead, zero), v);
    const auto fired = hn::Gt(v, threshold);
    dead = hn::Sub(dead, one);
    if (HWY_UNLIKELY(!hn::AllFalse(tag, fired))) {
      v = hn::IfThenZeroElse(fired, v);
      dead = hn::IfThenElse(fired, dead_time, dead);
      std::uint8_t bytes[8] = {};
      hn::StoreMaskBits(tag, fired, bytes);
      unsigned bits = (bytes[0] | unsigned{bytes[1]} << 8) & ((1u << here) - 1);
      for (; bits != 0; bits &= bits - 1)
        spikes.push_back({static_cast<std::uint32_t>(t),
                          static_cast<std::uint32_t>(first + static_cast<std::size_t>(std::countr_zero(bits)))});
    }
  }
}

void hear_all(const HairCells& cells, const float* sound, std::size_t samples, std::vector<PlaceSpike>& spikes) {
  for (std::size_t first = 0; first < cells.gain.size(); first += hn::Lanes(Floats()))
    hear_some(cells, sound, samples, first, spikes);
}

}  // namespace neurarium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "neurarium/core/errors.hpp"

namespace neurarium::kernels {
HWY_EXPORT(hear_all);

void hear(const HairCells& cells, std::span<const float> sound, std::vector<PlaceSpike>& spikes) {
  if (cells.pole_re.size() != cells.gain.size() || cells.pole_im.size() != cells.gain.size())
    throw ShapeError("hear", std::to_string(cells.gain.size()) + " poles", std::to_string(cells.pole_re.size()));
  if (sound.size() > std::numeric_limits<std::uint32_t>::max())
    throw ShapeError("hear", "at most 4294967295 samples", std::to_string(sound.size()));
  const std::size_t before = spikes.size();
  HWY_DYNAMIC_DISPATCH(hear_all)(cells, sound.data(), sound.size(), spikes);
  std::sort(spikes.begin() + static_cast<std::ptrdiff_t>(before), spikes.end(),
            [](const PlaceSpike& a, const PlaceSpike& b) {
              return a.sample != b.sample ? a.sample < b.sample : a.place < b.place;
            });
}

PlaceTrace hear_at(const HairCells& cells, std::span<const float> sound, std::size_t place) {
  PlaceTrace trace;
  const float a = cells.pole_re.at(place), b = cells.pole_im.at(place), gain = cells.gain.at(place);
  float re[4] = {}, im[4] = {}, q = cells.q, c = cells.c, w = cells.w, v = cells.h * cells.c, dead = 0;
  for (std::size_t t = 0; t < sound.size(); ++t) {
    float more_re = gain * sound[t], more_im = 0;
    for (int k = 0; k < 4; ++k) {
      const float next = a * re[k] - b * im[k] + more_re;
      im[k] = a * im[k] + b * re[k] + more_im;
      re[k] = next;
      more_re = gain * re[k], more_im = gain * im[k];
    }
    const float open = std::max(re[3] + cells.A, 0.0f), k = cells.g * open / (open + cells.B);
    const float eject = k * q, process = cells.x * w, take = cells.r * c;
    q = q + (cells.y * (1 - q) - eject) + process;
    w = w + (take - process);
    c = c + (eject - cells.l_and_r * c);
    v = v + cells.alpha * (cells.h * c - v);
    if (dead > 0) v = 0;
    trace.membrane.push_back(re[3]), trace.rate.push_back(cells.h * c), trace.potential.push_back(v);
    dead -= 1;
    if (v > cells.threshold) {
      trace.spikes.push_back(static_cast<std::uint32_t>(t));
      v = 0, dead = cells.dead;
    }
  }
  return trace;
}

}  // namespace neurarium::kernels
#endif  // HWY_ONCE
