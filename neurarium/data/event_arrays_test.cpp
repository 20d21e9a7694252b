// Spikes as arrays: what they mean, in steps and in seconds, there and back, and what each fault is called.
#include "neurarium/data/event_arrays.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/core/rng.hpp"
#include "neurarium/data/user_file.hpp"

namespace neurarium {
namespace {

template <class T>
Array list(DType type, const std::vector<T>& numbers) {
  Array array(type, {numbers.size()});
  std::ranges::copy(numbers, array.as<T>().data());
  return array;
}
Array whole(const std::vector<std::int64_t>& numbers) { return list(DType::i64, numbers); }
Array seconds(const std::vector<double>& numbers) { return list(DType::f64, numbers); }
Array single(double number) {
  Array array(DType::f64, Shape{});
  array.as<double>().flat()[0] = number;
  return array;
}

/// Two samples, three steps, four units.
NamedArrays two_samples() {
  return {{"t", whole({0, 0, 2, 1})}, {"i", whole({3, 1, 0, 2})}, {"offsets", whole({0, 3, 4})},
          {"y", whole({1, 0})},       {"n_steps", single(3)},     {"n_units", single(4)}};
}
NamedArrays with(const std::string& name, Array array) {
  NamedArrays arrays = two_samples();
  for (auto& [key, old] : arrays)
    if (key == name) return old = std::move(array), arrays;
  arrays.emplace_back(name, std::move(array));
  return arrays;
}
NamedArrays without(const std::string& name) {
  NamedArrays arrays = two_samples();
  std::erase_if(arrays, [&](const auto& item) { return item.first == name; });
  return arrays;
}
std::string fault(const NamedArrays& arrays) {
  try {
    user_dataset(arrays, "mine.npz");
  } catch (const DataError& error) {
    return error.what();
  }
  return "no error";
}

std::vector<StepSpikes::Unit> units(const Dataset& data, std::size_t sample, std::size_t step) {
  const auto row = data.train.spikes->at(sample, step);
  return {row.begin(), row.end()};
}
using Units = std::vector<StepSpikes::Unit>;

TEST(EventArrays, AreStepsOfUnitsOfSamples) {
  const Dataset data = user_dataset(two_samples(), "mine.npz");
  EXPECT_EQ(data.train.samples(), 2u);
  EXPECT_EQ(data.train.entry_shape(), (Shape{3, 4}));
  EXPECT_TRUE(data.train.has_labels());
  EXPECT_EQ(units(data, 0, 0), (Units{1, 3}));  // in any order
  EXPECT_EQ(units(data, 0, 1), Units{});
  EXPECT_EQ(units(data, 0, 2), (Units{0}));
  EXPECT_EQ(units(data, 1, 0), Units{});
  EXPECT_EQ(units(data, 1, 1), (Units{2}));
  EXPECT_NE(data.sha256, user_dataset(with("i", whole({3, 1, 0, 1})), "mine.npz").sha256);
}

TEST(EventArrays, SecondsAreStepsOfDt) {
  NamedArrays arrays = with("t", seconds({0, 0.0009999, 0.0029999, 0.001}));
  arrays.emplace_back("dt", single(1e-3));
  const Dataset data = user_dataset(std::move(arrays), "mine.npz");
  EXPECT_EQ(*data.train.spikes, *user_dataset(two_samples(), "mine.npz").train.spikes);
  // 3 · 0.1 s is a hair above 0.3 s and 0.3/0.1 one below 3: steps begin where they are meant to.
  for (std::int64_t k = 0; k < 100; ++k) {
    const Array t = seconds({static_cast<double>(k) / 10}), i = whole({0}), offsets = whole({0, 1});
    const StepSpikes spikes = spikes_of({t, i, offsets, 100, 1, 0.1, {}}, "mine");
    EXPECT_EQ(spikes.at(0, static_cast<std::size_t>(k)).size(), 1u) << k;
  }
}

TEST(EventArrays, AnyTypeOfNumbersThatFits) {
  const StepSpikes expected = *user_dataset(two_samples(), "mine.npz").train.spikes;
  NamedArrays arrays = with("t", list<std::uint8_t>(DType::u8, {0, 0, 2, 1}));
  arrays[1].second = list<std::uint16_t>(DType::u16, {3, 1, 0, 2});
  arrays[2].second = list<std::int32_t>(DType::i32, {0, 3, 4});
  EXPECT_EQ(*user_dataset(std::move(arrays), "mine.npz").train.spikes, expected);
}

TEST(EventArrays, ComeBackAsTheyWere) {
  Dataset data;
  for (Split* split : {&data.train, &data.test}) {
    StepSpikes spikes(7, 300);
    for (std::uint32_t sample = 0; sample < 5; ++sample)
      for (std::uint32_t step = 0; step < 7; ++step) {
        Units row;
        for (std::uint32_t unit = 0; unit < 300; ++unit)
          for (int twice = 0; twice < 2; ++twice)
            if (uniform(Stream(split == &data.train ? 1 : 2, "events"), {0, sample, step, unit}) < 0.05)
              row.push_back(static_cast<StepSpikes::Unit>(unit));
        spikes.add_step(row);
      }
    split->spikes = std::make_shared<const StepSpikes>(std::move(spikes));
    split->y = whole({0, 1, 2, 1, 0});
  }
  const Dataset back = user_dataset(user_arrays(data), "again");
  EXPECT_EQ(*back.train.spikes, *data.train.spikes);
  EXPECT_EQ(*back.test.spikes, *data.test.spikes);
  EXPECT_EQ(back.sha256, content_hash(data));
  const Dataset numbers = user_dataset({{"x", seconds({1, 2, 3})}, {"divisor", single(4)}}, "numbers");
  EXPECT_EQ(user_dataset(user_arrays(numbers), "again").sha256, numbers.sha256);
}

TEST(EventArrays, EachFaultSaysWhatAndWhere) {
  const auto says = [](const NamedArrays& arrays, const std::string& what) {
    EXPECT_NE(fault(arrays).find(what), std::string::npos) << fault(arrays) << "\ninstead of\n" << what;
  };
  says(without("i"), "mine.npz: no array 'i', found t, offsets, y, n_steps, n_units; spikes are three arrays");
  says(without("n_steps"), "no number 'n_steps'");
  says(with("n_units", single(2.5)), "n_units is 2.5");
  says(with("n_steps", single(0)), "n_steps is 0.000000, expected a finite number above 0");
  says(with("n_units", single(70000)), "at most 65536 units");
  says(with("t", whole({0, 0, 2})), "t has 3 events, i has 4; they must be equally many");
  says(with("t", whole({2, 0, 0, 1})), "t[1], of sample 0, is earlier than the event before it: 0 after 2; sort");
  says(with("t", whole({0, 0, 3, 1})), "t[2], of sample 0, is 3, outside the steps 0 … 2");
  says(with("t", whole({0, 0, 2, -1})), "t[3], of sample 1, is -1, outside the steps 0 … 2");
  says(with("i", whole({3, 1, 0, 4})), "i[3], of sample 1, is 4, outside the units 0 … 3");
  says(with("i", seconds({3, 1, 0, 2})), "i holds floating-point numbers");
  says(with("offsets", whole({0, 3, 3})), "offsets ends at 3, and there are 4 events");
  says(with("offsets", whole({1, 3, 4})), "offsets[0] is 1, expected 0");
  says(with("offsets", whole({0, 4, 3})), "offsets[2] is 3, and the one before 4");
  says(with("offsets", whole({0, 9, 4})), "offsets[1] is 9, outside 0 … 4");
  says(with("offsets", whole({0})), "there are no samples: offsets has a single entry");
  says(with("y", whole({1, 0, 0})), "y has 3 samples, offsets has 2");
  says(with("t", seconds({0, 0, 2, 1})), "t holds floating-point numbers, which are seconds, and there is no dt");
  says(with("dt", single(1e-3)), "t holds whole numbers, which are steps, and dt is there, too");
  NamedArrays late = with("t", seconds({0, 0, 0.0031, 0.001}));
  late.emplace_back("dt", single(1e-3));
  says(late, "t[2], of sample 0, is 0.0031 s, outside 0 … 0.003 s");
  late[0].second.as<double>().flat()[0] = std::nan("");
  says(late, "t[0], of sample 0, is not a finite number");
  says(with("n_step", single(3)), "array 'n_step' is not known; did you mean n_steps?");
  says(with("y_test", whole({1})), "y_test is there without t_test");
  NamedArrays half = with("t_test", whole({0}));
  says(half, "y_test is missing");
  half.emplace_back("y_test", whole({1}));
  says(half, "no array 'i_test'");
  half.emplace_back("i_test", whole({9}));
  half.emplace_back("offsets_test", whole({0, 1}));
  says(half, "i_test[0], of sample 0, is 9");
  EXPECT_THROW(require_arrays(user_dataset(two_samples(), "mine.npz")), DataError);
}

}  // namespace
}  // namespace neurarium
