#include "errors.hpp"

#include <pybind11/pybind11.h>

#include "neurarium/core/errors.hpp"

namespace neurarium::python {
namespace {

namespace py = pybind11;

void raise(const char* name, const std::exception& error, const py::dict& fields = {}) {
  const py::object type = py::module_::import("neurarium.errors").attr(name);
  const py::object instance = type(py::str(error.what()), **fields);
  PyErr_SetObject(type.ptr(), instance.ptr());
}

py::list faults_of(const SpecError& error) {
  const py::object fault_type = py::module_::import("neurarium.errors").attr("Fault");
  py::list faults;
  for (const Fault& fault : error.faults())
    faults.append(
        fault_type(fault.key, fault.what, fault.mend, fault.where.source, fault.where.line, fault.where.column));
  return faults;
}

void translate(std::exception_ptr pointer) {
  using namespace py::literals;
  try {
    if (pointer) std::rethrow_exception(pointer);
  } catch (const SpecError& e) {
    raise("SpecError", e, py::dict("faults"_a = faults_of(e)));
  } catch (const ShapeError& e) {
    raise("ShapeError", e, py::dict("where"_a = e.where(), "expected"_a = e.expected(), "found"_a = e.found()));
  } catch (const DataError& e) {
    const py::object offset =
        e.offset() == DataError::no_offset ? py::object(py::none()) : py::object(py::int_(e.offset()));
    raise("DataError", e, py::dict("file"_a = e.file(), "offset"_a = offset));
  } catch (const NumericError& e) {
    raise("NumericError", e, py::dict("where"_a = e.where(), "step"_a = e.step(), "index"_a = e.first_bad_index()));
  } catch (const ResumeError& e) {
    raise("ResumeError", e);
  } catch (const Interrupted& e) {
    raise("Interrupted", e);
  } catch (const Error& e) {
    raise("NeurariumError", e);
  } catch (const InternalError& e) {
    raise("InternalError", e);
  }
}

}  // namespace

void register_errors() { py::register_exception_translator(&translate); }

}  // namespace neurarium::python
