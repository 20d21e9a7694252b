#include "neurarium/models/topographic_map/sweep.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "neurarium/models/topographic_map/sweep.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// after highway.h
#include "neurarium/kernels/logistic-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace neurarium::topographic::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Vectors of at most one cache line; `per_line` of them make a line.
template <class T>
using Tag = hn::CappedTag<T, line<T>>;
template <class T>
using Vec = hn::Vec<Tag<T>>;
template <class T>
inline constexpr std::size_t lanes = hn::MaxLanes(Tag<T>());

// The first `count` numbers of p; what lies behind them may belong to another thread and is not touched. Where masked access
// might touch it, or wants alignment (SSE4 and older), the numbers go through a buffer.
template <class T>
HWY_INLINE Vec<T> load_first(const T* p, std::size_t count) {
  const Tag<T> tag;
  if (count >= lanes<T>) return hn::LoadU(tag, p);
#if HWY_MEM_OPS_MIGHT_FAULT
  HWY_ALIGN T buffer[lanes<T>] = {};
  std::copy(p, p + count, buffer);
  return hn::Load(tag, buffer);
#else
  return hn::MaskedLoad(hn::FirstN(tag, count), tag, p);
#endif
}

// ── Pass A: update a block of 4 units from the last sample, and multiply it with this one ───────────────────────────

// The four sums over lanes of s0 … s3, side by side.
template <class T>
HWY_INLINE void store_sums(Vec<T> s0, Vec<T> s1, Vec<T> s2, Vec<T> s3, T* HWY_RESTRICT out) {
  const Tag<T> tag;
#if HWY_TARGET == HWY_SCALAR
  hn::Store(s0, tag, out);
  hn::Store(s1, tag, out + 1);
  hn::Store(s2, tag, out + 2);
  hn::Store(s3, tag, out + 3);
#else
  // In each group of 128 bits: sums of pairs, side by side.
  const auto s01 = hn::Add(hn::InterleaveLower(tag, s0, s1), hn::InterleaveUpper(tag, s0, s1));
  const auto s23 = hn::Add(hn::InterleaveLower(tag, s2, s3), hn::InterleaveUpper(tag, s2, s3));
  HWY_ALIGN T group[2 * lanes<T>];
  if constexpr (sizeof(T) == 4) {
    const hn::Repartition<double, Tag<T>> pairs;
    const auto a = hn::BitCast(pairs, s01), b = hn::BitCast(pairs, s23);
    const auto sums =
        hn::Add(hn::BitCast(tag, hn::InterleaveLower(pairs, a, b)), hn::BitCast(tag, hn::InterleaveUpper(pairs, a, b)));
    const hn::CappedTag<T, 4> four;
    hn::Store(sums, tag, group);
    auto sum = hn::Load(four, group);
    for (std::size_t i = 4; i < lanes<T>; i += 4) sum = hn::Add(sum, hn::Load(four, group + i));
    hn::StoreU(sum, four, out);
  } else {
    const hn::CappedTag<T, 2> two;
    hn::Store(s01, tag, group);
    hn::Store(s23, tag, group + lanes<T>);
    auto low = hn::Load(two, group), high = hn::Load(two, group + lanes<T>);
    for (std::size_t i = 2; i < lanes<T>; i += 2) {
      low = hn::Add(low, hn::Load(two, group + i));
      high = hn::Add(high, hn::Load(two, group + lanes<T> + i));
    }
    hn::StoreU(low, two, out);
    hn::StoreU(high, two, out + 2);
  }
#endif
}

// What a unit's weights go through besides the product: nothing, the update, the update with a bound on growth, and
// clipping of small weights after it.
enum class Change { none, update, bounded };

template <Change change, bool clip, class T>
HWY_INLINE void update_block(T* HWY_RESTRICT w, std::size_t numbers, const T* HWY_RESTRICT gain,
                             const T* HWY_RESTRICT q, const T* HWY_RESTRICT v, T largest_growth, T smallest_weight,
                             T* HWY_RESTRICT drive) {
  const Tag<T> tag;
  using V = Vec<T>;
  const V one = hn::Set(tag, T{1}), bound = hn::Set(tag, largest_growth), smallest = hn::Set(tag, smallest_weight);
  const V g0 = hn::Set(tag, gain[0]), g1 = hn::Set(tag, gain[1]), g2 = hn::Set(tag, gain[2]),
          g3 = hn::Set(tag, gain[3]);
  V s0 = hn::Zero(tag), s1 = s0, s2 = s0, s3 = s0;
  const auto unit = [&](T* p, V g, V qq, V vv, V& s) HWY_ATTR {
    V x = hn::Load(tag, p);
    if constexpr (change != Change::none) {
      V growth = hn::Mul(g, qq);
      if constexpr (change == Change::bounded) growth = hn::Min(growth, bound);
      // No MulAdd: where adders stand beside the multipliers (Zen), the separate sum is free and the pass is 10 % faster.
      x = hn::Mul(x, hn::Add(growth, one));
    }
    if constexpr (clip) x = hn::IfThenElseZero(hn::Gt(x, smallest), x);
    if constexpr (clip || change != Change::none) hn::Store(x, tag, p);
    s = hn::MulAdd(x, vv, s);
  };
  for (std::size_t j = 0; j < numbers; j += line<T>, w += block * line<T>) {
    for (std::size_t i = 0; i < line<T>; i += lanes<T>) {
      const V qq = hn::Load(tag, q + j + i), vv = hn::Load(tag, v + j + i);
      unit(w + i, g0, qq, vv, s0);
      unit(w + line<T> + i, g1, qq, vv, s1);
      unit(w + 2 * line<T> + i, g2, qq, vv, s2);
      unit(w + 3 * line<T> + i, g3, qq, vv, s3);
    }
  }
  store_sums<T>(s0, s1, s2, s3, drive);
}

// ── Pass B: r += o₀ w₀ + o₁ w₁ + … in ascending order of units ──────────────────────────────────────────────────────

template <class T>
HWY_INLINE void add_block(const T* HWY_RESTRICT w, std::size_t numbers, const T* HWY_RESTRICT o, T* HWY_RESTRICT r) {
  const Tag<T> tag;
  const Vec<T> o0 = hn::Set(tag, o[0]), o1 = hn::Set(tag, o[1]), o2 = hn::Set(tag, o[2]), o3 = hn::Set(tag, o[3]);
  for (std::size_t j = 0; j < numbers; j += line<T>, w += block * line<T>) {
    for (std::size_t i = 0; i < line<T>; i += lanes<T>) {
      auto sum = hn::MulAdd(hn::Load(tag, w + i), o0, hn::Load(tag, r + j + i));
      sum = hn::MulAdd(hn::Load(tag, w + line<T> + i), o1, sum);
      sum = hn::MulAdd(hn::Load(tag, w + 2 * line<T> + i), o2, sum);
      sum = hn::MulAdd(hn::Load(tag, w + 3 * line<T> + i), o3, sum);
      hn::Store(sum, tag, r + j + i);
    }
  }
}

// ── Between the passes: p, lateral excitation, o, thresholds ────────────────────────────────────────────────────────

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

// ── The loop, as one thread sees it ─────────────────────────────────────────────────────────────────────────────────

template <class T>
class Sweep {
 public:
  Sweep(Work<T>& work, std::size_t thread, std::size_t threads, Barrier& barrier)
      : work_(work),
        rule_(work.rule),
        own_(work.own[thread]),
        barrier_(barrier),
        lateral_(work.rule, work.planes),
        numbers_(work.lines * line<T>),
        units_(rule_.rows * rule_.columns),
        blocks_((units_ + block - 1) / block) {
    const std::size_t chunks = work.plan.chunks.size();
    rows_ = {work.plan.chunks[chunks * thread / threads].first,
             work.plan.chunks[chunks * (thread + 1) / threads - 1].end};
    // Rows whose excitation comes from this thread's rows alone can be answered without waiting for the others.
    early_ = {rows_.first > 0 ? rows_.first + work.plan.edge : 0,
              rows_.end < rule_.rows ? rows_.end - work.plan.edge : rule_.rows};
  }

  void run(const Samples& samples, NonFinite& failure, bool reports) {
    const std::size_t count = samples.x.shape()[0];
    own_.direction.fill(0);
    set_code_to_zero();
    // The first pass A only multiplies. Where weights are clipped at every sample, it clips them too.
    bool clip = rule_.clip_every == 1;
    for (std::size_t i = 0; i < count; ++i) {
      turn_ = i % 2;
      load(samples, i);
      pass_a_and_early_rows(clip);
      barrier_.wait();  // row_sums of the neighbouring threads are there
      answer({rows_.first, early_.first});
      answer({early_.end, rows_.end});
      barrier_.wait();  // the sums over all bands are there
      if (const std::size_t bad = find_direction(); bad < work_.inputs) {
        if (reports) failure = {true, i, bad};
        return;  // all threads see the same numbers, so all return
      }
      first_pass_ = false;
      clip = (samples.first_step + i) % rule_.clip_every == 0;
    }
    update_rows(rows_, clip);
  }

 private:
  T* parts() { return work_.parts.data() + turn_ * work_.plan.bands.size() * numbers_; }

  void set_code_to_zero() {
    T* code = work_.code.data();
    std::fill(code + rows_.first * rule_.columns, code + rows_.end * rule_.columns, T{0});
  }

  void load(const Samples& samples, std::size_t i) {
    T* v = own_.input.data();
    const std::size_t inputs = work_.inputs;
    if (samples.x.dtype() == DType::u8 && static_cast<double>(static_cast<T>(samples.divisor)) == samples.divisor) {
      // Byte and divisor are exact in T, so the quotient is rounded as scale_into rounds it.
      const Tag<T> tag;
      const hn::Rebind<std::uint8_t, Tag<T>> of_bytes;
      const hn::Rebind<std::int32_t, Tag<T>> of_ints;
      const auto divisor = hn::Set(tag, static_cast<T>(samples.divisor));
      const std::uint8_t* bytes = samples.x.as<std::uint8_t>().data() + i * inputs;
      std::size_t j = 0;
      for (; j + lanes<T> <= inputs; j += lanes<T>) {
        const auto numbers = hn::PromoteTo(of_ints, hn::LoadU(of_bytes, bytes + j));
        if constexpr (sizeof(T) == 4) hn::Store(hn::Div(hn::ConvertTo(tag, numbers), divisor), tag, v + j);
        else hn::Store(hn::Div(hn::PromoteTo(tag, numbers), divisor), tag, v + j);
      }
      for (; j < inputs; ++j) v[j] = static_cast<T>(bytes[j]) / static_cast<T>(samples.divisor);
    } else {
      scale_into(samples.x.rows(i, 1), samples.divisor, own_.input.flat().first(inputs));
    }
  }

  void pass_a_and_early_rows(bool clip) {
    updated_ = rows_.first * rule_.columns / block;
    if (!work_.plan.wave) {
      update_through(rows_.end - 1, clip);
      excite(rows_);
      for (std::size_t y = rows_.first; y < rows_.end; ++y) lateral_.sum_along_row(y);
      answer(early_);
      return;
    }
    RowRange responded{early_.first, early_.first};
    for (std::size_t y = rows_.first; y < rows_.end; ++y) {
      update_through(y, clip);
      excite({y, y + 1});
      lateral_.sum_along_row(y);
      const std::size_t known = y + 1 == rule_.rows ? y + 1 : y + 1 - std::min(y + 1, rule_.radius);
      responded = {responded.end, std::max(responded.end, std::min(early_.end, known))};
      respond(responded);
      add_to_reconstruction(responded);
    }
  }

  void update_rows(RowRange rows, bool clip) {
    updated_ = rows.first * rule_.columns / block;
    update_through(rows.end - 1, clip);
  }

  // Pass A over the blocks up to the last unit of row y.
  void update_through(std::size_t y, bool clip) {
    const std::size_t end = ((y + 1) * rule_.columns + block - 1) / block;
    const bool bounded = rule_.largest_growth < std::numeric_limits<T>::infinity();
    // A weight that did not change since it was last clipped need not be clipped again.
    if (rule_.activity_floor > 0 && (!clip || (rule_.clip_every == 1 && !first_pass_)))
      bounded ? choose_clip<Change::bounded, true>(end, clip) : choose_clip<Change::update, true>(end, clip);
    else bounded ? choose_clip<Change::bounded, false>(end, clip) : choose_clip<Change::update, false>(end, clip);
  }
  template <Change change, bool may_skip>
  void choose_clip(std::size_t end, bool clip) {
    clip ? update<change, true, may_skip>(end) : update<change, false, may_skip>(end);
  }

  template <Change change, bool clip, bool may_skip>
  void update(std::size_t end) {
    const T* code = work_.code.data();
    T* drive = work_.drive.data();
    T* weights = work_.weights.data();
    const T* q = own_.direction.data();
    const T* v = own_.input.data();
    const T rate = rule_.learning_rate, growth = rule_.largest_growth, smallest = rule_.precision;
    const std::size_t numbers = numbers_;
    for (std::size_t b = updated_; b < end; ++b) {
      const T* o = code + b * block;
      const T gain[block] = {rate * o[0], rate * o[1], rate * o[2], rate * o[3]};
      T* w = weights + b * block * numbers;
      if (may_skip && all_zero(o))
        update_block<Change::none, false>(w, numbers, gain, q, v, growth, smallest, drive + b * block);
      else update_block<change, clip>(w, numbers, gain, q, v, growth, smallest, drive + b * block);
    }
    updated_ = std::max(updated_, end);
  }

  static bool all_zero(const T* o) { return o[0] == 0 && o[1] == 0 && o[2] == 0 && o[3] == 0; }

  void excite(RowRange rows) {
    lateral_.excite(rows, work_.drive.data(), work_.thresholds.data(), own_.of_units.data());
  }

  // o and thresholds of these rows, and their share of r.
  void answer(RowRange rows) {
    respond(rows);
    add_to_reconstruction(rows);
  }

  void respond(RowRange rows) {
    const Tag<T> tag;
    T* input = own_.of_units.data();
    lateral_.sum_across_rows(rows, work_.drive.data(), input);
    T* thresholds = work_.thresholds.data();
    T* code = work_.code.data();
    const auto wanted = hn::Set(tag, rule_.sparsity), rate = hn::Set(tag, rule_.threshold_rate),
               floor = hn::Set(tag, rule_.activity_floor);
    const std::size_t end = rows.end * rule_.columns;
    std::size_t n = rows.first * rule_.columns;
    for (; n + lanes<T> <= end; n += lanes<T>) {
      const auto t = hn::LoadU(tag, thresholds + n);
      const auto o = logistic<T>(hn::Sub(hn::LoadU(tag, input + n), t));
      hn::StoreU(hn::MulAdd(hn::Sub(o, wanted), rate, t), tag, thresholds + n);
      hn::StoreU(hn::IfThenElseZero(hn::Gt(o, floor), o), tag, code + n);
    }
    if (n < end) {  // another thread's units may follow
      HWY_ALIGN T new_t[lanes<T>], new_code[lanes<T>];
      const auto t = load_first(thresholds + n, end - n);
      const auto o = logistic<T>(hn::Sub(hn::LoadU(tag, input + n), t));
      hn::Store(hn::MulAdd(hn::Sub(o, wanted), rate, t), tag, new_t);
      hn::Store(hn::IfThenElseZero(hn::Gt(o, floor), o), tag, new_code);
      std::copy(new_t, new_t + (end - n), thresholds + n);
      std::copy(new_code, new_code + (end - n), code + n);
    }
  }

  // Pass B over the blocks of these rows, band by band; a block that reaches into the next row waits for it.
  void add_to_reconstruction(RowRange rows) {
    for (std::size_t y = rows.first; y < rows.end;) {
      const std::vector<RowRange>& bands = work_.plan.bands;
      if (y < bands[band_].first || y >= bands[band_].end)
        for (band_ = 0; y >= bands[band_].end;) ++band_;
      T* r = parts() + band_ * numbers_;
      if (y == bands[band_].first) {
        std::fill(r, r + numbers_, T{0});
        added_ = y * rule_.columns / block;
      }
      y = std::min(rows.end, bands[band_].end);
      add_through(y == rule_.rows ? blocks_ : y * rule_.columns / block, r);
    }
  }
  void add_through(std::size_t end, T* r) {
    const bool may_skip = rule_.activity_floor > 0;
    const T* code = work_.code.data();
    const T* weights = work_.weights.data();
    const std::size_t numbers = numbers_;
    for (std::size_t b = added_; b < end; ++b)
      if (!may_skip || !all_zero(code + b * block))
        add_block(weights + b * block * numbers, numbers, code + b * block, r);
    added_ = std::max(added_, end);
  }

  // q = (v − r) / max(r, ε) with r the sum of the bands; the first index where r is not finite, or `inputs`.
  std::size_t find_direction() {
    const Tag<T> tag;
    const std::size_t bands = work_.plan.bands.size();
    const T* bands_of_r = parts();
    const T* v = own_.input.data();
    T* q = own_.direction.data();
    const auto smallest = hn::Set(tag, rule_.precision);
    auto finite = hn::Eq(smallest, smallest);
    for (std::size_t j = 0; j < numbers_; j += lanes<T>) {
      auto r = hn::Load(tag, bands_of_r + j);
      for (std::size_t k = 1; k < bands; ++k) r = hn::Add(r, hn::Load(tag, bands_of_r + k * numbers_ + j));
      finite = hn::And(finite, hn::IsFinite(r));
      hn::Store(hn::Div(hn::Sub(hn::Load(tag, v + j), r), hn::Max(r, smallest)), tag, q + j);
    }
    if (hn::AllTrue(tag, finite)) return work_.inputs;
    for (std::size_t j = 0; j < work_.inputs; ++j) {
      T r = bands_of_r[j];
      for (std::size_t k = 1; k < bands; ++k) r += bands_of_r[k * numbers_ + j];
      if (!std::isfinite(r)) return j;
    }
    return 0;
  }

  Work<T>& work_;
  const Rule<T>& rule_;
  typename Work<T>::Own& own_;
  Barrier& barrier_;
  Lateral<T> lateral_;
  const std::size_t numbers_, units_, blocks_;
  RowRange rows_, early_;
  std::size_t updated_ = 0, added_ = 0, band_ = 0, turn_ = 0;
  bool first_pass_ = true;
};

void learn_f32(Work<float>& work, const Samples& samples, std::size_t thread, std::size_t threads, Barrier& barrier,
               NonFinite& failure) {
  Sweep<float>(work, thread, threads, barrier).run(samples, failure, thread == 0);
}
template <class T>
void respond(const Rule<T>& rule, const T* thresholds, const T* drive, std::size_t images, T* p, T* o) {
  const Tag<T> tag;
  const std::size_t units = rule.rows * rule.columns;
  Planes<T> planes(rule);
  Lateral<T> lateral(rule, planes);
  const Shape padded{units + line<T>};
  Tensor<T> t(padded), a(padded), active(padded);
  std::copy(thresholds, thresholds + units, t.data());
  for (std::size_t i = 0; i < images; ++i, drive += units, p += units, o += units) {
    std::copy(drive, drive + units, a.data());
    lateral.excite({0, rule.rows}, a.data(), t.data(), active.data());
    std::copy(active.data(), active.data() + units, p);
    for (std::size_t y = 0; y < rule.rows; ++y) lateral.sum_along_row(y);
    lateral.sum_across_rows({0, rule.rows}, a.data(), active.data());
    for (std::size_t n = 0; n < units; n += lanes<T>)
      hn::Store(logistic<T>(hn::Sub(hn::Load(tag, active.data() + n), hn::Load(tag, t.data() + n))), tag,
                active.data() + n);
    std::copy(active.data(), active.data() + units, o);
  }
}

void respond_f32(const Rule<float>& rule, const float* thresholds, const float* drive, std::size_t images, float* p,
                 float* o) {
  respond(rule, thresholds, drive, images, p, o);
}
void respond_f64(const Rule<double>& rule, const double* thresholds, const double* drive, std::size_t images, double* p,
                 double* o) {
  respond(rule, thresholds, drive, images, p, o);
}

void learn_f64(Work<double>& work, const Samples& samples, std::size_t thread, std::size_t threads, Barrier& barrier,
               NonFinite& failure) {
  Sweep<double>(work, thread, threads, barrier).run(samples, failure, thread == 0);
}

}  // namespace neurarium::topographic::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace neurarium::topographic {
HWY_EXPORT(learn_f32);
HWY_EXPORT(learn_f64);
HWY_EXPORT(respond_f32);
HWY_EXPORT(respond_f64);

template <class T>
void learn(Work<T>& work, const Samples& samples, std::size_t thread, std::size_t threads, Barrier& barrier,
           NonFinite& failure) {
  if constexpr (std::is_same_v<T, float>)
    HWY_DYNAMIC_DISPATCH(learn_f32)(work, samples, thread, threads, barrier, failure);
  else HWY_DYNAMIC_DISPATCH(learn_f64)(work, samples, thread, threads, barrier, failure);
}
template <class T>
void respond(const Rule<T>& rule, View<const T> thresholds, View<const T> drive, View<T> p, View<T> o) {
  const std::size_t images = drive.shape()[0];
  if constexpr (std::is_same_v<T, float>)
    HWY_DYNAMIC_DISPATCH(respond_f32)(rule, thresholds.data(), drive.data(), images, p.data(), o.data());
  else HWY_DYNAMIC_DISPATCH(respond_f64)(rule, thresholds.data(), drive.data(), images, p.data(), o.data());
}

template void learn<float>(Work<float>&, const Samples&, std::size_t, std::size_t, Barrier&, NonFinite&);
template void learn<double>(Work<double>&, const Samples&, std::size_t, std::size_t, Barrier&, NonFinite&);
template void respond<float>(const Rule<float>&, View<const float>, View<const float>, View<float>, View<float>);
template void respond<double>(const Rule<double>&, View<const double>, View<const double>, View<double>, View<double>);

}  // namespace neurarium::topographic
#endif  // HWY_ONCE
