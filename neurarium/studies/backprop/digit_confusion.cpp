// Which classes are taken for which.
#include <algorithm>
#include <cmath>

#include "neurarium/core/words.hpp"
#include "neurarium/nn/raster.hpp"
#include "neurarium/studies/backprop/digit_findings.hpp"

namespace neurarium {
namespace {

constexpr Colour line{200, 200, 200};
constexpr std::size_t most_with_numbers = 20;
constexpr std::size_t most_shown = 200;  // classes: a picture of 5,000 would be 675 MB, and nobody could read it

/// Errors in reds by the root of their number, since single ones must be seen beside the many; hits in pale blue.
Colour colour_of(const Confusion& confusion, std::size_t a, std::size_t p, double largest) {
  const std::size_t count = confusion.counts[a][p];
  if (count == 0) return paper;
  if (a == p) return colour_at(ColourMap::diverging, 0.25);
  return colour_at(ColourMap::diverging, 0.55 + 0.4 * std::sqrt(static_cast<double>(count) / largest));
}

bool is_dark(const Confusion& confusion, std::size_t a, std::size_t p, double largest) {
  return a != p && static_cast<double>(confusion.counts[a][p]) > 0.4 * largest;
}

Array matrix_picture(const DigitFindings& found) {
  const Confusion& confusion = found.confusion;
  const std::size_t k = confusion.classes();
  const bool numbers = k <= most_with_numbers;
  const std::size_t scale = 2, cell = numbers ? (k <= 12 ? 52 : 40) : std::max<std::size_t>(3, 600 / k);
  const std::size_t text = k <= 12 ? 2 : 1, pad = 6;
  std::size_t left = 0;
  std::vector<std::string> names;
  for (std::size_t a = 0; numbers && a < k; ++a) {
    std::string name = found.class_words(a);
    if (name.size() > 16) name = name.substr(0, 16);
    left = std::max(left, text_width(name, text) + pad);
    names.push_back(std::move(name));
  }
  const std::string below = "P. what it is taken for", beside_it = "A. what it is";
  const std::size_t header = 2 * (letter_height * scale + pad) + (numbers ? letter_height * scale + pad : 0);
  Array image = blank_image(header + k * cell + 1, std::max(left + k * cell + 1, text_width(below, scale)), paper);
  draw_text(image, 0, 0, beside_it + " (rows)", ink, scale);
  draw_text(image, 0, letter_height * scale + pad, below + " (columns)", ink, scale);
  const auto pairs = confusion.mixed_up();
  const double largest = pairs.empty() ? 1 : static_cast<double>(pairs.front().count);
  fill_rectangle(image, left, header, k * cell + 1, k * cell + 1, numbers ? line : paper);
  const std::size_t edge = numbers ? 1 : 0;
  for (std::size_t a = 0; a < k; ++a) {
    const std::size_t y = header + a * cell, middle = (cell - std::min(cell, letter_height * text)) / 2;
    if (numbers) {
      draw_text(image, 0, y + middle, names[a], ink, text);
      const std::string number = std::to_string(a);
      draw_text(image, left + a * cell + (cell - text_width(number, scale)) / 2,
                header - letter_height * scale - pad / 2, number, ink, scale);
    }
    for (std::size_t p = 0; p < k; ++p) {
      const std::size_t x = left + p * cell;
      fill_rectangle(image, x + edge, y + edge, cell - edge, cell - edge, colour_of(confusion, a, p, largest));
      if (!numbers || confusion.counts[a][p] == 0) continue;
      const std::string words = std::to_string(confusion.counts[a][p]);
      const std::size_t size = text_width(words, text) <= cell ? text : 1, width = text_width(words, size);
      draw_text(image, x + (cell - std::min(cell, width)) / 2 + 1, y + (cell - letter_height * size) / 2 + 1, words,
                is_dark(confusion, a, p, largest) ? paper : ink, size);
    }
  }
  return image;
}

Table per_class(const DigitFindings& found) {
  const Confusion& confusion = found.confusion;
  Table table{
      "classes",
      "Class by class",
      "Recall: share of the images of this class that are recognised. Precision: share of what is taken for this "
      "class that is of it.",
      {"class", "images", "recall", "precision", "most often taken for"},
      {}};
  const auto pairs = confusion.mixed_up();
  for (std::size_t k = 0; k < confusion.classes(); ++k) {
    const auto worst = std::ranges::find(pairs, k, &Confusion::Pair::answer);
    table.rows.push_back(
        {found.class_words(k), with_commas(confusion.of_answer(k)), percent(confusion.recall(k), 2),
         percent(confusion.precision(k), 2),
         worst == pairs.end() ? "—" : found.class_words(worst->prediction) + ": " + with_commas(worst->count) + "×"});
  }
  return table;
}

}  // namespace

void add_confusion(RunContext& context, const DigitFindings& found) {
  const Confusion& confusion = found.confusion;
  const std::size_t k = confusion.classes();
  Array counts(DType::i64, {k, k});
  for (std::size_t a = 0; a < k; ++a)
    for (std::size_t p = 0; p < k; ++p)
      counts.as<std::int64_t>()(a, p) = static_cast<std::int64_t>(confusion.counts[a][p]);
  context.array("confusion", counts);
  if (k <= most_shown) {
    context.add(Picture{"confusion", "What is taken for what",
                        "Rows: what the test images are; columns: what the network takes them for. Blue: right; red: "
                        "errors, the darker the more (by the square root of their number); empty: never.",
                        matrix_picture(found), false});
    context.add(per_class(found));
  } else {
    context.add(Remark{"What is taken for what",
                       "The network has " + with_commas(k) + " outputs; the picture and the table of all classes are " +
                           "made for up to " + with_commas(most_shown) + ". confusion.npy in the run's folder arrays " +
                           "holds all counts: a row per answer, a column per prediction."});
  }
  const auto pairs = confusion.mixed_up();
  if (pairs.empty()) return;
  constexpr std::size_t most = 10;
  Table table{"mixed-up",
              "What is mixed up most often",
              "The " + std::to_string(std::min(most, pairs.size())) + " most frequent of " + with_commas(pairs.size()) +
                  " kinds of errors.",
              {"is", "taken for", "times", "share of the errors"},
              {}};
  for (std::size_t i = 0; i < std::min(most, pairs.size()); ++i)
    table.rows.push_back({found.class_words(pairs[i].answer), found.class_words(pairs[i].prediction),
                          with_commas(pairs[i].count),
                          percent(static_cast<double>(pairs[i].count) / static_cast<double>(confusion.errors()), 1)});
  context.add(std::move(table));
}

}  // namespace neurarium
