#include "neurarium/data/user_file.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/data/event_arrays.hpp"
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
    take_answers(split, x_name, y_name);
    return split;
  }
  /// Samples of spikes: t, i and offsets with this suffix (event_arrays.hpp).
  Split spikes(const std::string& suffix) {
    EventArrays events;
    for (const auto& [name, view] : {std::pair{"t", &events.t}, {"i", &events.i}, {"offsets", &events.offsets}}) {
      const Array* array = find(arrays_, name + suffix);
      if (!array)
        fail("no array '" + (name + suffix) + "', found " + found(), "spikes are three arrays: t, i and offsets");
      *view = *array;
    }
    events.suffix = suffix;
    events.steps = count("n_steps"), events.units = count("n_units");
    events.dt = step_length();
    Split split;
    split.spikes = std::make_shared<const StepSpikes>(spikes_of(events, source_));
    take_answers(split, "offsets" + suffix, "y" + suffix);
    return split;
  }
  std::string found() const {
    std::string names;
    for (const auto& [name, array] : arrays_) names += (names.empty() ? "" : ", ") + name;
    return names.empty() ? "none" : names;
  }
  /// Seconds; 0: the file does not say.
  double step_length() const { return find(arrays_, "dt") ? number("dt") : 0; }
  double divisor(const Array& x) const {
    if (!find(arrays_, "divisor")) return x.dtype() == DType::u8 ? 255 : 1;
    return number("divisor", "models see x / divisor");
  }
  [[noreturn]] void fail(const std::string& what, const std::string& mend) const {
    throw DataError(source_, what, mend);
  }

  /// Other arrays with one number for each sample; NAME_test is about the test.
  void take_about(Dataset& data) {
    constexpr std::array<std::string_view, 9> ours{"x",       "y",       "t",  "i",      "offsets",
                                                   "n_steps", "n_units", "dt", "divisor"};
    for (auto& [name, array] : arrays_) {
      const bool of_test = name.ends_with("_test");
      const std::string fact = of_test ? name.substr(0, name.size() - 5) : name;
      Split& split = of_test ? data.test : data.train;
      const bool one_each = split.samples() > 0 && array.shape() == Shape{split.samples()};
      if (one_each && !fact.empty() && std::ranges::find(ours, fact) == ours.end())
        split.about.emplace_back(fact, std::move(array));
    }
  }

 private:
  void take_answers(Split& split, const std::string& x_name, const std::string& y_name) {
    Array* y = find(arrays_, y_name);
    if (!y) return;
    split.y = std::move(*y);
    check_numbers(split.y, y_name);
    if (split.y.shape()[0] != split.samples())
      fail(y_name + " has " + std::to_string(split.y.shape()[0]) + " samples, " + x_name + " has " +
               std::to_string(split.samples()),
           "they must be equally many");
    if (is_floating(split.y.dtype())) targets(split.y, y_name);
    else labels(split.y, y_name);
  }
  /// A single finite number above 0.
  double number(const std::string& name, const std::string& mend = "") const {
    const Array& given = *find(arrays_, name);
    if (given.size() != 1)
      fail(name + " has shape " + to_string(given.shape()) + ", expected a single number", "save one");
    const double value = to_tensor<double>(given.view()).flat()[0];
    if (!(value > 0 && std::isfinite(value)))
      fail(name + " is " + std::to_string(value) + ", expected a finite number above 0", mend);
    return value;
  }
  std::size_t count(const std::string& name) const {
    if (!find(arrays_, name)) fail("no number '" + name + "', found " + found(), "save how many there are");
    const double value = number(name);
    if (value != std::floor(value) || value > 1e9)
      fail(name + " is " + std::to_string(value) + ", expected a whole number up to 10^9", "");
    return static_cast<std::size_t>(value);
  }
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
  const auto has = [&](const char* name) { return find(arrays, name) != nullptr; };
  const bool are_spikes = !has("x") && (has("t") || has("i") || has("offsets"));
  if (!has("x") && !are_spikes)
    checker.fail("no array 'x', found " + checker.found(),
                 "save it with numpy.savez(FILE, x=..., y=...); or spikes as t, i, offsets, n_steps and n_units");
  const std::vector<std::string> known =
      are_spikes
          ? std::vector<std::string>{"t_test", "i_test", "offsets_test", "y_test", "offsets", "n_steps", "n_units"}
          : std::vector<std::string>{"x_test", "y_test", "divisor"};
  for (const auto& [name, array] : arrays) {
    const std::string near = nearest(name, known);
    if (!near.empty() && near != name) checker.fail("array '" + name + "' is not known", "did you mean " + near + "?");
  }
  const std::string first = are_spikes ? "t" : "x", test = first + "_test";
  const bool answers = has("y"), has_test = find(arrays, test) != nullptr;
  if (has("y_test") && !has_test)
    checker.fail("y_test is there without " + test + ", found " + checker.found(), "save both or none");
  if (has_test && answers != has("y_test"))
    checker.fail(first + " and " + test + " must both have answers, or neither: " + (answers ? "y_test" : "y") +
                     " is missing, found " + checker.found(),
                 "save it too");

  Dataset data;
  data.name = source;
  data.train = are_spikes ? checker.spikes("") : checker.split("x", "y");
  if (are_spikes) data.dt = checker.step_length();
  else data.divisor = checker.divisor(data.train.x);
  if (has_test) {
    data.test = are_spikes ? checker.spikes("_test") : checker.split("x_test", "y_test");
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
  checker.take_about(data);
  data.sha256 = content_hash(data);
  return data;
}

NamedArrays user_arrays(const Dataset& data) {
  NamedArrays arrays;
  const auto add = [&](const Split& split, const std::string& suffix) {
    if (split.samples() == 0) return;
    if (!split.spikes) arrays.emplace_back("x" + suffix, split.x);
    else
      for (auto& named : event_arrays(*split.spikes, suffix)) arrays.push_back(std::move(named));
    if (!split.y.empty()) arrays.emplace_back("y" + suffix, split.y);
    for (const auto& [name, array] : split.about) arrays.emplace_back(name + suffix, array);
  };
  const auto add_number = [&](const char* name, double number) {
    arrays.emplace_back(name, Array(DType::f64, Shape{})).second.as<double>().flat()[0] = number;
  };
  add(data.train, "");
  add(data.test, "_test");
  if (!data.train.spikes) add_number("divisor", data.divisor);
  else {
    add_number("n_steps", static_cast<double>(data.train.spikes->steps()));
    add_number("n_units", static_cast<double>(data.train.spikes->units()));
  }
  return arrays;
}

Dataset read_user_npz(const std::filesystem::path& path) { return user_dataset(read_npz(path), path.string()); }

}  // namespace neurarium
