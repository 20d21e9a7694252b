#include "neurarium/core/schema.hpp"

#include <gtest/gtest.h>

#include "neurarium/core/registry.hpp"
#include "neurarium/core/units.hpp"

namespace neurarium {
namespace {

struct Inner {
  double tau = 0.02;
  static Schema fields() {
    return Schema::of<Inner>({field("tau", &Inner::tau, "Time constant.").unit("s").positive()});
  }
};
struct Outer {
  std::int64_t units = 10;
  double share = 0.5;
  std::string rule = "a";
  bool flag = false;
  std::vector<double> numbers = {1, 2};
  Inner inner;
  Component part{"gadget", Value::table()};
  std::vector<Component> parts;
  ArraySource weights;
  static Schema fields() {
    return Schema::of<Outer>({
        field("units", &Outer::units, "Units.").at_least(1),
        field("share", &Outer::share, "A share.").between(0, 1),
        field("rule", &Outer::rule, "A rule.").one_of({"alpha", "beta", "a"}),
        field("flag", &Outer::flag, "A flag."),
        field("numbers", &Outer::numbers, "Numbers."),
        field("inner", &Outer::inner, "A section."),
        component("part", &Outer::part, "widget", "A part."),
        component("parts", &Outer::parts, "widget", "Parts."),
        field("weights", &Outer::weights, "Weights."),
    });
  }
};
struct Gadget {
  double size = 3;
  static Schema fields() { return Schema::of<Gadget>({field("size", &Gadget::size, "Size.").positive()}); }
};

Registry registry() {
  Registry r;
  r.add<Gadget>("widget", "gadget", "A gadget.").makes<double>([](const Gadget& g) {
    return std::make_unique<double>(g.size);
  });
  return r;
}

using T = Value::Table;
using L = Value::List;

struct Outcome {
  Outer params;
  std::vector<Fault> faults;
};
Outcome read(const Value& table) {
  const Registry r = registry();
  Outcome outcome;
  Outer::fields().read(table, &outcome.params, {&r, &outcome.faults, "", {}});
  return outcome;
}
std::string only_fault(const Value& table) {
  const Outcome o = read(table);
  EXPECT_EQ(o.faults.size(), 1u);
  return o.faults.empty() ? "" : to_string(o.faults.front());
}

TEST(Schema, ReadsWhatIsGivenAndKeepsTheRest) {
  const Outcome o = read(T{{"units", 7},
                           {"inner", T{{"tau", "5 ms"}}},
                           {"part", "gadget"},
                           {"weights", L{L{1, 2}, L{3, 4}}},
                           {"flag", true}});
  EXPECT_TRUE(o.faults.empty());
  EXPECT_EQ(o.params.units, 7);
  EXPECT_EQ(o.params.inner.tau, 0.005);
  EXPECT_EQ(o.params.share, 0.5);
  EXPECT_TRUE(o.params.flag);
  ASSERT_TRUE(o.params.weights.given());
  EXPECT_EQ(o.params.weights.array->as<double>()(1, 0), 3);
  EXPECT_EQ(o.params.part.settings.at("size").as_number(), 3);
}

TEST(Schema, SaysWhatIsWrongAndHowToMendIt) {
  EXPECT_EQ(only_fault(T{{"unitz", 7}}), "unitz: unknown key; did you mean 'units'?");
  EXPECT_EQ(only_fault(T{{"units", 0}}), "units: out of range: expected ≥ 1, found 0");
  EXPECT_EQ(only_fault(T{{"share", 1.5}}), "share: out of range: expected in [0, 1], found 1.5");
  EXPECT_EQ(only_fault(T{{"units", "many"}}), "units: expected a whole number, found text");
  EXPECT_EQ(only_fault(T{{"units", 2.5}}), "units: expected a whole number, found a number");
  EXPECT_EQ(only_fault(T{{"rule", "alpa"}}), "rule: 'alpa' is not one of alpha, beta, a; did you mean 'alpha'?");
  EXPECT_EQ(only_fault(T{{"inner", T{{"tau", "5 mV"}}}}),
            "inner.tau: '5 mV' is not a number in s (or text such as \"20 ms\")");
  EXPECT_EQ(only_fault(T{{"inner", T{{"tau", 0}}}}), "inner.tau: out of range: expected > 0, found 0");
  EXPECT_EQ(only_fault(T{{"part", T{{"type", "gadgit"}}}}),
            "part.type: no widget is called 'gadgit'; did you mean 'gadget'?");
  EXPECT_EQ(only_fault(T{{"part", T{{"type", "gadget"}, {"size", -1}}}}),
            "part.size: out of range: expected > 0, found -1");
  EXPECT_EQ(only_fault(T{{"parts", L{T{{"type", "gadget"}, {"siz", 1}}}}}),
            "parts[0].siz: unknown key; did you mean 'size'?");
  EXPECT_EQ(only_fault(T{{"weights", L{L{1, 2}, L{3}}}}), "weights: ragged lists: every row must have 2 entries");
  EXPECT_EQ(only_fault(T{{"numbers", L{1, "x"}}}), "numbers[1]: 'x' is not a number");
}

TEST(Schema, NaNIsOutOfEveryRange) {
  EXPECT_EQ(read(T{{"share", std::numeric_limits<double>::quiet_NaN()}}).faults.size(), 1u);
}

TEST(Schema, CollectsAllFaults) {
  EXPECT_EQ(read(T{{"a1", 1}, {"units", -1}, {"inner", T{{"tao", 1}}}, {"part", T{{"type", "none"}}}}).faults.size(),
            4u);
}

TEST(Schema, FaultsKnowTheirPlace) {
  Value table = Value::table();
  table.set("units", Value(-3)).at_location({"net.toml", 4, 9});
  EXPECT_EQ(only_fault(table), "net.toml:4:9: units: out of range: expected ≥ 1, found -3");
}

TEST(Registry, MakesPartsFromTheirSettings) {
  EXPECT_EQ(*registry().make<double>("widget", {"gadget", T{{"size", 8}}}), 8);
  EXPECT_THROW(registry().make<double>("widget", {"gadgets", Value::table()}), SpecError);
  EXPECT_THROW(registry().make<int>("widget", {"gadget", Value::table()}), SpecError);
}

TEST(Units, QuantitiesAreExact) {
  EXPECT_EQ(parse_quantity("20 ms", "s"), 0.02);
  EXPECT_EQ(parse_quantity("20", "s"), 20);
  EXPECT_EQ(parse_quantity("1.5 kHz", "Hz"), 1500);
  EXPECT_EQ(parse_quantity("50 %", ""), 0.5);
  EXPECT_EQ(parse_quantity("3 ms", "ms"), 3);
  EXPECT_EQ(parse_quantity("3 mV", "s"), std::nullopt);
  EXPECT_EQ(parse_quantity("ms", "s"), std::nullopt);
  EXPECT_EQ(parse_quantity("3 parsec", "s"), std::nullopt);
}

TEST(Units, QuotientsOfNumbers) {
  EXPECT_EQ(parse_quantity("8/255", ""), 8.0 / 255);
  EXPECT_EQ(parse_quantity(" 1 / 3 ms", "s"), 1.0 / 3 / 1000);
  EXPECT_EQ(parse_quantity("-1/4", ""), -0.25);
  for (const char* wrong : {"8/", "/255", "8/0", "8/255/2", "8/x"}) EXPECT_EQ(parse_quantity(wrong, ""), std::nullopt);
}

TEST(Schema, ReadsQuotientsAndKeepsTheNumber) {
  const Outcome o = read(T{{"share", "8/255"}, {"numbers", L{"1/4", 2}}});
  EXPECT_TRUE(o.faults.empty());
  EXPECT_EQ(o.params.share, 8.0 / 255);
  EXPECT_EQ(o.params.numbers, (std::vector<double>{0.25, 2}));
  EXPECT_EQ(only_fault(T{{"numbers", L{1, "8/0"}}}), "numbers[1]: '8/0' is not a number");
}

TEST(Nearest, FindsSlipsAndNothingElse) {
  EXPECT_EQ(nearest("learning_rat", {"learning_rate", "momentum"}), "learning_rate");
  EXPECT_EQ(nearest("xyz", {"learning_rate", "momentum"}), "");
}

}  // namespace
}  // namespace neurarium
