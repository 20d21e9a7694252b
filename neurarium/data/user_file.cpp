#include "neurarium/data/user_file.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/interchange/npz.hpp"

namespace neurarium {
namespace {

Array* find(NamedArrays& arrays, const std::string& name) {
  for (auto& [key, array] : arrays)
    if (key == name) return &array;
  return nullptr;
}

/// Row-major place of a flat index: "[3, 0]".
std::string place(const Shape& shape, std::size_t index) {
  std::vector<std::size_t> at(shape.axes());
  for (std::size_t axis = shape.axes(); axis-- > 0; index /= shape[axis]) at[axis] = index % shape[axis];
  return to_string(Shape(at));
}

class Checker {
 public:
  Checker(NamedArrays& arrays, const std::string& source) : arrays_(arrays), source_(source) {}

  Split split(const std::string& x_name, const std::string& y_name) {
    Split split{std::move(*find(arrays_, x_name)), {}};
    check_numbers(split.x, x_name);
    if (split.x.shape().axes() == 1) split.x.reshape({split.x.shape()[0], 1});
    Array* y = find(arrays_, y_name);
    if (!y) return split;
    split.y = std::move(*y);
    check_numbers(split.y, y_name);
    if (split.y.shape()[0] != split.x.shape()[0])
      fail(y_name + " has " + std::to_string(split.y.shape()[0]) + " samples, " + x_name + " has " +
               std::to_string(split.x.shape()[0]),
           "they must be equally many");
    if (is_floating(split.y.dtype())) targets(split.y, y_name);
    else labels(split.y, y_name);
    return split;
  }
  double divisor(const Array& x) const {
    const Array* given = find(arrays_, "divisor");
    if (!given) return x.dtype() == DType::u8 ? 255 : 1;
    if (given->size() != 1)
      fail("divisor has shape " + to_string(given->shape()) + ", expected a single number", "save one");
    const double number = to_tensor<double>(given->view()).flat()[0];
    if (!(number > 0 && std::isfinite(number)))
      fail("divisor is " + std::to_string(number) + ", expected a finite number above 0", "models see x / divisor");
    return number;
  }
  [[noreturn]] void fail(const std::string& what, const std::string& mend) const {
    throw DataError(source_, what, mend);
  }

 private:
  void check_numbers(const Array& array, const std::string& name) const {
    if (array.shape().axes() == 0)
      fail(name + " is a single number, expected an array with one entry per sample", "save an array");
    if (array.empty()) fail(name + " is empty: its shape is " + to_string(array.shape()), "save at least one sample");
    if (const std::size_t bad = first_non_finite(array); bad < array.size())
      fail(name + " is not a finite number at " + place(array.shape(), bad),
           "remove or replace NaN and infinite values");
  }
  void targets(Array& y, const std::string& name) const {
    if (y.shape().axes() == 1) y.reshape({y.shape()[0], 1});
    if (y.shape().axes() != 2)
      fail(name + " has shape " + to_string(y.shape()) + ", expected targets [n] or [n, k]", "reshape it");
  }
  void labels(Array& y, const std::string& name) const {
    if (y.shape().axes() != 1)
      fail(name + " holds whole numbers and has shape " + to_string(y.shape()) + ", expected labels [n]",
           "reshape it, or save it as floating-point numbers if it holds targets");
    const DType type = y.dtype();
    y = converted(y, DType::i64);
    const auto values = y.as<std::int64_t>().flat();
    for (std::size_t i = 0; i < values.size(); ++i)
      if (values[i] < 0)
        fail(name + " has a label " + (type == DType::u64 ? "above 2^63" : "of " + std::to_string(values[i])) +
                 " at sample " + std::to_string(i) + ", expected 0, 1, 2 …",
             "number the classes from 0");
  }

  NamedArrays& arrays_;
  const std::string& source_;
};

}  // namespace

Dataset user_dataset(NamedArrays arrays, const std::string& source) {
  Checker checker(arrays, source);
  std::string found;
  for (const auto& [name, array] : arrays) found += (found.empty() ? "" : ", ") + name;
  if (!find(arrays, "x"))
    checker.fail("no array 'x', found " + (found.empty() ? "none" : found),
                 "save it with numpy.savez(FILE, x=..., y=...)");
  for (const auto& [name, array] : arrays) {
    const std::string near = nearest(name, {"x_test", "y_test", "divisor"});
    if (!near.empty() && near != name) checker.fail("array '" + name + "' is not known", "did you mean " + near + "?");
  }
  const bool answers = find(arrays, "y") != nullptr;
  if (find(arrays, "y_test") && !find(arrays, "x_test"))
    checker.fail("y_test is there without x_test, found " + found, "save both or none");
  if (find(arrays, "x_test") && answers != (find(arrays, "y_test") != nullptr))
    checker.fail(std::string("x and x_test must both have answers, or neither: ") + (answers ? "y_test" : "y") +
                     " is missing, found " + found,
                 "save it too");

  Dataset data;
  data.name = source;
  data.train = checker.split("x", "y");
  data.divisor = checker.divisor(data.train.x);
  if (find(arrays, "x_test")) {
    data.test = checker.split("x_test", "y_test");
    if (!(data.test.entry_shape() == data.train.entry_shape()) || data.test.x.dtype() != data.train.x.dtype())
      checker.fail("entries of x_test are " + to_string(data.test.entry_shape()) + " " +
                       std::string(name_of(data.test.x.dtype())) + ", those of x are " +
                       to_string(data.train.entry_shape()) + " " + std::string(name_of(data.train.x.dtype())),
                   "they must be alike");
    if (answers &&
        (!(data.test.y.shape().tail() == data.train.y.shape().tail()) || data.test.y.dtype() != data.train.y.dtype()))
      checker.fail("y_test is " + std::string(name_of(data.test.y.dtype())) + " " + to_string(data.test.y.shape()) +
                       ", y is " + std::string(name_of(data.train.y.dtype())) + " " + to_string(data.train.y.shape()),
                   "they must be alike");
  }
  data.sha256 = content_hash(data);
  return data;
}

Dataset read_user_npz(const std::filesystem::path& path) { return user_dataset(read_npz(path), path.string()); }

}  // namespace neurarium
