// What lies between the two passes: p, and the lateral excitation that it gives the units around. Compiled once per
// instruction set, as blocks-inl.hpp.
#if defined(NEURARIUM_TOPOGRAPHIC_MAP_LATERAL_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef NEURARIUM_TOPOGRAPHIC_MAP_LATERAL_INL
#undef NEURARIUM_TOPOGRAPHIC_MAP_LATERAL_INL
#else
#define NEURARIUM_TOPOGRAPHIC_MAP_LATERAL_INL
#endif

#include <hwy/highway.h>

#include <algorithm>

#include "neurarium/kernels/logistic-inl.hpp"
#include "neurarium/models/topographic_map/blocks-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace neurarium::topographic::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class T>
HWY_INLINE Vec<T> logistic(Vec<T> x) {
  return kernels::HWY_NAMESPACE::logistic(Tag<T>(), x);
}

template <class T>
class Lateral {
 public:
  Lateral(const Rule<T>& rule, Planes<T>& planes) : rule_(rule), planes_(planes) {}

  // p = σ(W v − t) of these rows, into p and into the plane of sources. p has a line to spare: what is written beyond the
  // last unit is never read.
  void excite(RowRange rows, const T* HWY_RESTRICT drive, const T* HWY_RESTRICT thresholds, T* HWY_RESTRICT p) {
    const Tag<T> tag;
    const std::size_t columns = rule_.columns, first = rows.first * columns, end = rows.end * columns;
    for (std::size_t n = first; n < end; n += lanes<T>)
      hn::StoreU(logistic<T>(hn::Sub(load_first(drive + n, end - n), load_first(thresholds + n, end - n))), tag, p + n);
    for (std::size_t y = rows.first; y < rows.end; ++y) {
      const std::size_t sources = y < rule_.source_rows ? rule_.source_columns : 0;
      T* plane = planes_.sources.data() + y * planes_.source_stride + rule_.radius;
      for (std::size_t x = 0; x < columns; x += lanes<T>) {
        const auto source = hn::FirstN(tag, sources > x ? sources - x : 0);
        hn::StoreU(hn::IfThenElseZero(source, hn::LoadU(tag, p + y * columns + x)), tag, plane + x);
      }
    }
  }

  // Sums of p over x − radius … x + radius.
  void sum_along_row(std::size_t y) {
    const Tag<T> tag;
    const std::size_t columns = rule_.columns, reach = 2 * rule_.radius;
    const T* p = planes_.sources.data() + y * planes_.source_stride;
    T* sums = planes_.row_sums.data() + (y + rule_.radius) * planes_.stride;
    for (std::size_t x = 0; x < columns; x += lanes<T>) {
      auto sum = hn::LoadU(tag, p + x);
      for (std::size_t i = 1; i <= reach; ++i) sum = hn::Add(sum, hn::LoadU(tag, p + x + i));
      hn::Store(sum, tag, sums + x);
    }
  }

  // W v + L p of these rows.
  void sum_across_rows(RowRange rows, const T* HWY_RESTRICT drive, T* HWY_RESTRICT input) {
    const Tag<T> tag;
    const std::size_t columns = rule_.columns, stride = planes_.stride, reach = 2 * rule_.radius;
    for (std::size_t y = rows.first; y < rows.end; ++y) {
      const T* p = planes_.sources.data() + y * planes_.source_stride + rule_.radius;
      const T* sums = planes_.row_sums.data() + y * stride;
      for (std::size_t x = 0; x < columns; x += lanes<T>) {
        auto lateral = hn::Load(tag, sums + x);
        for (std::size_t i = 1; i <= reach; ++i) lateral = hn::Add(lateral, hn::Load(tag, sums + i * stride + x));
        lateral = hn::Sub(lateral, hn::LoadU(tag, p + x));  // a unit does not excite itself
        // Beyond the row's end come the first units of the next row, which are written after this.
        hn::StoreU(hn::Add(hn::LoadU(tag, drive + y * columns + x), lateral), tag, input + y * columns + x);
      }
    }
  }

 private:
  const Rule<T>& rule_;
  Planes<T>& planes_;
};

}  // namespace neurarium::topographic::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
