// Sheets of what the network got wrong.
#include <algorithm>
#include <cstring>

#include "neurarium/core/words.hpp"
#include "neurarium/nn/image_tiles.hpp"
#include "neurarium/studies/backprop/digit_findings.hpp"

namespace neurarium {
namespace {

/// Test images with their titles; tiles are about `side` pixels wide.
Array sheet_of(const DigitFindings& found, std::span<const std::size_t> ids, std::size_t columns, std::size_t side,
               std::size_t scale) {
  const std::vector<std::uint64_t> rows(ids.begin(), ids.end());
  const Array tiles = picture_bytes(gather_rows(found.data.test.x, rows), found.data.name);
  std::vector<std::array<std::string, 2>> titles;
  for (const std::size_t id : ids) titles.push_back(error_title(found.scores.view()[id].flat(), found.labels()[id]));
  return titled_sheet(tiles, titles, columns, std::max<std::size_t>(1, side / tiles.shape()[2]), scale);
}

/// " 0: T-shirt/top, 1: trouser …" where names say more than numbers; of many classes the first, and how many more.
std::string legend(const DigitFindings& found) {
  const std::size_t classes = found.confusion.classes(), shown = std::min<std::size_t>(classes, 20);
  std::string words;
  bool says_more = false;
  for (std::size_t k = 0; k < shown; ++k) {
    says_more |= found.data.class_name(k) != std::to_string(k);
    words += (k ? ", " : " ") + std::to_string(k) + ": " + found.data.class_name(k);
  }
  if (shown < classes) words += ", and " + with_commas(classes - shown) + " more";
  return says_more ? words + "." : "";
}

}  // namespace

void add_first_errors(RunContext& context, const DigitFindings& found) {
  constexpr std::size_t rows = 3, columns = 5;
  if (found.errors.empty()) {
    context.add(Remark{"No errors", "Every test image is read right, so there are no errors to show."});
    return;
  }
  const std::size_t count = std::min(found.errors.size(), rows * columns);
  context.add(Picture{"first-errors", "The first images that it gets wrong",
                      "The first " + std::to_string(count) + " of " + with_commas(found.errors.size()) +
                          " misclassified test images. P.: the three best guesses, best first; A.: the answer." +
                          legend(found),
                      sheet_of(found, std::span(found.errors).first(count), columns, 112, 2), false});
}

void add_all_errors(RunContext& context, const DigitFindings& found) {
  constexpr std::size_t on_a_sheet = 304, most = 4 * on_a_sheet;
  const std::size_t shown = std::min(found.errors.size(), most);
  for (std::size_t first = 0; first < shown; first += on_a_sheet) {
    const std::size_t count = std::min(on_a_sheet, shown - first), number = first / on_a_sheet + 1;
    const bool only = shown <= on_a_sheet;
    context.add(Picture{
        only ? "all-errors" : "all-errors-" + std::to_string(number),
        only ? "Every image that it gets wrong"
             : "Every image that it gets wrong, sheet " + std::to_string(number) + " of " +
                   std::to_string((shown + on_a_sheet - 1) / on_a_sheet),
        "Misclassified test images " + with_commas(first + 1) + " to " + with_commas(first + count) + " of " +
            with_commas(found.errors.size()) + ", in the order of the test set, titled as the first ones." +
            (shown < found.errors.size() && first + count == shown ? " The others are not shown; misclassified.npy "
                                                                     "in the run's folder arrays lists them all."
                                                                   : ""),
        sheet_of(found, std::span(found.errors).subspan(first, count), 8, 56, 1), false});
  }
}

}  // namespace neurarium
