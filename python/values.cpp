#include "values.hpp"

#include "arrays.hpp"

namespace neurarium::python {
namespace {

constexpr int deepest = 100;

class Reader {
 public:
  explicit Reader(const std::string& source) : source_(source) {}

  Value read(const py::handle& object, const std::string& path, int depth) const {
    if (depth > deepest) throw py::value_error(where(path) + "more than " + std::to_string(deepest) + " levels");
    Value value = read_plain(object, path, depth);
    value.at_location({source_, 0, 0});
    return value;
  }

 private:
  std::string where(const std::string& path) const { return source_ + (path.empty() ? "" : ": " + path) + ": "; }

  Value read_plain(const py::handle& object, const std::string& path, int depth) const {
    if (object.is_none()) return {};
    if (py::isinstance<py::bool_>(object)) return object.cast<bool>();
    if (py::isinstance<py::int_>(object)) return read_integer(object, path);
    if (py::isinstance<py::float_>(object)) return object.cast<double>();
    if (py::isinstance<py::str>(object)) return object.cast<std::string>();
    if (py::isinstance<py::dict>(object)) {
      Value table = Value::table();
      for (const auto& [key, item] : py::reinterpret_borrow<py::dict>(object)) {
        if (!py::isinstance<py::str>(key))
          throw py::type_error(where(path) + "keys must be text, found " + py::repr(key).cast<std::string>());
        const auto name = key.cast<std::string>();
        table.set(name, read(item, path.empty() ? name : path + '.' + name, depth + 1));
      }
      return table;
    }
    if (py::isinstance<py::list>(object) || py::isinstance<py::tuple>(object)) {
      Value::List list;
      std::size_t i = 0;
      for (const py::handle item : object)
        list.push_back(read(item, path + '[' + std::to_string(i++) + ']', depth + 1));
      return list;
    }
    if (py::hasattr(object, "__fspath__")) return py::str(object.attr("__fspath__")()).cast<std::string>();
    if (py::hasattr(object, "ndim") && py::hasattr(object, "__array__")) return read_array(object, path, depth);
    if (py::hasattr(object, "__index__")) return read_integer(object, path);
    throw py::type_error(where(path) + "expected a number, text, list, dict or array, found " +
                         py::str(py::type::handle_of(object).attr("__name__")).cast<std::string>());
  }

  Value read_integer(const py::handle& object, const std::string& path) const {
    const long long number = PyLong_AsLongLong(object.ptr());  // asks __index__
    if (number == -1 && PyErr_Occurred()) {
      if (!PyErr_ExceptionMatches(PyExc_OverflowError)) throw py::error_already_set();
      PyErr_Clear();
      throw py::value_error(where(path) + "expected a whole number in [-2^63, 2^63), found " +
                            py::str(object).cast<std::string>());
    }
    return std::int64_t{number};
  }

  Value read_array(const py::handle& object, const std::string& path, int depth) const {
    if (object.attr("ndim").cast<int>() == 0) {
      const py::object item = object.attr("item")();
      if (py::hasattr(item, "ndim")) throw py::type_error(where(path) + "expected a plain number");
      return read(item, path, depth + 1);
    }
    return std::make_shared<const Array>(borrow(object, source_ + ": " + path).view);
  }

  const std::string& source_;
};

}  // namespace

Value to_value(const py::handle& object, const std::string& source) { return Reader(source).read(object, {}, 0); }

py::object to_python(const Value& value) {
  if (value.is_null()) return py::none();
  if (value.is_bool()) return py::bool_(value.as_bool());
  if (value.is_integer()) return py::int_(value.as_integer());
  if (value.is_number()) return py::float_(value.as_number());
  if (value.is_text()) return py::str(value.as_text());
  if (value.is_array()) return value.as_array() ? py::object(numpy_view(value.as_array())) : py::object(py::none());
  if (value.is_list()) {
    py::list list;
    for (const Value& item : value.as_list()) list.append(to_python(item));
    return list;
  }
  py::dict table;
  for (const auto& [key, item] : value.as_table()) table[py::str(key)] = to_python(item);
  return table;
}

}  // namespace neurarium::python
