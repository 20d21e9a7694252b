// Array and ArrayView: tensors whose element type is known at run time. They are what crosses the doors
// (files, NumPy, checkpoints, figures); inside, code asks once for View<T> and works on that.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "neurarium/core/tensor.hpp"

namespace neurarium {

enum class DType : std::uint8_t { boolean, u8, i8, u16, i16, u32, i32, u64, i64, f32, f64 };

std::size_t item_size(DType type) noexcept;
std::string_view name_of(DType type) noexcept;  ///< NumPy's word: "float64", "uint8", …
bool is_floating(DType type) noexcept;
/// "float32" | "float64"; anything else is a SpecError.
DType floating_dtype(std::string_view name);

template <class T>
constexpr DType dtype_of() noexcept {
  using U = std::remove_const_t<T>;
  if constexpr (std::is_same_v<U, bool>) return DType::boolean;
  else if constexpr (std::is_same_v<U, std::uint8_t>) return DType::u8;
  else if constexpr (std::is_same_v<U, std::int8_t>) return DType::i8;
  else if constexpr (std::is_same_v<U, std::uint16_t>) return DType::u16;
  else if constexpr (std::is_same_v<U, std::int16_t>) return DType::i16;
  else if constexpr (std::is_same_v<U, std::uint32_t>) return DType::u32;
  else if constexpr (std::is_same_v<U, std::int32_t>) return DType::i32;
  else if constexpr (std::is_same_v<U, std::uint64_t>) return DType::u64;
  else if constexpr (std::is_same_v<U, std::int64_t>) return DType::i64;
  else if constexpr (std::is_same_v<U, float>) return DType::f32;
  else if constexpr (std::is_same_v<U, double>) return DType::f64;
  else static_assert(sizeof(U) == 0, "not an element type of Array");
}

/// Calls `f.template operator()<T>()` with the C++ type of `type`.
template <class F>
decltype(auto) with_dtype(DType type, F&& f) {
  switch (type) {
    case DType::boolean: return f.template operator()<bool>();
    case DType::u8: return f.template operator()<std::uint8_t>();
    case DType::i8: return f.template operator()<std::int8_t>();
    case DType::u16: return f.template operator()<std::uint16_t>();
    case DType::i16: return f.template operator()<std::int16_t>();
    case DType::u32: return f.template operator()<std::uint32_t>();
    case DType::i32: return f.template operator()<std::int32_t>();
    case DType::u64: return f.template operator()<std::uint64_t>();
    case DType::i64: return f.template operator()<std::int64_t>();
    case DType::f32: return f.template operator()<float>();
    case DType::f64: return f.template operator()<double>();
  }
  throw InternalError("unknown dtype");
}

/// Calls `f.template operator()<T>()` with T = float or double.
template <class F>
decltype(auto) with_floating(DType type, F&& f) {
  if (type == DType::f32) return f.template operator()<float>();
  if (type == DType::f64) return f.template operator()<double>();
  throw InternalError("not a floating-point dtype");
}

/// Borrowed numbers of a run-time type. `Byte` is std::byte or const std::byte.
template <class Byte>
class BasicArrayView {
 public:
  BasicArrayView() = default;
  BasicArrayView(DType type, Shape shape, Byte* data) : type_(type), shape_(shape), data_(data) {}
  template <class T>
  requires(std::is_const_v<Byte> || !std::is_const_v<T>) BasicArrayView(View<T> view)
      : type_(dtype_of<T>()), shape_(view.shape()), data_(reinterpret_cast<Byte*>(view.data())) {}
  operator BasicArrayView<const std::byte>() const { return {type_, shape_, data_}; }

  DType dtype() const noexcept { return type_; }
  const Shape& shape() const noexcept { return shape_; }
  std::size_t size() const noexcept { return shape_.elements(); }
  std::size_t bytes() const noexcept { return size() * item_size(type_); }
  Byte* data() const noexcept { return data_; }
  bool empty() const noexcept { return size() == 0; }
  /// Entries [first, first + count) along the first axis.
  BasicArrayView rows(std::size_t first, std::size_t count) const {
    if (shape_.axes() == 0 || first > shape_[0] || count > shape_[0] - first)
      throw InternalError("rows " + std::to_string(first) + " … " + std::to_string(first + count) + " of " +
                          to_string(shape_));
    const Shape entry = shape_.tail();
    return {type_, entry.with_leading(count), data_ + first * entry.elements() * item_size(type_)};
  }
  /// As View<T>; the type must match exactly (a mismatch is our bug: convert first).
  template <class T>
  auto as() const {
    using U = std::conditional_t<std::is_const_v<Byte>, const T, T>;
    if (dtype_of<T>() != type_) throw InternalError("array is " + std::string(name_of(type_)));
    return View<U>(reinterpret_cast<U*>(data_), shape_);
  }

 private:
  DType type_ = DType::f32;
  Shape shape_{0};
  Byte* data_ = nullptr;
};
using ArrayView = BasicArrayView<const std::byte>;
using MutableArrayView = BasicArrayView<std::byte>;

/// Owned numbers of a run-time type; copies share nothing.
class Array {
 public:
  Array() = default;
  Array(DType type, Shape shape);
  explicit Array(ArrayView view);  ///< copies
  template <class T>
  explicit Array(const Tensor<T>& tensor) : Array(ArrayView(tensor.view())) {}

  DType dtype() const noexcept { return type_; }
  const Shape& shape() const noexcept { return shape_; }
  std::size_t size() const noexcept { return shape_.elements(); }
  bool empty() const noexcept { return size() == 0; }
  ArrayView view() const noexcept { return {type_, shape_, bytes_.data()}; }
  MutableArrayView view() noexcept { return {type_, shape_, bytes_.data()}; }
  operator ArrayView() const noexcept { return view(); }
  template <class T>
  View<const T> as() const {
    return view().as<T>();
  }
  template <class T>
  View<T> as() {
    return view().as<T>();
  }
  void reshape(const Shape& shape);

 private:
  DType type_ = DType::f32;
  Shape shape_{0};
  Tensor<std::byte> bytes_;
};

/// Element-wise conversion to `type` (static_cast semantics).
Array converted(ArrayView view, DType type);
/// Element-wise conversion into a tensor.
template <class T>
Tensor<T> to_tensor(ArrayView view) {
  Tensor<T> out(view.shape());
  with_dtype(view.dtype(), [&]<class S>() {
    const auto in = view.template as<S>().flat();
    for (std::size_t i = 0; i < in.size(); ++i) out.flat()[i] = static_cast<T>(in[i]);
  });
  return out;
}
/// x / divisor, divided in double and rounded to T: what models see of stored data.
template <class T>
void scale_into(ArrayView x, double divisor, std::span<T> out) {
  with_dtype(x.dtype(), [&]<class S>() {
    const auto in = x.template as<S>().flat();
    if (divisor == 1) {
      for (std::size_t i = 0; i < in.size(); ++i) out[i] = static_cast<T>(in[i]);
    } else if (std::is_same_v<S, std::uint8_t> && in.size() > 256) {  // few answers, asked for often
      std::array<T, 256> answers;
      for (std::size_t byte = 0; byte < 256; ++byte)
        answers[byte] = static_cast<T>(static_cast<double>(byte) / divisor);
      for (std::size_t i = 0; i < in.size(); ++i) out[i] = answers[static_cast<std::uint8_t>(in[i])];
    } else {
      for (std::size_t i = 0; i < in.size(); ++i) out[i] = static_cast<T>(static_cast<double>(in[i]) / divisor);
    }
  });
}
Array scaled(ArrayView x, double divisor, DType type);
/// [Σ n, entry…] from at least one array [n, entry…], one after the other.
Array joined_rows(std::span<const Array> parts);
/// Index of the first NaN or infinity, or size() when all are finite.
std::size_t first_non_finite(ArrayView view) noexcept;

/// Arrays with names, in declared order.
using NamedArrays = std::vector<std::pair<std::string, Array>>;

}  // namespace neurarium
