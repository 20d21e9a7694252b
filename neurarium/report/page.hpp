// The frame that the report page and the gallery share.
#pragma once

#include <string>

#include "neurarium/core/tensor.hpp"
#include "neurarium/report/page_assets.hpp"
#include "neurarium/report/png.hpp"

namespace neurarium {

/// A whole page around `body` (markup), with the style sheet and, if asked for, the script. Its content security policy
/// forbids every load from elsewhere, so that a page that would need the network shows it at once.
std::string page(const std::string& title, const std::string& body, bool with_script);

/// In CSS pixels, on a wide screen: small pictures are enlarged by a whole number, as far as 660 × 560 pixels, the `lead`
/// of a report as far as 700 × 700.
struct ShownSize {
  std::size_t height, width;
};
ShownSize shown_size(const Shape& picture, bool smooth, bool lead = false);

/// <img> for a PNG of shape [height, width, 3] in base64.
std::string picture_tag(const Shape& shape, const std::string& png_base64, const std::string& alternative, bool smooth,
                        bool lead = false);

/// Plain text as <p>…</p>, split at empty lines.
std::string paragraphs(const std::string& text);

/// Whether a table cell reads as a number (it is then set flush right).
bool looks_numeric(const std::string& text);

}  // namespace neurarium
