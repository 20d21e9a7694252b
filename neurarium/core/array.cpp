#include "neurarium/core/array.hpp"

#include <algorithm>
#include <cmath>

namespace neurarium {

std::size_t item_size(DType type) noexcept {
  switch (type) {
    case DType::boolean:
    case DType::u8:
    case DType::i8: return 1;
    case DType::u16:
    case DType::i16: return 2;
    case DType::u32:
    case DType::i32:
    case DType::f32: return 4;
    default: return 8;
  }
}

std::string_view name_of(DType type) noexcept {
  constexpr std::string_view names[] = {"bool",  "uint8",  "int8",  "uint16",  "int16",  "uint32",
                                        "int32", "uint64", "int64", "float32", "float64"};
  return names[static_cast<std::size_t>(type)];
}

bool is_floating(DType type) noexcept { return type == DType::f32 || type == DType::f64; }

DType floating_dtype(std::string_view name) {
  if (name == "float32") return DType::f32;
  if (name == "float64") return DType::f64;
  throw SpecError("scalar type '" + std::string(name) + "' is not known", "use float32 or float64");
}

Array::Array(DType type, Shape shape) : type_(type), shape_(shape), bytes_(Shape{shape.elements() * item_size(type)}) {}

Array::Array(ArrayView view) : Array(view.dtype(), view.shape()) {
  if (view.bytes() > 0) std::memcpy(bytes_.data(), view.data(), view.bytes());
}

void Array::reshape(const Shape& shape) {
  if (shape.elements() != size()) throw ShapeError("reshape", to_string(shape), to_string(shape_));
  shape_ = shape;
}

Array converted(ArrayView view, DType type) {
  Array out(type, view.shape());
  with_dtype(type, [&]<class T>() {
    with_dtype(view.dtype(), [&]<class S>() {
      const auto from = view.template as<S>().flat();
      const auto to = out.template as<T>().flat();
      for (std::size_t i = 0; i < from.size(); ++i) to[i] = static_cast<T>(from[i]);
    });
  });
  return out;
}

Array scaled(ArrayView x, double divisor, DType type) {
  Array out(type, x.shape());
  with_floating(type, [&]<class T>() { scale_into(x, divisor, out.as<T>().flat()); });
  return out;
}

Array joined_rows(std::span<const Array> parts) {
  std::size_t rows = 0;
  for (const Array& part : parts) {
    if (part.dtype() != parts[0].dtype() || part.shape().tail() != parts[0].shape().tail())
      throw InternalError("rows of different kinds can't be joined");
    rows += part.shape()[0];
  }
  Array all(parts[0].dtype(), parts[0].shape().tail().with_leading(rows));
  std::byte* to = all.view().data();
  for (const Array& part : parts) {
    if (part.view().bytes() > 0) std::memcpy(to, part.view().data(), part.view().bytes());
    to += part.view().bytes();
  }
  return all;
}

std::size_t first_non_finite(ArrayView view) noexcept {
  if (!is_floating(view.dtype())) return view.size();
  return with_floating(view.dtype(), [&]<class T>() -> std::size_t {
    const auto numbers = view.template as<T>().flat();
    const auto is_bad = [](T x) { return !std::isfinite(x); };
    auto from = numbers.begin();
    for (constexpr std::ptrdiff_t block = 1024; numbers.end() - from > block; from += block) {
      unsigned found = 0;  // without a way out of the loop, the compiler takes many numbers at a time
      for (std::ptrdiff_t i = 0; i < block; ++i) found |= is_bad(from[i]);
      if (found) break;
    }
    const auto bad = std::find_if(from, numbers.end(), is_bad);
    return static_cast<std::size_t>(bad - numbers.begin());
  });
}

}  // namespace neurarium
