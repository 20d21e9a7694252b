#include "neurarium/interchange/toml.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <toml++/toml.h>

namespace neurarium {
namespace {

// ── Reading ────────────────────────────────────────────────────────────────────────────────────────────────────────

class Reader {
 public:
  explicit Reader(const std::string& source) : source_(source) {}

  Value table(const toml::table& in) {
    struct Entry {
      toml::source_position at;
      Value::Table::value_type item;
    };
    std::vector<Entry> entries;  // toml++ sorts by name; the order written is kept by position
    for (const auto& [key, node] : in) entries.push_back({key.source().begin, {std::string(key.str()), value(node)}});
    std::ranges::stable_sort(entries, [](const Entry& a, const Entry& b) { return a.at < b.at; });
    Value::Table out;
    for (Entry& entry : entries) out.push_back(std::move(entry.item));
    return located(Value(std::move(out)), in);
  }

 private:
  Location where(const toml::node& node) const {
    const auto at = node.source().begin;
    return {source_, static_cast<int>(at.line), static_cast<int>(at.column)};
  }
  Value located(Value value, const toml::node& node) const {
    value.at_location(where(node));
    return value;
  }
  Value value(const toml::node& node) {
    switch (node.type()) {
      case toml::node_type::table: return table(*node.as_table());
      case toml::node_type::array: {
        Value::List list;
        for (const toml::node& item : *node.as_array()) list.push_back(value(item));
        return located(Value(std::move(list)), node);
      }
      case toml::node_type::string: return located(Value(node.as_string()->get()), node);
      case toml::node_type::integer: return located(Value(node.as_integer()->get()), node);
      case toml::node_type::floating_point: return located(Value(node.as_floating_point()->get()), node);
      case toml::node_type::boolean: return located(Value(node.as_boolean()->get()), node);
      default:
        throw SpecError({Fault{where(node), {}, "dates and times are not used here", "put it in quotes if it is text"}});
    }
  }
  const std::string& source_;
};

std::vector<std::string_view> split_list(std::string_view inner) {
  std::vector<std::string_view> items;
  int depth = 0;
  char quote = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < inner.size(); ++i) {
    const char c = inner[i];
    if (quote) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if (c == ']' || c == '}') {
      --depth;
    } else if (c == ',' && depth == 0) {
      items.push_back(inner.substr(begin, i - begin));
      begin = i + 1;
    }
  }
  items.push_back(inner.substr(begin));
  return items;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Everything below `value` was written at `where`.
void relocate(Value& value, const Location& where) {
  value.at_location(where);
  if (value.is_list())
    for (Value& item : value.as_list()) relocate(item, where);
  if (value.is_table())
    for (auto& [key, item] : value.as_table()) relocate(item, where);
}

// ── Writing ────────────────────────────────────────────────────────────────────────────────────────────────────────

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') (out += '\\') += c;
    else if (c == '\n') out += "\\n";
    else if (c == '\t') out += "\\t";
    else if (c == '\r') out += "\\r";
    else if (byte < 0x20 || byte == 0x7f) ((out += "\\u00") += "0123456789abcdef"[byte >> 4]) += "0123456789abcdef"[byte & 15];
    else out += c;
  }
  return out + '"';
}

std::string key_text(std::string_view key) {
  const bool bare = !key.empty() && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  return bare ? std::string(key) : quoted(key);
}

std::string number_text(double x) {
  if (std::isnan(x)) return "nan";
  if (std::isinf(x)) return x > 0 ? "inf" : "-inf";
  std::array<char, 40> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), x).ptr;
  std::string text(digits.data(), end);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

bool is_list_of_tables(const Value& value) {
  return value.is_list() && !value.as_list().empty() &&
         std::ranges::all_of(value.as_list(), [](const Value& item) { return item.is_table(); });
}

void write_array(std::string& out, ArrayView view) {
  if (view.shape().axes() == 0) {
    with_dtype(view.dtype(), [&]<class T>() {
      const T x = *view.as<T>().data();
      if constexpr (std::is_same_v<T, bool>) out += x ? "true" : "false";
      else if constexpr (std::is_floating_point_v<T>) out += number_text(static_cast<double>(x));
      else out += std::to_string(x);
    });
    return;
  }
  out += '[';
  for (std::size_t i = 0; i < view.shape()[0]; ++i) {
    if (i > 0) out += ", ";
    const ArrayView row = view.rows(i, 1);
    write_array(out, ArrayView(row.dtype(), view.shape().tail(), row.data()));
  }
  out += ']';
}

void write_inline(std::string& out, const Value& value) {
  if (value.is_bool()) out += value.as_bool() ? "true" : "false";
  else if (value.is_integer()) out += std::to_string(value.as_integer());
  else if (value.is_number()) out += number_text(value.as_number());
  else if (value.is_text()) out += quoted(value.as_text());
  else if (value.is_array()) write_array(out, value.as_array()->view());
  else if (value.is_list()) {
    out += '[';
    for (std::size_t i = 0; i < value.as_list().size(); ++i) {
      if (i > 0) out += ", ";
      write_inline(out, value.as_list()[i]);
    }
    out += ']';
  } else if (value.is_table()) {
    out += '{';
    const char* before = "";
    for (const auto& [key, item] : value.as_table()) {
      if (item.is_null()) continue;
      out += before + key_text(key) + " = ";
      write_inline(out, item);
      before = ", ";
    }
    out += '}';
  } else {
    throw InternalError("nothing can't be written inside a TOML list");
  }
}

class Writer {
 public:
  explicit Writer(const TomlComment& comment) : comment_(comment) {}
  std::string take() { return std::move(out_); }

  /// `header` is the path as TOML writes it, `path` the one comments know.
  void body(const Value& table, const std::string& header, const std::string& path) {
    for (const auto& [key, value] : table.as_table()) {
      if (value.is_null() || value.is_table() || is_list_of_tables(value)) continue;
      out_ += key_text(key) + " = ";
      write_inline(out_, value);
      if (const std::string note = comment_ ? comment_(joined(path, key), value) : ""; !note.empty()) out_ += "  # " + note;
      out_ += '\n';
    }
    for (const auto& [key, value] : table.as_table()) {
      const std::string inner_header = joined(header, key_text(key)), inner_path = joined(path, key);
      if (value.is_table()) {
        open('[' + inner_header + ']');
        body(value, inner_header, inner_path);
      } else if (is_list_of_tables(value)) {
        for (std::size_t i = 0; i < value.as_list().size(); ++i) {
          open("[[" + inner_header + "]]");
          body(value.as_list()[i], inner_header, inner_path + '.' + std::to_string(i));
        }
      }
    }
  }

 private:
  static std::string joined(const std::string& path, const std::string& key) { return path.empty() ? key : path + '.' + key; }
  void open(const std::string& line) { out_ += (out_.empty() ? "" : "\n") + line + '\n'; }
  const TomlComment& comment_;
  std::string out_;
};

}  // namespace

Value parse_toml(std::string_view text, const std::string& source) {
  try {
    return Reader(source).table(toml::parse(text, source));
  } catch (const toml::parse_error& error) {
    const auto at = error.source().begin;
    throw SpecError({Fault{{source, static_cast<int>(at.line), static_cast<int>(at.column)}, {},
                           "not valid TOML: " + std::string(error.description()), {}}});
  }
}

Value parse_toml_literal(std::string_view text, const Location& where) {
  text = trimmed(text);
  Value value(std::string{text});
  if (text.find('\n') == std::string_view::npos) {
    try {
      Value parsed = parse_toml("x = " + std::string(text), where.source);
      if (parsed.as_table().size() == 1) value = std::move(*parsed.find("x"));
    } catch (const SpecError&) {
      if (text.size() >= 2 && text.front() == '[' && text.back() == ']') {
        Value::List items;
        for (const std::string_view item : split_list(text.substr(1, text.size() - 2)))
          items.push_back(parse_toml_literal(item, where));
        value = Value(std::move(items));
      }
    }
  }
  relocate(value, where);
  return value;
}

std::string to_toml(const Value& table, const TomlComment& comment) {
  Writer writer(comment);
  writer.body(table, {}, {});
  return writer.take();
}

}  // namespace neurarium
