// Value: a tree of plain data (TOML, JSON, a Python dict) that remembers where each part was written, so that
// a fault found late can still name file, line and column.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "neurarium/core/array.hpp"
#include "neurarium/core/errors.hpp"

namespace neurarium {

class Value {
 public:
  using List = std::vector<Value>;
  using Table = std::vector<std::pair<std::string, Value>>;  ///< in the order written
  using SharedArray = std::shared_ptr<const Array>;          ///< an array handed over in memory (NumPy)

  Value() = default;
  Value(bool b) : data_(b) {}
  Value(int i) : data_(std::int64_t{i}) {}
  Value(std::int64_t i) : data_(i) {}
  Value(std::uint64_t i) : data_(static_cast<std::int64_t>(i)) {}
  Value(double d) : data_(d) {}
  Value(const char* s) : data_(std::string(s)) {}
  Value(std::string s) : data_(std::move(s)) {}
  Value(List l) : data_(std::move(l)) {}
  Value(Table t) : data_(std::move(t)) {}
  Value(SharedArray a) : data_(std::move(a)) {}
  static Value table() { return Value(Table{}); }
  static Value list() { return Value(List{}); }

  bool is_null() const noexcept { return std::holds_alternative<std::monostate>(data_); }
  bool is_bool() const noexcept { return std::holds_alternative<bool>(data_); }
  bool is_integer() const noexcept { return std::holds_alternative<std::int64_t>(data_); }
  bool is_number() const noexcept { return is_integer() || std::holds_alternative<double>(data_); }
  bool is_text() const noexcept { return std::holds_alternative<std::string>(data_); }
  bool is_list() const noexcept { return std::holds_alternative<List>(data_); }
  bool is_table() const noexcept { return std::holds_alternative<Table>(data_); }
  bool is_array() const noexcept { return std::holds_alternative<SharedArray>(data_); }
  /// "a whole number", "text", "a list", …: the word used in messages.
  std::string_view kind() const noexcept;

  // Access with the type already known; a wrong type is an InternalError (check first).
  bool as_bool() const { return get<bool>(); }
  std::int64_t as_integer() const { return get<std::int64_t>(); }
  double as_number() const { return is_integer() ? static_cast<double>(as_integer()) : get<double>(); }
  const std::string& as_text() const { return get<std::string>(); }
  const List& as_list() const { return get<List>(); }
  List& as_list() { return const_cast<List&>(std::as_const(*this).get<List>()); }
  const Table& as_table() const { return get<Table>(); }
  Table& as_table() { return const_cast<Table&>(std::as_const(*this).get<Table>()); }
  const SharedArray& as_array() const { return get<SharedArray>(); }

  /// Entry of a table, or nullptr.
  const Value* find(std::string_view key) const noexcept;
  Value* find(std::string_view key) noexcept;
  /// Entry of a table that must be there.
  const Value& at(std::string_view key) const;
  /// Sets or adds an entry of a table.
  Value& set(std::string_view key, Value value);
  bool erase(std::string_view key);
  /// Entry by dotted path ("train.optimiser.learning_rate"), or nullptr.
  const Value* find_path(std::string_view path) const noexcept;

  const Location& where() const noexcept { return where_; }
  Value& at_location(Location where) {
    where_ = std::move(where);
    return *this;
  }

 private:
  template <class T>
  const T& get() const {
    if (const T* p = std::get_if<T>(&data_)) return *p;
    throw InternalError("value is " + std::string(kind()));
  }
  std::variant<std::monostate, bool, std::int64_t, double, std::string, List, Table, SharedArray> data_;
  Location where_;
};

}  // namespace neurarium
