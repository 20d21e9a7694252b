// Letters in pictures: their pixels by eye.
#include <gtest/gtest.h>

#include <map>

#include "neurarium/nn/raster.hpp"

namespace neurarium {
namespace {

std::vector<std::string> drawn(const Array& image) {
  std::vector<std::string> lines;
  const auto p = image.as<std::uint8_t>();
  for (std::size_t i = 0; i < image.shape()[0]; ++i) {
    std::string& line = lines.emplace_back();
    for (std::size_t j = 0; j < image.shape()[1]; ++j) line += p(i, j, 0) == 255 ? '#' : '.';
  }
  return lines;
}

TEST(RasterText, LettersLookLikeLetters) {
  Array image = blank_image(8, 18, {0, 0, 0});
  draw_text(image, 0, 0, "4e1", {255, 255, 255});
  EXPECT_EQ(drawn(image), (std::vector<std::string>{
                              "...#..........#...",  //
                              "..##.........##...",  //
                              ".#.#...###....#...",  //
                              "#..#..#...#...#...",  //
                              "#####.#####...#...",  //
                              "...#..#.......#...",  //
                              "...#...###...###..",  //
                              "..................",
                          }));
}

// The lowest row that any letter inks, and the space below it.
TEST(RasterText, LetterHeightIsTheLowestInkedRowAndItsSpace) {
  constexpr std::size_t scale = 3;
  Array image = blank_image(40, 6 * scale, {0, 0, 0});
  draw_text(image, 0, 0, "L", {255, 255, 255}, scale);
  const auto lines = drawn(image);
  std::size_t inked = 0;
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (lines[i].find('#') != std::string::npos) inked = i + 1;
  EXPECT_EQ(inked + scale, letter_height * scale);
}

TEST(RasterText, CapitalsLookLikeCapitals) {
  Array image = blank_image(8, 18, {0, 0, 0});
  draw_text(image, 0, 0, "PAN", {255, 255, 255});
  EXPECT_EQ(drawn(image), (std::vector<std::string>{
                              "####....#...#...#.",  //
                              "#...#..#.#..#...#.",  //
                              "#...#.#...#.##..#.",  //
                              "####..#...#.#.#.#.",  //
                              "#.....#####.#..##.",  //
                              "#.....#...#.#...#.",  //
                              "#.....#...#.#...#.",  //
                              "..................",
                          }));
}

TEST(RasterText, NoTwoCharactersLookAlike) {
  const std::string all = "%()+,-./0123456789=ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz ";
  std::map<std::vector<std::string>, char> seen;
  for (const char c : all) {
    Array image = blank_image(8, 6, {0, 0, 0});
    draw_text(image, 0, 0, std::string(1, c), {255, 255, 255});
    const auto [place, is_new] = seen.emplace(drawn(image), c);
    EXPECT_TRUE(is_new) << c << " looks like " << place->second;
  }
}

TEST(RasterText, ScalesSkipsAndIsCutOff) {
  Array image = blank_image(4, 20, {0, 0, 0});
  draw_text(image, 0, 0, "\t-", {255, 255, 255}, 2);  // a gap of 12 pixels, then the dash, below the lower edge
  EXPECT_EQ(text_width("\t-", 2), 24u);
  for (const std::string& line : drawn(image)) EXPECT_EQ(line, std::string(20, '.'));
  Array taller = blank_image(9, 20, {0, 0, 0});
  draw_text(taller, 0, 0, "\t-", {255, 255, 255}, 2);
  EXPECT_EQ(drawn(taller)[6], std::string(12, '.') + std::string(8, '#'));
  EXPECT_EQ(drawn(taller)[5], std::string(20, '.'));
  EXPECT_EQ(drawn(taller)[8], std::string(20, '.'));
}

}  // namespace
}  // namespace neurarium
