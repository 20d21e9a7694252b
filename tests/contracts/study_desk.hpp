// Where tests run studies: a desk that keeps what a study leaves and finds it by name; and the check that neither threads nor a stop
// change what a study says.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>

#include "neurarium/data/catalogue.hpp"
#include "neurarium/interchange/json.hpp"
#include "neurarium/neurarium.hpp"
#include "tests/contracts/test_context.hpp"

namespace neurarium {

inline const Registry& house() {
  static const Registry the_registry = builtin_registry();
  return the_registry;
}

class Desk : public contracts::TestContext {
 public:
  explicit Desk(int threads = 1, std::optional<Dataset> its_data = {}, std::uint64_t seed = 3)
      : TestContext(house(), threads, seed), data(std::move(its_data)) {}

  /// Runs a study with these settings.
  void run(const std::string& study, const Value& settings) {
    house().make<Study>("study", {study, resolve({study, {}, settings}, house()).settings}, study)->run(*this);
  }

  Dataset dataset(const std::string& name) override {
    asked.push_back(name);
    return data ? *data : load_dataset(name, "nowhere");
  }
  void array(const std::string& name, const Array& array) override { arrays[name] = array; }
  void keep(const std::string& member, const TrainedNetwork& network) override { kept[member] = network; }
  void answer(std::string line) override { said = std::move(line); }

  const Value& figure(const std::string& name) const {
    for (const Figure& f : figures)
      if (f.name == name) return f.value;
    throw InternalError("no figure " + name);
  }
  bool has_figure(const std::string& name) const {
    return std::ranges::any_of(figures, [&](const Figure& f) { return f.name == name; });
  }
  double number(const std::string& name) const { return figure(name).as_number(); }
  std::vector<double> numbers(const std::string& name) const {
    std::vector<double> all;
    for (const Value& value : figure(name).as_list()) all.push_back(value.as_number());
    return all;
  }
  /// An exhibit by its name; null if there is none of this kind.
  template <class Kind>
  const Kind* find(const std::string& name) const {
    for (const Exhibit& exhibit : exhibits)
      if (const auto* one = std::get_if<Kind>(&exhibit); one && one->name == name) return one;
    return nullptr;
  }

  std::optional<Dataset> data;  ///< what every name of a data set means here; none: what the catalogue makes of it
  std::vector<std::string> asked;
  std::map<std::string, Array> arrays;
  std::map<std::string, TrainedNetwork> kept;
  std::string said;
};

/// The same figures, but for times and bytes, and the same networks.
inline void expect_same_results(const Desk& a, const Desk& b) {
  ASSERT_EQ(a.figures.size(), b.figures.size());
  for (const Figure& f : a.figures)
    if (f.unit != "s" && f.unit != "1/s" && f.unit != "B") {
      EXPECT_EQ(to_json(f.value), to_json(b.figure(f.name))) << f.name;
    }
  ASSERT_EQ(a.kept.size(), b.kept.size());
  for (const auto& [member, network] : a.kept)
    EXPECT_EQ(content_hash(network.state), content_hash(b.kept.at(member).state)) << member;
}

/// What `run` does at three desks: with one thread, with two, and with two after a stop at the n-th look at the stop token.
struct ThreeWays {
  template <class Run>
  ThreeWays(int looks, Run run) {
    run(one), run(two);
    stopped.stop_after(looks);
    EXPECT_THROW(run(stopped), Interrupted);
    stopped.stop_after(-1);
    run(stopped);
    expect_same_results(one, two), expect_same_results(one, stopped);
  }
  Desk one{1}, two{2}, stopped{2};
};

/// A table of settings.
inline Value section(std::initializer_list<std::pair<const char*, Value>> settings) {
  Value table = Value::table();
  for (const auto& [key, value] : settings) table.set(key, value);
  return table;
}
/// The same with more or other settings.
inline Value with(Value table, std::initializer_list<std::pair<const char*, Value>> more) {
  for (const auto& [key, value] : more) table.set(key, value);
  return table;
}

}  // namespace neurarium
