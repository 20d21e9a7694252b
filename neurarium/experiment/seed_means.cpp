#include "neurarium/experiment/seed_means.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <functional>

#include "neurarium/core/digits.hpp"
#include "neurarium/core/words.hpp"
#include "neurarium/train/sample_statistics.hpp"

namespace neurarium {
namespace {

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }
bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }

struct Number {
  std::string text;
  double value = 0;
  int decimals = 0;
  bool has_power = false;
};

/// A text taken apart: words[0] numbers[0] words[1] … words[n].
struct Parts {
  std::vector<std::string> words{""};
  std::vector<Number> numbers;
};

constexpr std::string_view minus = "−";

/// The number that begins at `at`: digits, perhaps with a sign, thousands set off by commas, decimals and a power of ten. Digits that belong
/// to a word (L2, 3x3) or name something ("9: 12 times") are none.
std::optional<Number> number_at(const std::string& text, std::size_t at) {
  if (at > 0 && (is_letter(text[at - 1]) || is_digit(text[at - 1]))) return std::nullopt;
  std::size_t i = at;
  bool negative = false;
  if (text.compare(i, minus.size(), minus) == 0) negative = true, i += minus.size();
  else if (text[i] == '-') negative = true, ++i;
  if (i >= text.size() || !is_digit(text[i])) return std::nullopt;
  std::string digits;
  const auto take_digits = [&] {
    while (i < text.size() && is_digit(text[i])) digits += text[i++];
  };
  take_digits();
  const auto three_digits = [&] {
    return i + 3 < text.size() && text[i] == ',' && is_digit(text[i + 1]) && is_digit(text[i + 2]) &&
           is_digit(text[i + 3]) && (i + 4 >= text.size() || !is_digit(text[i + 4]));
  };
  while (three_digits()) ++i, take_digits();
  Number number;
  if (i + 1 < text.size() && text[i] == '.' && is_digit(text[i + 1])) {
    digits += text[i++];
    const std::size_t before = digits.size();
    take_digits();
    number.decimals = static_cast<int>(digits.size() - before);
  }
  if (i < text.size() && text[i] == 'e') {
    const std::size_t power = i + 1 + (i + 1 < text.size() && (text[i + 1] == '-' || text[i + 1] == '+'));
    if (power < text.size() && is_digit(text[power])) {
      digits += text[power - 1] == '-' ? "e-" : "e";
      i = power, number.has_power = true;
      take_digits();
    }
  }
  if (i < text.size() && (is_letter(text[i]) || text[i] == ':')) return std::nullopt;
  std::from_chars(digits.data(), digits.data() + digits.size(), number.value);
  if (negative) number.value = -number.value;
  number.text = text.substr(at, i - at);
  return number;
}

Parts parts_of(const std::string& text) {
  Parts parts;
  for (std::size_t i = 0; i < text.size();) {
    if (std::optional<Number> number = number_at(text, i)) {
      i += number->text.size();
      parts.numbers.push_back(*std::move(number));
      parts.words.emplace_back();
    } else {
      parts.words.back() += text[i++];
    }
  }
  return parts;
}

std::string mean_and_spread(const std::vector<double>& values, int decimals, bool has_power) {
  const SampleSummary summary = summarise(values);
  if (has_power) return in_digits(summary.mean, 3) + "\u00a0±\u00a0" + in_digits(summary.sd, 2);
  return rounded(summary.mean, std::max(decimals, 1)) + "\u00a0±\u00a0" + rounded(summary.sd, std::max(decimals, 1));
}

/// "yes: 2, no: 1", in the order in which they come.
std::string counted(std::span<const std::string> texts) {
  std::vector<std::pair<std::string, std::size_t>> counts;
  for (const std::string& text : texts) {
    const auto known = std::ranges::find(counts, text, &std::pair<std::string, std::size_t>::first);
    if (known == counts.end()) counts.emplace_back(text, 1);
    else ++known->second;
  }
  std::string all;
  for (const auto& [text, count] : counts)
    all += (all.empty()                     ? ""
            : counts.size() == texts.size() ? "; "
                                            : ", ") +
           text + (counts.size() == texts.size() ? "" : ": " + std::to_string(count));
  return all;
}

const Table* table_of(const Report& report, const std::string& name) {
  for (const Exhibit& exhibit : report.exhibits)
    if (const auto* table = std::get_if<Table>(&exhibit); table && table->name == name) return table;
  return nullptr;
}

/// Whether they have the same columns and their rows are about the same things: what stands first in a row says about what.
bool have_one_form(std::span<const Table* const> tables) {
  const auto names_row = [](const std::vector<std::string>& row) { return row.empty() ? "" : row.front(); };
  return std::ranges::all_of(tables, [&](const Table* table) {
    return table && table->columns == tables[0]->columns &&
           std::ranges::equal(table->rows, tables[0]->rows, {}, names_row, names_row);
  });
}

}  // namespace

std::optional<std::string> mean_of_texts(std::span<const std::string> texts) {
  if (!texts.empty() && std::ranges::adjacent_find(texts, std::not_equal_to<>()) == texts.end()) return texts[0];
  std::vector<Parts> all;
  for (const std::string& text : texts) {
    if (text.find("±") != std::string::npos) return std::nullopt;  // a mean already: its spread is another one
    all.push_back(parts_of(text));
  }
  if (all.empty() || std::ranges::any_of(all, [&](const Parts& parts) { return parts.words != all[0].words; }))
    return std::nullopt;
  std::string mean = all[0].words[0];
  for (std::size_t k = 0; k < all[0].numbers.size(); ++k) {
    std::vector<double> values;
    int decimals = 0;
    bool same = true, has_power = false;
    for (const Parts& parts : all) {
      values.push_back(parts.numbers[k].value);
      decimals = std::max(decimals, parts.numbers[k].decimals);
      has_power = has_power || parts.numbers[k].has_power;
      same = same && parts.numbers[k].text == all[0].numbers[k].text;
    }
    mean += (same ? all[0].numbers[k].text : mean_and_spread(values, decimals, has_power)) + all[0].words[k + 1];
  }
  return mean;
}

std::vector<Table> mean_tables(std::span<const Report> reports) {
  std::vector<Table> means;
  if (reports.empty()) return means;
  for (const Exhibit& exhibit : reports[0].exhibits) {
    const auto* first = std::get_if<Table>(&exhibit);
    if (!first) continue;
    std::vector<const Table*> tables;
    for (const Report& report : reports) tables.push_back(table_of(report, first->name));
    if (!have_one_form(tables)) continue;
    Table mean = *first;
    for (std::size_t i = 0; i < mean.rows.size(); ++i)
      for (std::size_t j = 0; j < mean.rows[i].size(); ++j) {
        std::vector<std::string> cells;
        for (const Table* table : tables) cells.push_back(j < table->rows[i].size() ? table->rows[i][j] : "");
        mean.rows[i][j] = mean_of_texts(cells).value_or(counted(cells));
      }
    means.push_back(std::move(mean));
  }
  return means;
}

}  // namespace neurarium
