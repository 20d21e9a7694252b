#include <cstdint>
#include <string_view>

#include "neurarium/nn/raster.hpp"

namespace neurarium {
namespace {

constexpr std::size_t columns = 5, rows = letter_height - 1, advance = columns + 1;

/// Five columns per character, two hexadecimal digits each; the lowest bit is the uppermost pixel.
constexpr std::string_view characters = "%()+,-./0123456789=ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view glyphs =
    "2313086462001C2241000041221C0008083E0808"
    "0050300000080808080800606000002010080402"
    "3E5149453E00427F400042615149462141454B31"
    "1814127F1027454545393C4A4949300171090503"
    "3649494936064949291E14141414147C1211127C"
    "7F494949363E414141227F4141221C7F49494941"
    "7F090909013E4149497A7F0808087F00417F4100"
    "2040413F017F081422417F404040407F020C027F"
    "7F0408107F3E4141413E7F090909063E4151215E"
    "7F09192946464949493101017F01013F4040403F"
    "1F2040201F3F4038403F63140814630708700807"
    "615149454320545454787F484444383844444420"
    "384444487F3854545418087E0901020C5252523E"
    "7F0804047800447D40002040443D007F10284400"
    "00417F40007C041804787C080404783844444438"
    "7C14141408081414187C7C080404084854545420"
    "043F4440203C4040207C1C2040201C3C4030403C"
    "44281028440C5050503C4464544C44";
static_assert(glyphs.size() == characters.size() * columns * 2);

unsigned digit(char c) noexcept { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'A' + 10); }

bool inked(std::size_t character, std::size_t column, std::size_t row) noexcept {
  const std::size_t at = 2 * (character * columns + column);
  return (16 * digit(glyphs[at]) + digit(glyphs[at + 1])) >> row & 1u;
}

}  // namespace

std::size_t text_width(std::string_view text, std::size_t scale) noexcept { return text.size() * advance * scale; }

void draw_text(Array& image, std::size_t x, std::size_t y, std::string_view text, Colour colour, std::size_t scale) {
  const Shape& shape = image.shape();
  if (image.dtype() != DType::u8 || shape.axes() != 3 || shape[2] != 3)
    throw ShapeError("draw_text", "uint8 [height, width, 3]",
                     std::string(name_of(image.dtype())) + " " + to_string(shape));
  const auto pixels = image.as<std::uint8_t>();
  for (std::size_t k = 0; k < text.size(); ++k) {
    const std::size_t character = characters.find(text[k]);
    if (character == std::string_view::npos) continue;
    for (std::size_t i = 0; i < rows * scale; ++i)
      for (std::size_t j = 0; j < columns * scale; ++j) {
        const std::size_t row = y + i, column = x + k * advance * scale + j;
        if (row >= shape[0] || column >= shape[1] || !inked(character, j / scale, i / scale)) continue;
        pixels(row, column, 0) = colour.red;
        pixels(row, column, 1) = colour.green;
        pixels(row, column, 2) = colour.blue;
      }
  }
}

}  // namespace neurarium
