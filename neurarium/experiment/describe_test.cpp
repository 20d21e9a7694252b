#include "neurarium/experiment/describe.hpp"

#include "neurarium/experiment/toy_study_test.hpp"
#include "neurarium/interchange/json.hpp"

namespace neurarium {
namespace {

TEST(Describe, SaysEverythingAboutAField) {
  const Registry registry = testing::toy_registry();
  const Value toy = describe(*registry.find("study", "toy-sum"));
  EXPECT_EQ(toy.at("doc").as_text(), "What is the sum?");
  const auto field = [&](const Value& fields, const char* name) {
    for (const Value& entry : fields.as_list())
      if (entry.at("name").as_text() == name) return to_json(entry, -1);
    return std::string();
  };
  const Value& fields = toy.at("fields");
  EXPECT_EQ(
      field(fields, "steps"),
      R"({"name":"steps","kind":"integer","doc":"How many numbers are added.","range":"≥ 1","minimum":1.0,"default":40})");
  EXPECT_EQ(field(fields, "mode"),
            R"({"name":"mode","kind":"text","doc":"Plain or fancy.","choices":["plain","fancy"],"default":"plain"})");
  EXPECT_EQ(field(fields, "layers"),
            R"({"name":"layers","kind":"components","doc":"Layers.","component_kind":"layer","default":[]})");
  for (const Value& entry : fields.as_list())
    if (entry.at("name").as_text() == "train") {
      EXPECT_EQ(
          field(entry.at("fields"), "window"),
          R"({"name":"window","kind":"real","doc":"A time.","unit":"s","range":"> 0","minimum":0.0,"minimum_excluded":true,"default":0.02})");
      EXPECT_EQ(
          field(entry.at("fields"), "optimiser"),
          R"({"name":"optimiser","kind":"component","doc":"How.","component_kind":"optimiser","default":{"type":"slow"}})");
    }
}

TEST(Describe, AllIsByKindAndName) {
  const Value all = describe_all(testing::toy_registry());
  std::string names;
  for (const Value& entry : all.at("entries").as_list())
    names += entry.at("kind").as_text() + "/" + entry.at("type").as_text() + " ";
  EXPECT_EQ(names, "layer/toy-layer optimiser/fast optimiser/slow study/toy-sum study/train-network ");
}

}  // namespace
}  // namespace neurarium
