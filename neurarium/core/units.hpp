// Numbers with units, "20 ms" read where the schema says seconds, and quotients, "8/255".
#pragma once

#include <optional>
#include <string_view>

namespace neurarium {

/// `text` ("20 ms", "0.02 s", "3", "8/255") as a number in `unit`. A bare number is already in `unit`.
/// Nothing if the text is not a number, divides by 0, the unit is unknown, or the two units measure different things.
/// Known: s ms us ns · Hz kHz MHz · V mV · deg rad · %.
std::optional<double> parse_quantity(std::string_view text, std::string_view unit);

}  // namespace neurarium
