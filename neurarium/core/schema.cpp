#include "neurarium/core/schema.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/core/registry.hpp"
#include "neurarium/core/units.hpp"

namespace neurarium {
namespace {

std::string number_text(double x) {
  if (x == std::floor(x) && std::abs(x) < 1e15) return std::to_string(static_cast<std::int64_t>(x));
  std::string text = std::to_string(x);
  while (text.back() == '0') text.pop_back();
  return text;
}

std::string expected_text(const FieldInfo& field) {
  switch (field.kind) {
    case FieldKind::boolean: return "true or false";
    case FieldKind::integer: return "a whole number";
    case FieldKind::real:
      return field.unit.empty() ? "a number" : "a number in " + field.unit + " (or text such as \"20 ms\")";
    case FieldKind::text: return "text";
    case FieldKind::integers: return "a list of whole numbers";
    case FieldKind::reals: return "a list of numbers";
    case FieldKind::texts: return "a list of texts";
    case FieldKind::array: return "numbers: nested lists, or the name of a .npy file";
    case FieldKind::component: return "a table with a 'type' (or the type's name alone)";
    case FieldKind::components: return "a list of tables, each with a 'type'";
    case FieldKind::section: return "a table";
  }
  return {};
}

std::string quoted_list(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

/// Checks one table; holds the context so that the helpers need not pass it on.
class Checker {
 public:
  Checker(const Schema& schema, const ReadContext& context) : schema_(schema), context_(context) {}

  Value complete(const Value& table, const Value& defaults) {
    Value out = Value::table();
    out.at_location(table.where());
    for (const auto& [key, value] : table.as_table())
      if (!schema_.find(key)) unknown_key(key, value);
    for (const FieldInfo& field : schema_.fields()) {
      const Value* given = table.find(field.name);
      const Value& standard = defaults.at(field.name);
      if (given) {
        out.set(field.name, checked(field, *given, standard));
      } else if (field.kind == FieldKind::component || field.kind == FieldKind::components ||
                 field.kind == FieldKind::section) {
        out.set(field.name, checked(field, standard, standard));
      } else {
        out.set(field.name, standard);
      }
    }
    return out;
  }

 private:
  std::string path_of(const std::string& key) const { return context_.path.empty() ? key : context_.path + '.' + key; }
  void fault(const Value& at, const std::string& key, std::string what, std::string mend = {}) {
    context_.faults->push_back({at.where(), path_of(key), std::move(what), std::move(mend)});
  }
  void unknown_key(const std::string& key, const Value& value) {
    const std::string near = nearest(key, schema_.names());
    fault(value, key, "unknown key",
          near.empty() ? "known here: " + quoted_list(schema_.names()) : "did you mean '" + near + "'?");
  }
  void wrong_type(const FieldInfo& field, const Value& value) {
    fault(value, field.name, "expected " + expected_text(field) + ", found " + std::string(value.kind()));
  }

  Value checked(const FieldInfo& field, const Value& value, const Value& standard) {
    switch (field.kind) {
      case FieldKind::boolean:
        if (!value.is_bool()) return wrong_type(field, value), standard;
        return value;
      case FieldKind::text:
        if (!value.is_text()) return wrong_type(field, value), standard;
        return in_choices(field, value) ? value : standard;
      case FieldKind::integer:
      case FieldKind::real: return checked_number(field, value, standard);
      case FieldKind::integers:
      case FieldKind::reals:
      case FieldKind::texts: return checked_list(field, value, standard);
      case FieldKind::array: return checked_array(field, value, standard);
      case FieldKind::section: {
        if (!value.is_table()) return wrong_type(field, value), standard;
        ReadContext inner = context_;
        inner.path = path_of(field.name);
        return Checker(*field.section, inner).complete(value, standard);
      }
      case FieldKind::component: return checked_component(field, value, path_of(field.name));
      case FieldKind::components: {
        if (!value.is_list()) return wrong_type(field, value), standard;
        Value::List out;
        for (std::size_t i = 0; i < value.as_list().size(); ++i)
          out.push_back(
              checked_component(field, value.as_list()[i], path_of(field.name) + "[" + std::to_string(i) + "]"));
        return Value(std::move(out)).at_location(value.where());
      }
    }
    throw InternalError("unknown field kind");
  }

  bool in_choices(const FieldInfo& field, const Value& value) {
    if (field.choices.empty() || std::ranges::find(field.choices, value.as_text()) != field.choices.end()) return true;
    const std::string near = nearest(value.as_text(), field.choices);
    fault(value, field.name, "'" + value.as_text() + "' is not one of " + quoted_list(field.choices),
          near.empty() ? "" : "did you mean '" + near + "'?");
    return false;
  }

  Value checked_number(const FieldInfo& field, const Value& value, const Value& standard) {
    double x = 0;
    if (value.is_number()) {
      x = value.as_number();
    } else if (value.is_text() && field.kind == FieldKind::real) {
      const auto quantity = parse_quantity(value.as_text(), field.unit);
      if (!quantity) {
        fault(value, field.name, "'" + value.as_text() + "' is not " + expected_text(field));
        return standard;
      }
      x = *quantity;
    } else {
      return wrong_type(field, value), standard;
    }
    if (field.kind == FieldKind::integer && !value.is_integer()) {
      if (x != std::floor(x) || std::abs(x) > 9e15) return wrong_type(field, value), standard;
    }
    const bool low = field.minimum_excluded ? x <= field.minimum : x < field.minimum;
    const bool high = field.maximum_excluded ? x >= field.maximum : x > field.maximum;
    if (!std::isfinite(x) || low || high) {
      const std::string range = field.range_text(), finite = std::isfinite(x) ? "" : "a finite number";
      fault(value, field.name,
            "out of range: expected " + finite + (finite.empty() || range.empty() ? "" : " ") + range + ", found " +
                number_text(x));
      return standard;
    }
    Value out = field.kind == FieldKind::integer ? Value(static_cast<std::int64_t>(x)) : Value(x);
    if (field.kind == FieldKind::integer && value.is_integer()) out = Value(value.as_integer());
    return out.at_location(value.where());
  }

  Value checked_list(const FieldInfo& field, const Value& value, const Value& standard) {
    if (!value.is_list()) return wrong_type(field, value), standard;
    FieldInfo item = field;
    item.kind = field.kind == FieldKind::integers ? FieldKind::integer
                : field.kind == FieldKind::reals  ? FieldKind::real
                                                  : FieldKind::text;
    Value::List out;
    for (std::size_t i = 0; i < value.as_list().size(); ++i) {
      item.name = field.name + "[" + std::to_string(i) + "]";
      out.push_back(checked(item, value.as_list()[i], value.as_list()[i]));
    }
    return Value(std::move(out)).at_location(value.where());
  }

  Value checked_array(const FieldInfo& field, const Value& value, const Value& standard) {
    if (value.is_array()) return value;
    if (value.is_text() && value.as_text().empty()) return standard;
    try {
      if (value.is_list())
        return Value(std::make_shared<const Array>(detail::array_from_lists(value))).at_location(value.where());
      if (value.is_text() && context_.load_array)
        return Value(context_.load_array(value.as_text(), value.where())).at_location(value.where());
    } catch (const DataError&) {
      throw;  // a damaged file is no fault of the configuration
    } catch (const Error& error) {
      fault(value, field.name, error.what());
      return standard;
    }
    return wrong_type(field, value), standard;
  }

  Value checked_component(const FieldInfo& field, const Value& value, const std::string& path) {
    Value table = value.is_text() ? Value::table() : value;
    if (value.is_text()) table.set("type", value).at_location(value.where());
    const Value* type = table.is_table() ? table.find("type") : nullptr;
    if (!type || !type->is_text()) {
      context_.faults->push_back(
          {value.where(), path, "expected " + expected_text(field),
           context_.registry ? "types: " + quoted_list(context_.registry->names(field.component_kind)) : ""});
      return value;
    }
    if (!context_.registry || type->as_text().empty()) return table;
    const auto* entry = context_.registry->find(field.component_kind, type->as_text());
    if (!entry) {
      Fault fault = context_.registry->unknown(field.component_kind, type->as_text());
      fault.where = type->where();
      fault.key = path + ".type";
      context_.faults->push_back(std::move(fault));
      return table;
    }
    Value settings = table;
    settings.erase("type");
    ReadContext inner = context_;
    inner.path = path;
    const Value full = entry->schema.complete(settings, inner);
    Value out = Value::table();
    out.set("type", *type);
    for (const auto& [key, setting] : full.as_table()) out.set(key, setting);
    return out.at_location(value.where());
  }

  const Schema& schema_;
  const ReadContext& context_;
};

}  // namespace

std::string_view name_of(FieldKind kind) noexcept {
  constexpr std::string_view names[] = {"boolean", "integer", "real",      "text",       "integers", "reals",
                                        "texts",   "array",   "component", "components", "section"};
  return names[static_cast<std::size_t>(kind)];
}

std::string FieldInfo::range_text() const {
  const bool low = std::isfinite(minimum), high = std::isfinite(maximum);
  if (low && high)
    return std::string("in ") + (minimum_excluded ? "(" : "[") + number_text(minimum) + ", " + number_text(maximum) +
           (maximum_excluded ? ")" : "]");
  if (low) return (minimum_excluded ? "> " : "≥ ") + number_text(minimum);
  if (high) return (maximum_excluded ? "< " : "≤ ") + number_text(maximum);
  return {};
}

const FieldInfo* Schema::find(std::string_view name) const noexcept {
  for (const FieldInfo& field : fields_)
    if (field.name == name) return &field;
  return nullptr;
}

std::vector<std::string> Schema::names() const {
  std::vector<std::string> names;
  for (const FieldInfo& field : fields_) names.push_back(field.name);
  return names;
}

Value Schema::write(const void* params) const {
  Value table = Value::table();
  for (const FieldInfo& field : fields_) table.set(field.name, field.get(params));
  return table;
}

Value Schema::defaults() const { return make_default_ ? write(make_default_().get()) : Value::table(); }

Value Schema::complete(const Value& table, const ReadContext& context) const {
  if (!table.is_table()) {
    context.faults->push_back(
        {table.where(), context.path, "expected a table, found " + std::string(table.kind()), {}});
    return defaults();
  }
  return Checker(*this, context).complete(table, defaults());
}

void Schema::read(const Value& table, void* params, const ReadContext& context) const {
  const std::size_t faults_before = context.faults->size();
  const Value full = complete(table, context);
  if (context.faults->size() > faults_before) return;
  for (const FieldInfo& field : fields_) field.set(params, full.at(field.name));
}

Component component_from(const Value& value) {
  if (value.is_text()) return {value.as_text(), Value::table()};
  const Value* type = value.is_table() ? value.find("type") : nullptr;
  if (!type || !type->is_text())
    throw SpecError({{value.where(), {}, "expected a table with a 'type', found " + std::string(value.kind()), {}}});
  Component component{type->as_text(), value};
  component.settings.erase("type");
  return component;
}

namespace detail {

Array array_from_lists(const Value& lists) {
  std::vector<std::size_t> extents;
  for (const Value* v = &lists; v->is_list(); v = &v->as_list().front()) {
    extents.push_back(v->as_list().size());
    if (v->as_list().empty()) throw SpecError("an empty list holds no numbers");
  }
  Array out(DType::f64, Shape(extents));
  double* next = out.as<double>().data();
  const auto walk = [&](const auto& self, const Value& v, std::size_t axis) -> void {
    if (axis == extents.size()) {
      if (!v.is_number()) throw SpecError("expected a number, found " + std::string(v.kind()));
      *next++ = v.as_number();
      return;
    }
    if (!v.is_list() || v.as_list().size() != extents[axis])
      throw SpecError("ragged lists: every row must have " + std::to_string(extents[axis]) + " entries");
    for (const Value& item : v.as_list()) self(self, item, axis + 1);
  };
  walk(walk, lists, 0);
  return out;
}

void FieldTraits<ArraySource>::set(ArraySource& x, const Value& v) {
  if (v.is_array()) x.array = v.as_array();
  else if (v.is_list()) x.array = std::make_shared<const Array>(array_from_lists(v));
  else x.array.reset();
}
Value FieldTraits<ArraySource>::get(const ArraySource& x) { return x.given() ? Value(x.array) : Value(""); }

void FieldTraits<Component>::set(Component& x, const Value& v) { x = component_from(v); }
Value FieldTraits<Component>::get(const Component& x) {
  Value table = Value::table();
  table.set("type", x.type);
  for (const auto& [key, value] : x.settings.as_table()) table.set(key, value);
  return table;
}

}  // namespace detail
}  // namespace neurarium
