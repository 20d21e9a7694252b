#include "neurarium/interchange/json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <unordered_set>

namespace neurarium {
namespace {

using Json = nlohmann::json;

/// Feeds the parser and counts what it has taken, so that each value can be given its place.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;
  CountingIterator(const char* at, std::size_t* taken) : at_(at), taken_(taken) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    ++at_;
    ++*taken_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator old = *this;
    ++*this;
    return old;
  }
  friend bool operator==(const CountingIterator& a, const CountingIterator& b) { return a.at_ == b.at_; }

 private:
  const char* at_;
  std::size_t* taken_;
};

/// Builds a Value from the parser's events.
class Builder : public nlohmann::json_sax<Json> {
 public:
  Builder(std::string_view text, const std::string& source, const std::size_t& taken)
      : text_(text), source_(source), taken_(taken) {}
  Value take() { return std::move(root_); }

  bool null() override { return add(Value()); }
  bool boolean(bool b) override { return add(Value(b)); }
  bool number_integer(number_integer_t i) override { return add(Value(std::int64_t{i})); }
  bool number_unsigned(number_unsigned_t u) override {
    if (u <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return add(Value(std::uint64_t{u}));
    return add(Value(static_cast<double>(u)));
  }
  bool number_float(number_float_t d, const string_t&) override { return add(Value(d)); }
  bool string(string_t& s) override { return add(Value(std::move(s))); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Value::table()); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(Value::list()); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    locate();
    if (!open_.back().keys.insert(name).second) fail(token_, "key '" + name + "' is written twice", "keep one of them");
    open_.back().key = std::move(name);
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override {
    std::string what = error.what();
    // "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error …": keep the last part.
    if (const auto place = what.find("column "); place != std::string::npos)
      if (const auto colon = what.find(": ", place); colon != std::string::npos) what = what.substr(colon + 2);
    fail(taken_ > 0 ? taken_ - 1 : 0, "not valid JSON: " + what, "mend it, or write the file anew");
  }

 private:
  struct Open {
    Value value;
    std::string key;
    std::unordered_set<std::string> keys;
  };
  static constexpr std::size_t deepest = 200;

  [[noreturn]] void fail(std::size_t offset, const std::string& what, const std::string& mend) {
    move_to(std::min(offset, text_.size()));
    throw DataError(source_, "line " + std::to_string(line_) + ", column " + std::to_string(column_) + ": " + what,
                    mend, static_cast<std::int64_t>(offset));
  }
  /// Advances line and column to `offset`; going back starts anew.
  void move_to(std::size_t offset) {
    if (offset < at_) at_ = 0, line_ = 1, column_ = 1;
    for (; at_ < offset; ++at_) {
      if (text_[at_] == '\n') {
        ++line_;
        column_ = 1;
      } else {
        ++column_;
      }
    }
  }
  /// The token just read begins at the first character after the previous one that is not punctuation.
  Location locate() {
    token_ = std::min(text_.find_first_not_of(" \t\r\n,:]}", previous_end_), text_.size());
    previous_end_ = taken_;
    move_to(token_);
    return {source_, line_, column_};
  }
  bool open(Value value) {
    value.at_location(locate());
    if (open_.size() == deepest) fail(token_, "more than 200 levels of nesting", "make it flatter");
    open_.push_back({std::move(value), {}, {}});
    return true;
  }
  bool close() {
    previous_end_ = taken_;
    Value value = std::move(open_.back().value);
    open_.pop_back();
    return place(std::move(value));
  }
  bool add(Value value) {
    value.at_location(locate());
    return place(std::move(value));
  }
  bool place(Value value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (Open& parent = open_.back(); parent.value.is_list()) {
      parent.value.as_list().push_back(std::move(value));
    } else {
      parent.value.as_table().emplace_back(std::move(parent.key), std::move(value));
    }
    return true;
  }

  std::string_view text_;
  const std::string& source_;
  const std::size_t& taken_;
  std::size_t previous_end_ = 0, token_ = 0, at_ = 0;
  int line_ = 1, column_ = 1;
  std::vector<Open> open_;
  Value root_;
};

class Writer {
 public:
  explicit Writer(int indent) : indent_(indent) {}
  std::string take() { return std::move(out_); }

  void write(const Value& value, int level) {
    const bool none = value.is_null() || (value.is_array() && !value.as_array());
    if (none) out_ += "null";
    else if (value.is_bool()) out_ += value.as_bool() ? "true" : "false";
    else if (value.is_integer()) out_ += std::to_string(value.as_integer());
    else if (value.is_number()) number(value.as_number());
    else if (value.is_text()) text(value.as_text());
    else if (value.is_list()) list(value.as_list(), level);
    else if (value.is_table()) table(value.as_table(), level);
    else array(value.as_array()->view());
  }

 private:
  void number(double x) {
    if (!std::isfinite(x)) {
      out_ += "null";
      return;
    }
    shortest(x);
  }
  template <class T>
  void shortest(T x) {
    std::array<char, 40> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), x).ptr;
    const std::string_view written(digits.data(), static_cast<std::size_t>(end - digits.data()));
    out_ += written;
    if (written.find_first_of(".e") == std::string_view::npos) out_ += ".0";
  }
  void text(const std::string& s) { out_ += Json(s).dump(-1, ' ', false, Json::error_handler_t::replace); }
  void line(int level) {
    if (indent_ < 0) return;
    out_ += '\n';
    out_.append(static_cast<std::size_t>(indent_) * static_cast<std::size_t>(level), ' ');
  }
  void list(const Value::List& items, int level) {
    const bool plain =
        std::none_of(items.begin(), items.end(), [](const Value& item) { return item.is_list() || item.is_table(); });
    out_ += '[';
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i > 0) out_ += plain && indent_ >= 0 ? ", " : ",";
      if (!plain) line(level + 1);
      write(items[i], level + 1);
    }
    if (!plain) line(level);
    out_ += ']';
  }
  void table(const Value::Table& entries, int level) {
    out_ += '{';
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (i > 0) out_ += ',';
      line(level + 1);
      text(entries[i].first);
      out_ += indent_ < 0 ? ":" : ": ";
      write(entries[i].second, level + 1);
    }
    if (!entries.empty()) line(level);
    out_ += '}';
  }
  void array(ArrayView view) {
    if (view.shape().axes() > 0) {
      out_ += '[';
      for (std::size_t i = 0; i < view.shape()[0]; ++i) {
        if (i > 0) out_ += indent_ < 0 ? "," : ", ";
        const Shape entry = view.shape().tail();
        array({view.dtype(), entry, view.data() + i * entry.elements() * item_size(view.dtype())});
      }
      out_ += ']';
      return;
    }
    with_dtype(view.dtype(), [&]<class T>() {
      const T x = *view.as<T>().data();
      if constexpr (std::is_same_v<T, bool>) out_ += x ? "true" : "false";
      else if constexpr (std::is_integral_v<T>) out_ += std::to_string(x);
      else if (std::isfinite(x)) shortest(x);
      else out_ += "null";
    });
  }

  int indent_;
  std::string out_;
};

}  // namespace

Value parse_json(std::string_view text, const std::string& source) {
  std::size_t taken = 0;
  Builder builder(text, source, taken);
  Json::sax_parse(CountingIterator(text.data(), &taken), CountingIterator(text.data() + text.size(), &taken), &builder);
  return builder.take();
}

std::string to_json(const Value& value, int indent) {
  Writer writer(indent);
  writer.write(value, 0);
  return writer.take();
}

}  // namespace neurarium
