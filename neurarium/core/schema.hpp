// Schema: what a component can be told. Each parameter struct has a static `fields()` beside its defaults;
// config checks, `neurarium describe`, Python signatures and documentation all come from it. One truth.
//
//   struct Params {
//     int units = 10;
//     double tau = 20e-3;
//     static Schema fields() {
//       return Schema::of<Params>({
//           field("units", &Params::units, "Number of output units.").at_least(1),
//           field("tau", &Params::tau, "Membrane time constant.").unit("s").positive(),
//       });
//     }
//   };
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "neurarium/core/value.hpp"

namespace neurarium {

class Registry;
class Schema;

/// A part that is chosen by name: {type = "sgd", learning_rate = 0.1}. `settings` holds every default once resolved.
struct Component {
  std::string type;
  Value settings = Value::table();
};

/// Numbers given by the user: nested lists, a .npy file, or an array in memory. Empty when not given.
struct ArraySource {
  std::shared_ptr<const Array> array;
  bool given() const noexcept { return array != nullptr; }
};

enum class FieldKind { boolean, integer, real, text, integers, reals, texts, array, component, components, section };
std::string_view name_of(FieldKind kind) noexcept;

/// Everything about one parameter.
struct FieldInfo {
  std::string name;
  FieldKind kind = FieldKind::real;
  std::string doc;   ///< one line
  std::string unit;  ///< "" = dimensionless
  double minimum = -std::numeric_limits<double>::infinity();
  double maximum = std::numeric_limits<double>::infinity();
  bool minimum_excluded = false;
  bool maximum_excluded = false;
  std::vector<std::string> choices;              ///< texts that are allowed; empty = any
  std::string component_kind;                    ///< for component(s): "layer", "loss", …
  bool names_run = false;                        ///< for text(s): names of runs, see Field::names_run
  std::shared_ptr<const Schema> section;         ///< for sections
  std::function<void(void*, const Value&)> set;  ///< value already checked
  std::function<Value(const void*)> get;
  std::string range_text() const;  ///< "≥ 1", "in (0, 1)", "" …
};

/// What reading a table needs besides the schema, and where it puts what it finds wrong.
struct ReadContext {
  const Registry* registry = nullptr;  ///< to look into components
  std::vector<Fault>* faults = nullptr;
  std::string path;  ///< dotted path of the table being read
  /// Reads the array that a text names (a .npy file); throws an Error if it can't. Core reads no files itself.
  std::function<Value::SharedArray(const std::string& file, const Location& where)> load_array;
};

class Schema {
 public:
  Schema() = default;
  template <class Params>
  static Schema of(std::vector<FieldInfo> fields) {
    return Schema(std::move(fields), [] { return std::shared_ptr<void>(std::make_shared<Params>()); });
  }
  const std::vector<FieldInfo>& fields() const noexcept { return fields_; }
  const FieldInfo* find(std::string_view name) const noexcept;
  std::vector<std::string> names() const;

  /// Checks `table` and copies it into `params`; every fault is appended, nothing is thrown.
  void read(const Value& table, void* params, const ReadContext& context) const;
  /// `params` as a table with every field, in declared order.
  Value write(const void* params) const;
  /// The defaults as a table.
  Value defaults() const;
  /// `table` checked and completed with every default, at every depth.
  Value complete(const Value& table, const ReadContext& context) const;

 private:
  Schema(std::vector<FieldInfo> fields, std::function<std::shared_ptr<void>()> make)
      : fields_(std::move(fields)), make_default_(std::move(make)) {}
  std::vector<FieldInfo> fields_;
  std::function<std::shared_ptr<void>()> make_default_;
};

/// What Base says of itself (Base::fields()), for a Params that inherits from it.
template <class Params, class Base>
std::vector<FieldInfo> inherited_fields() {
  const Schema base = Base::fields();
  std::vector<FieldInfo> fields = base.fields();
  for (FieldInfo& info : fields) {
    info.set = [set = info.set](void* p, const Value& v) { set(static_cast<Base*>(static_cast<Params*>(p)), v); };
    info.get = [get = info.get](const void* p) { return get(static_cast<const Base*>(static_cast<const Params*>(p))); };
  }
  return fields;
}

/// {type = "sgd", learning_rate = 0.1} or "sgd" as a Component; a SpecError if it is neither.
Component component_from(const Value& value);

namespace detail {
template <class T>
struct FieldTraits;
Array array_from_lists(const Value& lists);
}  // namespace detail

/// Fluent maker of a FieldInfo.
class Field {
 public:
  explicit Field(FieldInfo info) : info_(std::move(info)) {}
  operator FieldInfo() && { return std::move(info_); }
  Field&& unit(std::string text) && {
    info_.unit = std::move(text);
    return std::move(*this);
  }
  Field&& at_least(double x) && {
    info_.minimum = x;
    return std::move(*this);
  }
  Field&& at_most(double x) && {
    info_.maximum = x;
    return std::move(*this);
  }
  Field&& positive() && {
    info_.minimum = 0;
    info_.minimum_excluded = true;
    return std::move(*this);
  }
  Field&& between(double low, double high) && {
    info_.minimum = low;
    info_.maximum = high;
    return std::move(*this);
  }
  Field&& below(double x) && {
    info_.maximum = x;
    info_.maximum_excluded = true;
    return std::move(*this);
  }
  Field&& one_of(std::vector<std::string> words) && {
    info_.choices = std::move(words);
    return std::move(*this);
  }
  /// The text, or each of the texts, names a run (or RUN/MEMBER): a path, like those of files. It counts as what the network of that
  /// run is, not as where it lies (experiment/identity.hpp). "" = none.
  Field&& names_run() && {
    info_.names_run = true;
    return std::move(*this);
  }

 private:
  FieldInfo info_;
};

/// A parameter. Member types: bool, int, std::int64_t, std::uint64_t, double, std::string, vectors of
/// std::int64_t, double and std::string, ArraySource, and structs that have `fields()` themselves (sections).
template <class Params, class T>
Field field(std::string name, T Params::*member, std::string doc) {
  FieldInfo info;
  info.name = std::move(name);
  info.doc = std::move(doc);
  if constexpr (requires { T::fields(); }) {
    info.kind = FieldKind::section;
    info.section = std::make_shared<Schema>(T::fields());
    const auto section = info.section;
    info.set = [=](void* p, const Value& v) {
      std::vector<Fault> ignored;  // complete() has reported them already
      section->read(v, &(static_cast<Params*>(p)->*member), {nullptr, &ignored, {}, {}});
    };
    info.get = [=](const void* p) { return section->write(&(static_cast<const Params*>(p)->*member)); };
  } else {
    using Traits = detail::FieldTraits<T>;
    info.kind = Traits::kind;
    info.set = [=](void* p, const Value& v) { Traits::set(static_cast<Params*>(p)->*member, v); };
    info.get = [=](const void* p) { return Traits::get(static_cast<const Params*>(p)->*member); };
    if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool> && !std::is_same_v<T, std::int64_t>) {
      // What the member can hold; 64-bit values are read as int64 anyway.
      info.minimum = static_cast<double>(std::numeric_limits<T>::min());
      if constexpr (sizeof(T) < 8) info.maximum = static_cast<double>(std::numeric_limits<T>::max());
    }
  }
  return Field(std::move(info));
}

/// A part (Component) or list of parts (std::vector<Component>) chosen by name from the registry.
template <class Params, class T>
Field component(std::string name, T Params::*member, std::string kind, std::string doc) {
  FieldInfo info = field(std::move(name), member, std::move(doc));
  info.component_kind = std::move(kind);
  return Field(std::move(info));
}

namespace detail {

template <class T, FieldKind Kind>
struct PlainTraits {
  static constexpr FieldKind kind = Kind;
};
template <>
struct FieldTraits<bool> : PlainTraits<bool, FieldKind::boolean> {
  static void set(bool& x, const Value& v) { x = v.as_bool(); }
  static Value get(bool x) { return x; }
};
template <class T>
requires(std::is_integral_v<T> && !std::is_same_v<T, bool>) struct FieldTraits<T> : PlainTraits<T, FieldKind::integer> {
  static void set(T& x, const Value& v) { x = static_cast<T>(v.as_integer()); }
  static Value get(T x) { return static_cast<std::int64_t>(x); }
};
template <>
struct FieldTraits<double> : PlainTraits<double, FieldKind::real> {
  static void set(double& x, const Value& v) { x = v.as_number(); }
  static Value get(double x) { return x; }
};
template <>
struct FieldTraits<std::string> : PlainTraits<std::string, FieldKind::text> {
  static void set(std::string& x, const Value& v) { x = v.as_text(); }
  static Value get(const std::string& x) { return x; }
};
template <class Item, FieldKind Kind>
struct ListTraits : PlainTraits<std::vector<Item>, Kind> {
  static void set(std::vector<Item>& x, const Value& v) {
    x.clear();
    for (const Value& item : v.as_list()) FieldTraits<Item>::set(x.emplace_back(), item);
  }
  static Value get(const std::vector<Item>& x) {
    Value::List list;
    for (const Item& item : x) list.push_back(FieldTraits<Item>::get(item));
    return list;
  }
};
template <>
struct FieldTraits<std::vector<std::int64_t>> : ListTraits<std::int64_t, FieldKind::integers> {};
template <>
struct FieldTraits<std::vector<double>> : ListTraits<double, FieldKind::reals> {};
template <>
struct FieldTraits<std::vector<std::string>> : ListTraits<std::string, FieldKind::texts> {};
template <>
struct FieldTraits<ArraySource> : PlainTraits<ArraySource, FieldKind::array> {
  static void set(ArraySource& x, const Value& v);
  static Value get(const ArraySource& x);
};
template <>
struct FieldTraits<Component> : PlainTraits<Component, FieldKind::component> {
  static void set(Component& x, const Value& v);
  static Value get(const Component& x);
};
template <>
struct FieldTraits<std::vector<Component>> : ListTraits<Component, FieldKind::components> {};

}  // namespace detail
}  // namespace neurarium
