#include "neurarium/core/errors.hpp"

#include <algorithm>
#include <numeric>

namespace neurarium {
namespace {

std::string join_faults(const std::vector<Fault>& faults) {
  std::string text;
  for (const Fault& fault : faults) {
    if (!text.empty()) text += '\n';
    text += to_string(fault);
  }
  return text;
}

std::string with_mend(std::string text, const std::string& mend) {
  if (!mend.empty()) text += "; " + mend;
  return text;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitution = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitution});
    }
  }
  return row.back();
}

}  // namespace

std::string to_string(const Location& where) {
  std::string text = where.source;
  if (where.line > 0) text += ':' + std::to_string(where.line);
  if (where.line > 0 && where.column > 0) text += ':' + std::to_string(where.column);
  return text;
}

std::string to_string(const Fault& fault) {
  std::string text = to_string(fault.where);
  if (!fault.key.empty()) text += (text.empty() ? "" : ": ") + fault.key;
  if (!fault.what.empty()) text += (text.empty() ? "" : ": ") + fault.what;
  return with_mend(std::move(text), fault.mend);
}

SpecError::SpecError(std::vector<Fault> faults) : Error(join_faults(faults)), faults_(std::move(faults)) {}
SpecError::SpecError(std::string what, std::string mend)
    : SpecError(std::vector<Fault>{Fault{{}, {}, std::move(what), std::move(mend)}}) {}

DataError::DataError(std::string file, const std::string& what, const std::string& mend, std::int64_t offset)
    : Error(with_mend(file + (offset >= 0 ? ": at byte " + std::to_string(offset) : "") + ": " + what, mend)),
      file_(std::move(file)),
      offset_(offset) {}

ShapeError::ShapeError(std::string where, std::string expected, std::string found, const std::string& mend)
    : Error(with_mend(where + ": expected shape " + expected + ", found " + found, mend)),
      where_(std::move(where)),
      expected_(std::move(expected)),
      found_(std::move(found)) {}

NumericError::NumericError(std::string where, std::uint64_t step, std::size_t first_bad_index, const std::string& mend)
    : Error(with_mend(where + ": not a finite number" + (step == no_step ? "" : " at step " + std::to_string(step)) +
                          ", first at index " + std::to_string(first_bad_index),
                      mend)),
      where_(std::move(where)),
      step_(step),
      index_(first_bad_index) {}

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string& candidate : known) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace neurarium
