#include "neurarium/models/topographic_map/passes.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "neurarium/models/topographic_map/passes.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// after highway.h
#include "neurarium/models/topographic_map/blocks-inl.hpp"
#include "neurarium/models/topographic_map/lateral-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace neurarium::topographic::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// The loop, as one thread sees it.
template <class T>
class Passes {
 public:
  Passes(Work<T>& work, std::size_t thread, std::size_t threads, Barrier& barrier)
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
  Passes<float>(work, thread, threads, barrier).run(samples, failure, thread == 0);
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
  Passes<double>(work, thread, threads, barrier).run(samples, failure, thread == 0);
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
