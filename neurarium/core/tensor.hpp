// Shape, View, Tensor: row-major numbers with at most five axes.
// A View borrows, a Tensor owns (64-byte aligned, value semantics). No strides, no broadcasting, no lazy
// expressions: what a loop touches is what it says.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

#include "neurarium/core/errors.hpp"

namespace neurarium {

/// Extents of at most five axes. An empty shape is a scalar (one element).
class Shape {
 public:
  static constexpr std::size_t max_axes = 5;
  /// No machine holds more; so sizes in bytes can't overflow.
  static constexpr std::size_t most_elements = std::size_t{1} << 48;
  Shape() = default;
  Shape(std::initializer_list<std::size_t> extents) : Shape(std::span(extents.begin(), extents.size())) {}
  explicit Shape(std::span<const std::size_t> extents) {
    if (extents.size() > max_axes)
      throw ShapeError("shape", "at most 5 axes", std::to_string(extents.size()) + " axes");
    for (std::size_t extent : extents) extents_[axes_++] = extent;
    std::size_t product = 1;
    for (std::size_t extent : extents)
      if (__builtin_mul_overflow(product, extent, &product) || product > most_elements)
        throw ShapeError("shape", "at most 2^48 elements", to_text());
  }
  std::size_t axes() const noexcept { return axes_; }
  std::size_t operator[](std::size_t axis) const noexcept { return extents_[axis]; }
  std::size_t elements() const noexcept {
    std::size_t product = 1;
    for (std::size_t i = 0; i < axes_; ++i) product *= extents_[i];
    return product;
  }
  /// The shape of one entry along the first axis.
  Shape tail() const { return Shape(std::span(extents_.data() + 1, axes_ - 1)); }
  /// This shape behind a new first axis.
  Shape with_leading(std::size_t extent) const {
    std::array<std::size_t, max_axes + 1> all{extent};
    for (std::size_t i = 0; i < axes_; ++i) all[i + 1] = extents_[i];
    return Shape(std::span(all.data(), axes_ + 1));
  }
  /// This shape before a new last axis.
  Shape with_trailing(std::size_t extent) const {
    std::array<std::size_t, max_axes + 1> all{};
    for (std::size_t i = 0; i < axes_; ++i) all[i] = extents_[i];
    all[axes_] = extent;
    return Shape(std::span(all.data(), axes_ + 1));
  }
  const std::size_t* begin() const noexcept { return extents_.data(); }
  const std::size_t* end() const noexcept { return extents_.data() + axes_; }
  /// "[4, 2]"
  std::string to_text() const {
    std::string text = "[";
    for (std::size_t i = 0; i < axes_; ++i) text += (i ? ", " : "") + std::to_string(extents_[i]);
    return text + "]";
  }
  friend bool operator==(const Shape& a, const Shape& b) noexcept {
    if (a.axes_ != b.axes_) return false;
    for (std::size_t i = 0; i < a.axes_; ++i)
      if (a.extents_[i] != b.extents_[i]) return false;
    return true;
  }

 private:
  std::array<std::size_t, max_axes> extents_{};
  std::size_t axes_ = 0;
};

inline std::string to_string(const Shape& shape) { return shape.to_text(); }

/// Borrowed row-major numbers. `View<const T>` reads only. The owner must outlive the view.
template <class T>
class View {
 public:
  View() = default;
  View(T* data, Shape shape) : data_(data), shape_(shape) {}
  template <class U>
  requires std::is_same_v<const U, T> View(const View<U>& other) : data_(other.data()), shape_(other.shape()) {}

  const Shape& shape() const noexcept { return shape_; }
  std::size_t size() const noexcept { return shape_.elements(); }
  T* data() const noexcept { return data_; }
  std::span<T> flat() const noexcept { return {data_, size()}; }

  template <class... Index>
  T& operator()(Index... index) const noexcept {
    std::size_t offset = 0, axis = 0;
    ((offset = offset * shape_[axis++] + static_cast<std::size_t>(index)), ...);
    return data_[offset];
  }
  /// Entry i along the first axis.
  View operator[](std::size_t i) const {
    const Shape entry = shape_.tail();
    return {data_ + i * entry.elements(), entry};
  }
  /// Entries [first, first + count) along the first axis.
  View rows(std::size_t first, std::size_t count) const {
    const Shape entry = shape_.tail();
    return {data_ + first * entry.elements(), entry.with_leading(count)};
  }
  View reshaped(const Shape& shape) const {
    if (shape.elements() != size()) throw ShapeError("reshape", to_string(shape), to_string(shape_));
    return {data_, shape};
  }

 private:
  T* data_ = nullptr;
  Shape shape_{0};
};

/// Owned, 64-byte aligned, zero-initialised numbers. Copies copy, moves move.
template <class T>
class Tensor {
 public:
  Tensor() = default;
  explicit Tensor(Shape shape) : shape_(shape), capacity_(shape.elements()), data_(allocate(capacity_)) {}
  Tensor(const Tensor& other) : Tensor(other.shape_) { copy_from(other); }
  Tensor(Tensor&& other) noexcept { swap(other); }
  Tensor& operator=(const Tensor& other) {
    if (this != &other) {
      resize(other.shape_);
      copy_from(other);
    }
    return *this;
  }
  Tensor& operator=(Tensor&& other) noexcept {
    swap(other);
    return *this;
  }

  const Shape& shape() const noexcept { return shape_; }
  std::size_t size() const noexcept { return shape_.elements(); }
  T* data() noexcept { return data_.get(); }
  const T* data() const noexcept { return data_.get(); }
  View<T> view() noexcept { return {data(), shape_}; }
  View<const T> view() const noexcept { return {data(), shape_}; }
  std::span<T> flat() noexcept { return {data(), size()}; }
  std::span<const T> flat() const noexcept { return {data(), size()}; }
  template <class... Index>
  T& operator()(Index... index) noexcept {
    return view()(index...);
  }
  template <class... Index>
  const T& operator()(Index... index) const noexcept {
    return view()(index...);
  }

  /// New shape; the numbers are kept only if the element count does not grow beyond what was ever held.
  void resize(const Shape& shape) {
    if (shape.elements() > capacity_) *this = Tensor(shape);
    shape_ = shape;
  }
  void fill(T value) {
    for (T& x : flat()) x = value;
  }

 private:
  struct Free {
    void operator()(T* p) const noexcept { ::operator delete[](p, std::align_val_t{64}); }
  };
  using Buffer = std::unique_ptr<T[], Free>;
  static Buffer allocate(std::size_t count) {
    static_assert(std::is_trivially_copyable_v<T>);
    T* p = nullptr;
    try {
      p = static_cast<T*>(::operator new[](count * sizeof(T) + 1, std::align_val_t{64}));
    } catch (const std::bad_alloc&) {
      throw Error("not enough memory for " + std::to_string(count) + " numbers (" +
                  std::to_string(count * sizeof(T) >> 20) + " MiB); make the model or the batch smaller");
    }
    std::memset(static_cast<void*>(p), 0, count * sizeof(T));
    return Buffer(p);
  }
  void copy_from(const Tensor& other) {
    if (size() > 0) std::memcpy(data_.get(), other.data_.get(), size() * sizeof(T));
  }
  void swap(Tensor& other) noexcept {
    std::swap(shape_, other.shape_);
    std::swap(capacity_, other.capacity_);
    data_.swap(other.data_);
  }
  Shape shape_{0};
  std::size_t capacity_ = 0;
  Buffer data_;
};

}  // namespace neurarium
