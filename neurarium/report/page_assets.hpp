// The style sheet and script that every page carries, compiled in from page.css and page.js.
#pragma once

#include <string_view>

namespace neurarium {

extern const std::string_view page_style;
extern const std::string_view page_script;

}  // namespace neurarium
