#include "neurarium/report/markup.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cmath>

#include "neurarium/interchange/json.hpp"

namespace neurarium {
namespace {

TEST(Markup, EscapesWhatMeansSomethingInHtml) {
  EXPECT_EQ(escape_html("a<b>&\"c'\n\x01é"), "a&lt;b&gt;&amp;&quot;c&#39;\né");
  EXPECT_EQ(escape_prose("5.4 % < 6 %"), "5.4\u00a0% &lt; 6\u00a0%");
}

TEST(Markup, JsonInAScriptCannotEndIt) {
  Value value = Value::table();
  value.set("a", "</script><!--&");
  const std::string text = json_for_script(value);
  EXPECT_EQ(text.find_first_of("<>&"), std::string::npos) << text;
  EXPECT_EQ(parse_json(text, "test").at("a").as_text(), "</script><!--&");
}

// The examples of RFC 4648, section 10.
TEST(Markup, Base64) {
  const auto encoded = [](std::string_view text) { return base64(std::as_bytes(std::span(text))); };
  EXPECT_EQ(encoded(""), "");
  EXPECT_EQ(encoded("f"), "Zg==");
  EXPECT_EQ(encoded("fo"), "Zm8=");
  EXPECT_EQ(encoded("foo"), "Zm9v");
  EXPECT_EQ(encoded("foobar"), "Zm9vYmFy");
  EXPECT_EQ(encoded("\xff\xfe\xfd"), "//79");
}

TEST(Markup, GzipUnpacksAndHasNoTime) {
  const std::string content(100000, 'x');
  const std::string packed = gzip(content);
  EXPECT_LT(packed.size(), 500u);
  EXPECT_EQ(packed.substr(4, 4), std::string(4, '\0'));
  std::string unpacked(content.size() + 1, '\0');
  z_stream stream{};
  ASSERT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(unpacked.data());
  stream.avail_out = static_cast<uInt>(unpacked.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  unpacked.resize(stream.total_out);
  inflateEnd(&stream);
  EXPECT_EQ(unpacked, content);
}

TEST(Markup, NumbersForPeople) {
  EXPECT_EQ(format_number(0.992675623, 10), "0.992675623");
  EXPECT_EQ(format_number(0.992675623), "0.992676");
  EXPECT_EQ(format_number(-10), "−10");
  EXPECT_EQ(format_number(9999), "9999");
  EXPECT_EQ(format_number(1250000), "1,250,000");
  EXPECT_EQ(format_number(-50000), "−50,000");
  EXPECT_EQ(format_number(123456.789, 3), "123,457");
  EXPECT_EQ(format_number(1.5e-7), "1.5 × 10⁻⁷");
  EXPECT_EQ(format_number(6.02e23), "6.02 × 10²³");
  EXPECT_EQ(format_number(std::nan("")), "NaN");
  EXPECT_EQ(format_number(-INFINITY), "−∞");
}

TEST(Markup, ValuesForPeople) {
  EXPECT_EQ(format_value(Value()), "");
  EXPECT_EQ(format_value(Value(true)), "yes");
  EXPECT_EQ(format_value(Value::List{4.75, -10.0}), "4.75 · −10");
  EXPECT_EQ(format_value(Value::List{Value::List{1.0, 2.0}, Value::List{3.0, 4.0}}), "1 · 2; 3 · 4");
  const Value six = Value::List{1, 2, 3, 4, 5, 6};  // fewer of each row, so that a figure of many rows is not a wall
  EXPECT_EQ(format_value(six), "1 · 2 · 3 · 4 · 5 · 6");
  EXPECT_EQ(format_value(Value::List{six, six}), "1 · 2 · 3 · 4 · … (6 values); 1 · 2 · 3 · 4 · … (6 values)");
  EXPECT_EQ(format_value(Value(Value::List(40, Value(1)))),
            "1 · 1 · 1 · 1 · 1 · 1 · 1 · 1 · 1 · 1 · 1 · 1 · … (40 values)");
}

TEST(Markup, SecondsAndHeadings) {
  EXPECT_EQ(format_seconds(0.4312), "0.43 s");
  EXPECT_EQ(format_seconds(12.34), "12.3 s");
  EXPECT_EQ(format_seconds(200.2), "3 min 20 s");
  EXPECT_EQ(format_seconds(3900), "1 h 5 min");
  EXPECT_EQ(heading_of("topographic-map"), "Topographic map");
  EXPECT_EQ(heading_of("xor-surface"), "XOR surface");
  EXPECT_EQ(heading_of("digit-cnn"), "Digit CNN");
  EXPECT_EQ(heading_of("eventprop-yinyang"), "EventProp Yin-Yang");
  EXPECT_EQ(heading_of("dale-dann"), "Dale DANN");
  EXPECT_EQ(heading_of("finite-gaussian"), "Finite Gaussian");
  EXPECT_EQ(heading_of("layers · lif"), "Layers · LIF");
  EXPECT_EQ(heading_of("my_sgd_annealing-xor"), "My SGD annealing XOR");  // only whole words
  EXPECT_EQ(heading_of("--"), "  ");
  EXPECT_EQ(heading_of(""), "");
}

}  // namespace
}  // namespace neurarium
