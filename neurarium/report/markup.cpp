#include "neurarium/report/markup.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "neurarium/interchange/json.hpp"

namespace neurarium {
namespace {

/// "-07" → " × 10⁻⁷"
std::string power_of_ten(const std::string& exponent) {
  static constexpr const char* raised[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string out = exponent[0] == '-' ? " × 10⁻" : " × 10";
  bool leading = true;
  for (char digit : exponent.substr(1)) {
    if (leading && digit == '0') continue;
    leading = false;
    out += raised[digit - '0'];
  }
  return out;
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (char c : text) switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      case '\t':
      case '\n': out += c; break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) out += c;
    }
  return out;
}

std::string escape_prose(std::string_view text) {
  std::string out = escape_html(text);
  for (std::size_t at = 0; (at = out.find(" %", at)) != std::string::npos;) out.replace(at, 1, "\u00a0");
  return out;
}

std::string json_for_script(const Value& value) {
  std::string out;
  for (char c : to_json(value, -1)) switch (c) {
      case '<': out += "\\u003c"; break;
      case '>': out += "\\u003e"; break;
      case '&': out += "\\u0026"; break;
      default: out += c;
    }
  return out;
}

std::string base64(std::span<const std::byte> bytes) {
  static constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t k = 0; k < bytes.size(); k += 3) {
    const auto byte = [&](std::size_t i) {
      return k + i < bytes.size() ? std::to_integer<unsigned>(bytes[k + i]) : 0u;
    };
    const unsigned triple = byte(0) << 16 | byte(1) << 8 | byte(2);
    out += digits[triple >> 18];
    out += digits[triple >> 12 & 63];
    out += k + 1 < bytes.size() ? digits[triple >> 6 & 63] : '=';
    out += k + 2 < bytes.size() ? digits[triple & 63] : '=';
  }
  return out;
}

std::string gzip(std::string_view content) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw InternalError("gzip: can't start");
  std::string out(deflateBound(&stream, static_cast<uLong>(content.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) throw InternalError("gzip: can't finish");
  return out;
}

std::string format_number(double value, int digits) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "∞" : "−∞";
  // What has all its digits before the point is shown as a whole number.
  if (std::abs(value) < 1e15 && std::abs(value) >= std::pow(10, digits)) value = std::round(value);
  const bool whole = value == std::floor(value) && std::abs(value) < 1e15;
  std::array<char, 64> buffer{};
  const auto end = whole ? std::to_chars(buffer.begin(), buffer.end(), static_cast<std::int64_t>(value)).ptr
                         : std::to_chars(buffer.begin(), buffer.end(), value, std::chars_format::general, digits).ptr;
  std::string text(buffer.begin(), end);
  if (whole && std::abs(value) >= 10000)
    for (std::size_t at = text.size(); at > 3 + (value < 0 ? 1u : 0u); text.insert(at, ",")) at -= 3;
  if (const std::size_t e = text.find('e'); e != std::string::npos)
    text = text.substr(0, e) + power_of_ten(text.substr(e + 1));
  if (text[0] == '-') text.replace(0, 1, "−");
  return text;
}

namespace {
/// A list's first numbers; of a list in a list, fewer.
std::string format_list(const Value::List& list, int digits, std::size_t shown) {
  std::string text;
  for (std::size_t k = 0; k < list.size() && k < shown; ++k)
    text += list[k].is_list() ? (k == 0 ? "" : "; ") + format_list(list[k].as_list(), digits, 4)
                              : (k == 0 ? "" : " · ") + format_value(list[k], digits);
  if (list.size() > shown) text += " · … (" + std::to_string(list.size()) + " values)";
  return text;
}
}  // namespace

std::string format_value(const Value& value, int digits) {
  if (value.is_null()) return "";
  if (value.is_bool()) return value.as_bool() ? "yes" : "no";
  if (value.is_number()) return format_number(value.as_number(), digits);
  if (value.is_text()) return value.as_text();
  if (!value.is_list()) return to_json(value, -1);
  return format_list(value.as_list(), std::min(digits, 6), 12);
}

std::string format_seconds(double seconds) {
  if (seconds < 10) return format_number(seconds, seconds < 1 ? 2 : 3) + " s";
  if (seconds < 60) return format_number(std::round(seconds * 10) / 10) + " s";
  const auto whole = static_cast<std::int64_t>(std::round(seconds));
  if (whole < 3600) return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
  return std::to_string(whole / 3600) + " h " + std::to_string(whole % 3600 / 60) + " min";
}

std::string heading_of(std::string_view name) {
  static constexpr std::pair<std::string_view, std::string_view> spellings[] = {{"ann", "ANN"},
                                                                                {"auroc", "AUROC"},
                                                                                {"cnn", "CNN"},
                                                                                {"dann", "DANN"},
                                                                                {"eventprop", "EventProp"},
                                                                                {"gaussian", "Gaussian"},
                                                                                {"lif", "LIF"},
                                                                                {"mnist", "MNIST"},
                                                                                {"sgd", "SGD"},
                                                                                {"shd", "SHD"},
                                                                                {"snn", "SNN"},
                                                                                {"ssc", "SSC"},
                                                                                {"xor", "XOR"},
                                                                                {"yinyang", "Yin-Yang"}};
  std::string text;
  for (std::size_t first = 0, end = 0; end < name.size(); first = end + 1) {
    end = std::min(name.find_first_of("-_ ", first), name.size());
    const std::string_view word = name.substr(first, end - first);
    const auto known = std::ranges::find(spellings, word, [](const auto& spelling) { return spelling.first; });
    text += (first > 0 ? " " : "") + std::string(known == std::end(spellings) ? word : known->second);
  }
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

}  // namespace neurarium
