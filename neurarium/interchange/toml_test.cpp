#include "neurarium/interchange/toml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "neurarium/interchange/json.hpp"

namespace neurarium {
namespace {

using ::testing::HasSubstr;

std::string place_of(const Value& value) { return to_string(value.where()); }

std::string error_of(std::string_view text) {
  try {
    (void)parse_toml(text, "f.toml");
  } catch (const SpecError& error) {
    return error.what();
  }
  return {};
}

TEST(Toml, KeepsTheOrderWrittenAndEveryPlace) {
  const Value v = parse_toml(
      "zebra = 1\n"
      "apple = 2.5   # comment\n"
      "text = 'raw \\n'\n"
      "\n"
      "[model]\n"
      "rows = [1, 2,\n"
      "        3]\n"
      "[[model.layers]]\n"
      "type = \"dense\"\n"
      "[[model.layers]]\n"
      "type = \"lif\"\n"
      "tau = {value = \"20 ms\"}\n",
      "f.toml");
  EXPECT_EQ(
      to_json(v, -1),
      R"({"zebra":1,"apple":2.5,"text":"raw \\n","model":{"rows":[1,2,3],"layers":[{"type":"dense"},{"type":"lif","tau":{"value":"20 ms"}}]}})");
  EXPECT_EQ(place_of(v.at("zebra")), "f.toml:1:9");
  EXPECT_EQ(place_of(v.at("apple")), "f.toml:2:9");
  EXPECT_EQ(place_of(v.at("model").at("rows").as_list()[2]), "f.toml:7:9");
  EXPECT_EQ(place_of(v.at("model").at("layers").as_list()[1].at("type")), "f.toml:11:8");
  EXPECT_EQ(v.at("model").where().line, 5);
}

TEST(Toml, FaultsNameFileLineAndColumn) {
  EXPECT_THAT(error_of("a = 1\nb = [1, 2\nc = 3\n"), HasSubstr("f.toml:3:"));
  EXPECT_THAT(error_of("a = 1\na = 2\n"), HasSubstr("f.toml:2:"));
  EXPECT_THAT(error_of("a = \"open\n"), HasSubstr("f.toml:1:"));
  EXPECT_THAT(error_of("a = 1\n[b]\nc = 1979-05-27\n"), HasSubstr("f.toml:3:5: dates"));
  EXPECT_THAT(error_of("= 1"), HasSubstr("not valid TOML"));
}

TEST(Toml, WritesWhatItReads) {
  const std::string text =
      "whole = 3\n"
      "real = 3.0\n"
      "text = \"a \\\"b\\\" \\\\ \\n ü\"\n"
      "list = [1, 2.5, [true]]\n"
      "empty = []\n"
      "mixed = [1, {a = 2}]\n"
      "\"odd key\" = 1\n"
      "\n[model]\n"
      "units = 5\n"
      "\n[model.inner]\n"
      "deep = false\n"
      "\n[[model.layers]]\n"
      "type = \"dense\"\n"
      "\n[[model.layers]]\n"
      "type = \"lif\"\n"
      "\n[model.layers.initialiser]\n"
      "type = \"uniform\"\n";
  EXPECT_EQ(to_toml(parse_toml(text, "f")), text);
}

TEST(Toml, PlainValuesComeBeforeTablesWhateverTheOrderGiven) {
  Value v = Value::table();
  v.set("table", Value::table()).set("inner", 1);
  v.set("plain", 2);
  EXPECT_EQ(to_toml(v), "plain = 2\n\n[table]\ninner = 1\n");
}

TEST(Toml, DoublesReadBackToTheSameBits) {
  for (const double x : {0.1, 1.0, -0.0, 1e300, 5e-324, 1.0 / 3, 123456789012345680.0, std::nextafter(1.0, 2.0),
                         std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()}) {
    Value v = Value::table();
    v.set("x", x);
    const Value back = parse_toml(to_toml(v), "f").at("x");
    ASSERT_FALSE(back.is_integer()) << x;
    EXPECT_EQ(std::bit_cast<std::uint64_t>(back.as_number()), std::bit_cast<std::uint64_t>(x)) << x;
  }
  Value v = Value::table();
  v.set("x", std::nan(""));
  EXPECT_TRUE(std::isnan(parse_toml(to_toml(v), "f").at("x").as_number()));
}

TEST(Toml, ControlCharactersSurvive) {
  std::string all;
  for (char c = 1; c < 0x20; ++c) all += c;
  all += '\x7f';
  Value v = Value::table();
  v.set("x", all);
  EXPECT_EQ(parse_toml(to_toml(v), "f").at("x").as_text(), all);
}

TEST(Toml, CommentsStandBehindPlainValues) {
  const Value v = parse_toml("a = 1\n[b]\nc = [1]\n[[d]]\ne = 2\n", "f");
  EXPECT_EQ(to_toml(v, [](const std::string& path, const Value&) { return path == "b.c" ? "" : path; }),
            "a = 1  # a\n\n[b]\nc = [1]\n\n[[d]]\ne = 2  # d.0.e\n");
}

TEST(TomlLiteral, IsALiteralOrText) {
  const auto json = [](std::string_view text) { return to_json(parse_toml_literal(text, {"command line", 0, 0}), -1); };
  EXPECT_EQ(json("7"), "7");
  EXPECT_EQ(json("1e-3"), "0.001");
  EXPECT_EQ(json("true"), "true");
  EXPECT_EQ(json("20 ms"), "\"20 ms\"");
  EXPECT_EQ(json("mine.npz"), "\"mine.npz\"");
  EXPECT_EQ(json("\"quoted\""), "\"quoted\"");
  EXPECT_EQ(json("[1, 2.5]"), "[1,2.5]");
  EXPECT_EQ(json("[a,b]"), "[\"a\",\"b\"]");
  EXPECT_EQ(json("[[a,1],[b,2]]"), "[[\"a\",1],[\"b\",2]]");
  EXPECT_EQ(json("{type = \"sgd\"}"), "{\"type\":\"sgd\"}");
  EXPECT_EQ(json(""), "\"\"");
  EXPECT_EQ(json("1\ny = 2"), "\"1\\ny = 2\"");
  EXPECT_EQ(json("2024-05-06"), "\"2024-05-06\"");
}

TEST(TomlLiteral, EveryPartKnowsItsPlace) {
  const Value v = parse_toml_literal("[1, {a = [2]}]", {"command line (argument 3)", 0, 0});
  EXPECT_EQ(place_of(v.as_list()[1].at("a").as_list()[0]), "command line (argument 3)");
}

}  // namespace
}  // namespace neurarium
