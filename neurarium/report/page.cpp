#include "neurarium/report/page.hpp"

#include <algorithm>

#include "neurarium/report/markup.hpp"

namespace neurarium {

std::string page(const std::string& title, const std::string& body, bool with_script) {
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<meta name=\"generator\" content=\"Neurarium\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data: blob:; "
      "style-src 'unsafe-inline'; script-src 'unsafe-inline'; form-action 'none'; base-uri 'none'\">\n"
      "<title>" +
      escape_html(title) + " · Neurarium</title>\n<style>\n" + std::string(page_style) + "</style>\n</head>\n<body>\n" +
      body;
  if (with_script) out += "<script>\n" + std::string(page_script) + "</script>\n";
  return out + "</body>\n</html>\n";
}

ShownSize shown_size(const Shape& picture, bool smooth, bool lead) {
  const std::size_t height = picture[0], width = picture[1];
  const std::size_t most_width = lead ? 700 : 660, most_height = lead ? 700 : 560;
  const std::size_t factor = smooth || width == 0 || height == 0
                                 ? 1
                                 : std::max<std::size_t>(1, std::min(most_width / width, most_height / height));
  return {height * factor, width * factor};
}

std::string picture_tag(const Shape& shape, const std::string& png_base64, const std::string& alternative, bool smooth,
                        bool lead) {
  const ShownSize size = shown_size(shape, smooth, lead);
  // "smooth": more pixels than any screen shows, for a page is 944 wide; "fine": more than a small screen shows; "near":
  // about as many as a small screen shows, so that it must not enlarge them by a bit.
  const char* look = smooth || shape[1] > 944 ? "smooth"
                     : shape[1] > 340         ? "pixelated fine"
                     : shape[1] > 240         ? "pixelated near"
                                              : "pixelated";
  return "<img class=\"" + std::string(look) + "\" width=\"" + std::to_string(size.width) + "\" height=\"" +
         std::to_string(size.height) + "\" alt=\"" + escape_html(alternative) + "\" src=\"data:image/png;base64," +
         png_base64 + "\">";
}

std::string paragraphs(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find("\n\n", at), text.size());
    if (end > at) out += "<p>" + escape_prose(std::string_view(text).substr(at, end - at)) + "</p>\n";
    at = end + 2;
  }
  return out;
}

bool looks_numeric(const std::string& text) {
  bool digit = false;
  for (char c : text) {
    digit |= c >= '0' && c <= '9';
    // Beyond ASCII, only the bytes of the true minus sign (U+2212).
    if (std::string_view("0123456789.,+-eE% \xe2\x88\x92").find(c) == std::string_view::npos) return false;
  }
  return digit;
}

}  // namespace neurarium
