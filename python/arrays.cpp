#include "arrays.hpp"

#include <array>
#include <vector>

namespace neurarium::python {
namespace {

py::dtype dtype_for(DType type) { return py::dtype(std::string(name_of(type))); }

/// The engine's word for a NumPy type, if it has one for exactly these bytes.
std::optional<DType> engine_type(const py::dtype& type) {
  const char order = type.byteorder();
  if (order == '>') return std::nullopt;
  const auto size = type.itemsize();
  constexpr std::array unsigned_types{DType::u8, DType::u16, DType::u32, DType::u64};
  constexpr std::array signed_types{DType::i8, DType::i16, DType::i32, DType::i64};
  const std::size_t place = size == 1 ? 0 : size == 2 ? 1 : size == 4 ? 2 : 3;
  switch (type.kind()) {
    case 'b': return DType::boolean;
    case 'u': return unsigned_types[place];
    case 'i': return signed_types[place];
    case 'f':
      if (size == 4) return DType::f32;
      if (size == 8) return DType::f64;
      return std::nullopt;
    default: return std::nullopt;
  }
}

/// What to convert to when the bytes can't be taken as they are: the same kind of number.
DType nearest_type(const py::dtype& type) {
  if (type.kind() == 'f') return type.itemsize() <= 4 ? DType::f32 : DType::f64;
  return engine_type(type.attr("newbyteorder")("=").cast<py::dtype>()).value_or(DType::f64);
}

std::vector<py::ssize_t> extents_of(const Shape& shape) { return {shape.begin(), shape.end()}; }

}  // namespace

Borrowed borrow(const py::handle& object, const std::string& what, std::optional<DType> wanted) {
  const py::module_ numpy = py::module_::import("numpy");
  py::array array = numpy.attr("asarray")(object);
  const char kind = array.dtype().kind();
  if (kind != 'b' && kind != 'u' && kind != 'i' && kind != 'f')
    throw py::type_error(what + ": expected an array of numbers, found dtype " +
                         py::str(array.dtype()).cast<std::string>());
  if (array.ndim() > static_cast<py::ssize_t>(Shape::max_axes))
    throw ShapeError(what, "at most " + std::to_string(Shape::max_axes) + " axes",
                     std::to_string(array.ndim()) + " axes");
  std::optional<DType> type = engine_type(array.dtype());
  constexpr int as_we_read = int{py::array::c_style} | py::detail::npy_api::NPY_ARRAY_ALIGNED_;
  const bool contiguous = (array.flags() & as_we_read) == as_we_read;
  if (!type || !contiguous || (wanted && *type != *wanted)) {
    type = wanted ? *wanted : type.value_or(nearest_type(array.dtype()));
    array = numpy.attr("array")(array, dtype_for(*type), py::arg("order") = "C");
  }
  std::vector<std::size_t> extents(array.shape(), array.shape() + array.ndim());
  return {array, ArrayView(*type, Shape(extents), static_cast<const std::byte*>(array.data()))};
}

Borrowed borrow_labels(const py::handle& y, ArrayView x) {
  Borrowed labels = borrow(y, "y");
  if (is_floating(labels.view.dtype()))
    throw DataError("y", "holds floating-point numbers", "give labels: whole numbers 0, 1, 2 …, one for each sample");
  labels = borrow(labels.owner, "y", DType::i64);
  if (const Shape expected{x.shape()[0]}; labels.view.shape() != expected)
    throw ShapeError("y", to_string(expected) + ", a label for each sample of x", to_string(labels.view.shape()));
  return labels;
}

void require_finite(ArrayView x) {
  if (const std::size_t bad = first_non_finite(x); bad < x.size())
    throw DataError("x",
                    "sample " + std::to_string(bad / (x.size() / x.shape()[0])) + " has a number that is not finite");
}

py::array to_numpy(Array&& array) {
  auto owned = std::make_unique<Array>(std::move(array));
  std::byte* data = owned->view().data();
  const DType type = owned->dtype();
  const auto extents = extents_of(owned->shape());
  const py::capsule owner(owned.release(), [](void* p) { delete static_cast<Array*>(p); });
  return py::array(dtype_for(type), extents, {}, data, owner);
}

py::array numpy_view(MutableArrayView numbers, const py::handle& owner) {
  return py::array(dtype_for(numbers.dtype()), extents_of(numbers.shape()), {}, numbers.data(), owner);
}

py::array numpy_view(std::shared_ptr<const Array> array) {
  const Array& numbers = *array;
  const py::capsule owner(new std::shared_ptr<const Array>(std::move(array)),
                          [](void* p) { delete static_cast<std::shared_ptr<const Array>*>(p); });
  py::array view(dtype_for(numbers.dtype()), extents_of(numbers.shape()), {}, numbers.view().data(), owner);
  view.attr("setflags")(py::arg("write") = false);
  return view;
}

}  // namespace neurarium::python
