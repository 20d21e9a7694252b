#include "neurarium/interchange/json.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

namespace neurarium {
namespace {

std::string message_of(std::string_view text) {
  try {
    parse_json(text, "file.json");
  } catch (const DataError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Json, ReadsEveryKindInOrder) {
  const Value value =
      parse_json(R"({"b": true, "a": [1, -2.5, "x\u00e9\n", null], "big": 18446744073709551615, "t": {}})", "f");
  ASSERT_EQ(value.as_table().size(), 4u);
  EXPECT_EQ(value.as_table()[0].first, "b");
  EXPECT_TRUE(value.at("b").as_bool());
  const auto& list = value.at("a").as_list();
  EXPECT_EQ(list[0].as_integer(), 1);
  EXPECT_EQ(list[1].as_number(), -2.5);
  EXPECT_EQ(list[2].as_text(), "x\xc3\xa9\n");
  EXPECT_TRUE(list[3].is_null());
  EXPECT_EQ(value.at("big").as_number(), 18446744073709551616.0);
  EXPECT_TRUE(value.at("t").as_table().empty());
}

TEST(Json, RemembersPlaces) {
  const Value value = parse_json("{\n  \"a\": 12,\n  \"b\": [3,\n 4, {\"c\": \"x\"}], \"d\": null\n}", "f.json");
  EXPECT_EQ(to_string(value.where()), "f.json:1:1");
  EXPECT_EQ(to_string(value.at("a").where()), "f.json:2:8");
  EXPECT_EQ(to_string(value.at("b").where()), "f.json:3:8");
  EXPECT_EQ(to_string(value.at("b").as_list()[0].where()), "f.json:3:9");
  EXPECT_EQ(to_string(value.at("b").as_list()[1].where()), "f.json:4:2");
  EXPECT_EQ(to_string(value.at("b").as_list()[2].at("c").where()), "f.json:4:11");
  EXPECT_EQ(to_string(value.at("d").where()), "f.json:4:23");
}

TEST(Json, DamageIsLocated) {
  EXPECT_NE(message_of("{\"a\": 1,\n \"b\": tru}").find("file.json: at byte 18: line 2, column 10: not valid JSON"),
            std::string::npos)
      << message_of("{\"a\": 1,\n \"b\": tru}");
  EXPECT_NE(message_of("").find("line 1, column 1"), std::string::npos) << message_of("");
  EXPECT_NE(message_of("[1] 2").find("line 1, column 5"), std::string::npos) << message_of("[1] 2");
  EXPECT_NE(message_of("{\"a\": 1, \"a\": 2}").find("line 1, column 10: key 'a' is written twice"), std::string::npos);
  EXPECT_NE(message_of(std::string(100000, '[')).find("200 levels"), std::string::npos);
  EXPECT_NE(message_of("[1e999]"), "no error");
  EXPECT_NE(message_of("\"\xff\""), "no error");
}

TEST(Json, WritesInOrderWithShortestDigits) {
  Value value = Value::table();
  value.set("z", 0.1);
  value.set("one", 1.0);
  value.set("n", 1);
  value.set("nan", std::nan(""));
  value.set("inf", -std::numeric_limits<double>::infinity());
  value.set("list", Value::List{1, 2.5, "a\"b"});
  value.set("nested", Value::List{Value::List{1}, Value::List{}});
  EXPECT_EQ(to_json(value, -1),
            R"({"z":0.1,"one":1.0,"n":1,"nan":null,"inf":null,"list":[1,2.5,"a\"b"],"nested":[[1],[]]})");
  EXPECT_EQ(to_json(Value(Value::Table{{"a", Value::List{1, 2}}, {"t", Value::table()}})),
            "{\n  \"a\": [1, 2],\n  \"t\": {}\n}");
  EXPECT_EQ(to_json(Value("\xff")), "\"\xef\xbf\xbd\"");
}

TEST(Json, ArraysBecomeNestedLists) {
  Array array(DType::f32, {2, 2});
  array.as<float>().flat()[1] = 0.1f;
  array.as<float>().flat()[3] = std::nanf("");
  EXPECT_EQ(to_json(Value(std::make_shared<const Array>(array))), "[[0.0, 0.1], [0.0, null]]");
  EXPECT_EQ(to_json(Value(std::make_shared<const Array>(Array(DType::u8, {0, 3})))), "[]");
}

RC_GTEST_PROP(Json, DoublesComeBackToTheBit, (std::uint64_t bits)) {
  const double x = std::bit_cast<double>(bits);
  RC_PRE(std::isfinite(x));
  const Value back = parse_json(to_json(Value(x)), "f");
  RC_ASSERT(!back.is_integer());
  RC_ASSERT(std::bit_cast<std::uint64_t>(back.as_number()) == bits);
}

RC_GTEST_PROP(Json, TextsComeBack, (std::vector<std::string> words)) {
  Value::List list;
  for (std::string word : words) {
    std::erase_if(word, [](char c) { return static_cast<unsigned char>(c) > 127; });
    list.push_back(word);
  }
  const Value back = parse_json(to_json(Value(list)), "f");
  RC_ASSERT(back.as_list().size() == list.size());
  for (std::size_t i = 0; i < list.size(); ++i) RC_ASSERT(back.as_list()[i].as_text() == list[i].as_text());
}

}  // namespace
}  // namespace neurarium
