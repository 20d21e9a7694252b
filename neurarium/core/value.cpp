#include "neurarium/core/value.hpp"

namespace neurarium {

std::string_view Value::kind() const noexcept {
  constexpr std::string_view words[] = {"nothing", "true or false", "a whole number", "a number",
                                        "text",    "a list",        "a table",        "an array"};
  return words[data_.index()];
}

const Value* Value::find(std::string_view key) const noexcept {
  if (const auto* table = std::get_if<Table>(&data_))
    for (const auto& [name, value] : *table)
      if (name == key) return &value;
  return nullptr;
}

Value* Value::find(std::string_view key) noexcept { return const_cast<Value*>(std::as_const(*this).find(key)); }

const Value& Value::at(std::string_view key) const {
  if (const Value* value = find(key)) return *value;
  throw InternalError("no entry '" + std::string(key) + "'");
}

Value& Value::set(std::string_view key, Value value) {
  if (is_null()) data_ = Table{};
  if (Value* old = find(key)) return *old = std::move(value);
  return as_table().emplace_back(std::string(key), std::move(value)).second;
}

bool Value::erase(std::string_view key) {
  return std::erase_if(as_table(), [&](const auto& entry) { return entry.first == key; }) > 0;
}

const Value* Value::find_path(std::string_view path) const noexcept {
  const std::size_t dot = path.find('.');
  const Value* entry = find(path.substr(0, dot));
  if (!entry || dot == std::string_view::npos) return entry;
  return entry->find_path(path.substr(dot + 1));
}

}  // namespace neurarium
