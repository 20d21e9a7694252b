#include "neurarium/report/formula.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "neurarium/core/errors.hpp"

namespace neurarium {
namespace {

struct Function {
  std::string_view name;
  std::size_t fewest, most;
};
constexpr Function functions[] = {{"abs", 1, 1},  {"cos", 1, 1},  {"exp", 1, 1}, {"log", 1, 1},
                                  {"max", 1, 99}, {"min", 1, 99}, {"pow", 2, 2}, {"sign", 1, 1},
                                  {"sin", 1, 1},  {"sqrt", 1, 1}, {"tanh", 1, 1}};

const Function* function_called(std::string_view name) {
  const auto found = std::ranges::find(functions, name, &Function::name);
  return found == std::end(functions) ? nullptr : found;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return (c >= 'a' && c <= 'z') || c == '_' || is_digit(c); }

class Reader {
 public:
  Reader(const std::string& text, const std::vector<std::string>& variables, const std::string& where)
      : text_(text), variables_(variables), where_(where) {}

  void formula() {
    sum();
    if (at_ < text_.size()) fail("a sign too many");
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw DataError(where_, "the formula '" + text_ + "' has " + what + " at place " + std::to_string(at_ + 1),
                    "see report/formula.hpp for what a formula may be");
  }
  void skip() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool taken(char sign) {
    skip();
    if (at_ >= text_.size() || text_[at_] != sign) return false;
    ++at_;
    skip();
    return true;
  }
  void sum() {
    do product();
    while (taken('+') || taken('-'));
  }
  void product() {
    do factor();
    while (taken('*') || taken('/'));
  }
  void factor() {
    skip();
    if (++depth_ > 100) fail("too many parts within parts");
    if (taken('-')) {
      factor();
    } else if (taken('(')) {
      sum();
      if (!taken(')')) fail("a ( that is not closed");
    } else if (at_ < text_.size() && is_digit(text_[at_])) {
      number();
    } else {
      word();
    }
    --depth_;
    skip();
  }
  void digits() {
    if (at_ >= text_.size() || !is_digit(text_[at_])) fail("no digit");
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
  }
  void number() {
    digits();
    if (at_ < text_.size() && text_[at_] == '.') ++at_, digits();
    if (at_ < text_.size() && text_[at_] == 'e') {
      ++at_;
      if (at_ < text_.size() && text_[at_] == '-') ++at_;
      digits();
    }
  }
  void word() {
    const std::size_t first = at_;
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    const std::string name = text_.substr(first, at_ - first);
    if (name.empty()) fail("no number or word");
    const Function* function = function_called(name);
    if (!function) {
      if (std::ranges::count(variables_, name) == 0) fail("the unknown word '" + name + "'");
      return;
    }
    if (!taken('(')) fail("no ( after '" + name + "'");
    std::size_t given = 0;
    do sum(), ++given;
    while (taken(','));
    if (!taken(')')) fail("a ( that is not closed");
    if (given < function->fewest || given > function->most) fail("a wrong number of arguments of '" + name + "'");
  }

  const std::string& text_;
  const std::vector<std::string>& variables_;
  const std::string& where_;
  std::size_t at_ = 0, depth_ = 0;
};

}  // namespace

void require_formula(const std::string& formula, const std::vector<std::string>& variables, const std::string& where) {
  Reader(formula, variables, where).formula();
}

void require_slider_name(const std::string& name, const std::string& where) {
  if (name.empty() || is_digit(name[0]) || !std::ranges::all_of(name, is_word) || function_called(name) ||
      name == "x" || name == "y" || name == "t")
    throw DataError(where, "a slider can't be called '" + name + "'",
                    "use small letters, digits and _, and no word that formulas have already");
}

}  // namespace neurarium
