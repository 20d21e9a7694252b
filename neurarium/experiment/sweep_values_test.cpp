#include "neurarium/experiment/sweep_values.hpp"

#include <gmock/gmock.h>

#include "neurarium/experiment/toy_study_test.hpp"
#include "neurarium/interchange/json.hpp"

namespace neurarium {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::message_of;

std::string values(const std::string& text) { return to_json(Value(sweep_values(text, {})), -1); }
/// The same values written as JSON.
std::string json(const std::string& text) { return to_json(parse_json(text, "the test"), -1); }
std::string fault(const std::string& text) {
  return message_of<SpecError>([&] { (void)sweep_values(text, {"command line (argument 3)", 0, 0}, "a.b"); });
}

TEST(SweepValues, ListsKeepTheirTypes) {
  EXPECT_EQ(values("0,1,2"), json("[0, 1, 2]"));
  EXPECT_EQ(values("0.5, 1e-3"), json("[0.5, 0.001]"));
  EXPECT_EQ(values("sgd,adam"), json(R"(["sgd", "adam"])"));
  EXPECT_EQ(values("true,false"), json("[true, false]"));
  EXPECT_EQ(values("1 ms,20 ms"), json(R"(["1 ms", "20 ms"])"));
}

TEST(SweepValues, CommasInsideBracketsAndQuotesDoNotSeparate) {
  EXPECT_EQ(values("[8,4],[16,8]"), json("[[8, 4], [16, 8]]"));
  EXPECT_EQ(values("\"a,b\",c"), json(R"(["a,b", "c"])"));
  EXPECT_EQ(values("{type = \"sgd\", learning_rate = 0.1},adam"),
            json(R"([{"type": "sgd", "learning_rate": 0.1}, "adam"])"));
}

TEST(SweepValues, RangesCountInDecimals) {
  EXPECT_EQ(values("range(0,1,0.1)"), json("[0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]"));
  EXPECT_EQ(values("range(0.7,0.1,-0.2)"), json("[0.7, 0.5, 0.3, 0.1]"));
  EXPECT_EQ(values("range(1e-3,3e-3,1e-3)"), json("[0.001, 0.002, 0.003]"));
  EXPECT_EQ(values("range(1e2,300,1e2)"), json("[100.0, 200.0, 300.0]"));
}

TEST(SweepValues, RangesOfWholeNumbersStayWholeAndIncludeTheStopOnlyIfTheyMeetIt) {
  EXPECT_EQ(values("range(0,4,2)"), json("[0, 2, 4]"));
  EXPECT_EQ(values("range(0,5,2)"), json("[0, 2, 4]"));
  EXPECT_EQ(values("range(-1,-3,-1)"), json("[-1, -2, -3]"));
  EXPECT_EQ(values("range(3,3,1)"), json("[3]"));
}

TEST(SweepValues, LogspaceGivesThePowersPeopleWrite) {
  EXPECT_EQ(values("logspace(-4,-1,4)"), json("[0.0001, 0.001, 0.01, 0.1]"));
  EXPECT_EQ(values("logspace(0,3,2)"), json("[1.0, 1000.0]"));
  const auto three = sweep_values("logspace(-1,0,3)", {});
  EXPECT_DOUBLE_EQ(three.at(1).as_number(), 0.31622776601683794);
}

TEST(SweepValues, MayBeMixed) {
  EXPECT_EQ(values("1,range(10,30,10),logspace(2,2,1)"), json("[1, 10, 20, 30, 100.0]"));
}

TEST(SweepValues, FaultsSayWhereAndWhatToWrite) {
  EXPECT_THAT(fault("range(0,1)"), AllOf(HasSubstr("command line (argument 3): a.b"), HasSubstr("found 2"),
                                         HasSubstr("range(start,stop,step)")));
  EXPECT_THAT(fault("range(0,1,0)"), HasSubstr("never reaches"));
  EXPECT_THAT(fault("range(0,1,-1)"), HasSubstr("never reaches"));
  EXPECT_THAT(fault("range(0,one,1)"), HasSubstr("'one'"));
  EXPECT_THAT(fault("range(0,1e9,1)"), HasSubstr("more than 100000"));
  EXPECT_THAT(fault("range(0,1e300,1)"), HasSubstr("too far apart"));
  EXPECT_THAT(fault("logspace(1,2)"), HasSubstr("logspace(-4,-1,4)"));
  EXPECT_THAT(fault("logspace(1,400,3)"), HasSubstr("is no number"));
  EXPECT_THAT(fault("logspace(1,2,0)"), HasSubstr("ask for 1"));
  EXPECT_THAT(fault("1,,2"), HasSubstr("a value is missing"));
}

TEST(SweptWords, AreTakenOutOfTheOthers) {
  const SweptWords words = swept_words({"topographic-map", "a=1,2", "b=[1,2]", "c=x", "d=range(1,2,1)"});
  ASSERT_EQ(words.axes.size(), 2U);
  EXPECT_EQ(words.axes[0].key, "a");
  EXPECT_EQ(words.axes[1].key, "d");
  EXPECT_EQ(words.axes[1].values.size(), 2U);
  EXPECT_EQ(words.axes[0].values[1].where().source, "command line (argument 2)");
  EXPECT_THAT(words.others, ElementsAre("topographic-map", "b=[1,2]", "c=x"));
  EXPECT_THAT(words.numbers, ElementsAre(1, 3, 4));
}

TEST(SweptWords, TellOfAllFaultsAtOnce) {
  EXPECT_THAT(message_of<SpecError>([] {
                (void)swept_words({"a=1,,2", "b=range(1)"}, std::vector<std::size_t>{5, 6});
              }),
              AllOf(HasSubstr("(argument 5): a"), HasSubstr("(argument 6): b")));
}

}  // namespace
}  // namespace neurarium
