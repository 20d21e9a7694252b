// Numbers as plain digits. (The page writes them for people: report/markup.hpp.)
#pragma once

#include <string>

namespace neurarium {

/// The fewest digits that read back as x.
std::string exact_digits(double x);
/// At most so many significant digits, as printf's %g.
std::string short_digits(double x, int significant = 6);

}  // namespace neurarium
