// NumPy ↔ Array. Numbers cross this border without a copy wherever their bytes already lie as the engine needs them:
//   in    a C-contiguous array of a known type in the machine's byte order is borrowed; anything else (strided, Fortran order,
//         lists, float16, another type than the one asked for) is copied once
//   out   results hand their buffer over; parameters are views that keep their model alive
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <optional>
#include <string>

#include "neurarium/core/array.hpp"

namespace neurarium::python {

namespace py = pybind11;

/// Numbers of a Python object, and who owns them. Keep `owner` while `view` is in use.
struct Borrowed {
  py::array owner;
  ArrayView view;
};

/// `what` names the argument in messages. With `wanted`, the numbers come in that type. TypeError for what is no array of
/// numbers, ShapeError for more than five axes.
Borrowed borrow(const py::handle& object, const std::string& what, std::optional<DType> wanted = {});

/// Labels of the samples x: whole numbers [n], as int64. DataError for floating-point numbers, ShapeError for another number of them.
Borrowed borrow_labels(const py::handle& y, ArrayView x);

/// DataError unless all numbers of the samples x are finite.
void require_finite(ArrayView x);

/// The array's own buffer as a NumPy array.
py::array to_numpy(Array&& array);
/// Numbers that live in `owner`, for reading and writing.
py::array numpy_view(MutableArrayView numbers, const py::handle& owner);
/// A read-only NumPy array on a shared one.
py::array numpy_view(std::shared_ptr<const Array> array);

}  // namespace neurarium::python
