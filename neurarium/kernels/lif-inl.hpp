// What the two ways through the dynamics share, forward and backward, for kernels that are compiled once per instruction set
// (Highway's way: this file is included again for each, so it has no include guard of the usual kind).
#if defined(NEURARIUM_KERNELS_LIF_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef NEURARIUM_KERNELS_LIF_INL
#undef NEURARIUM_KERNELS_LIF_INL
#else
#define NEURARIUM_KERNELS_LIF_INL
#endif

#include <hwy/highway.h>

#include "neurarium/kernels/events-inl.hpp"
#include "neurarium/kernels/lif.hpp"

HWY_BEFORE_NAMESPACE();
namespace neurarium::kernels::HWY_NAMESPACE {

/// v after a step that left u before the reset, with this threshold.
template <class Tag, class T, class V, class M>
HWY_INLINE V membrane_after(Tag, const LifUnits<T>& units, V limit, V u, M fired) {
  namespace hn = hwy::HWY_NAMESPACE;
  if (units.reset == Reset::zero) return hn::IfThenZeroElse(fired, u);
  if (units.reset == Reset::none) return u;
  return hn::IfThenElse(fired, hn::Sub(u, limit), u);
}

/// part.operator()<K, plain>(from) for the vectors of units, two at a time while there are two; plain: they are nothing but membranes,
/// and no more is wanted of them.
template <class T, class Part>
HWY_INLINE void each_part(const LifUnits<T>& units, bool more, const Part& part) {
  const std::size_t lanes = hwy::HWY_NAMESPACE::Lanes(hwy::HWY_NAMESPACE::ScalableTag<T>());
  const bool plain =
      !more && !units.synapse_decay && !units.adaptation_decay && !(units.refractory > 0) && !units.threshold_noise;
  std::size_t at = 0;
  for (; at + 2 * lanes <= units.width; at += 2 * lanes)
    if (plain) part.template operator()<2, true>(at);
    else part.template operator()<2, false>(at);
  for (; at < units.width; at += lanes)
    if (plain) part.template operator()<1, true>(at);
    else part.template operator()<1, false>(at);
}

}  // namespace neurarium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
