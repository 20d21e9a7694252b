// Spike times against SciPy's brentq on the closed form (validation/eventprop/write_spike_times.py).
#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/interchange/npz.hpp"
#include "neurarium/models/eventprop_lif/lone_layer_test.hpp"

namespace neurarium {
namespace {

using namespace lone_layer;
using Spikes = SpikeTimes<double>;

class Network {
 public:
  explicit Network(const std::string& name) : prefix_("network." + name + ".") {}
  const Array* find(const std::string& key) const {
    static const NamedArrays file =
        read_npz(std::string(NEURARIUM_SOURCE_DIR) + "/tests/data/eventprop/spike_times.npz");
    for (const auto& [name, array] : file)
      if (name == prefix_ + key) return &array;
    return nullptr;
  }
  const Array& operator()(const std::string& key) const {
    if (const Array* array = find(key)) return *array;
    throw InternalError("no array " + prefix_ + key);
  }
  EventPropLifParams params() const {
    EventPropLifParams p;
    p.units = static_cast<std::int64_t>((*this)("threshold").size());
    p.weights = given((*this)("weights"));
    p.recurrent = (*this)("recurrent").size() > 0;
    if (p.recurrent) p.recurrent_weights = given((*this)("recurrent"));
    p.time_constants = given((*this)("tau_membrane"));
    p.synapse_time_constants = given((*this)("tau_synapse"));
    p.thresholds = given((*this)("threshold"));
    if (const Array* refractory = find("refractory")) {
      p.refractory = refractory->as<double>().flat()[0];
      p.adaptations = given((*this)("adaptation"));
      p.adaptation_time_constants = given((*this)("tau_adaptation"));
    }
    if ((*this)("delays").size() > 0) p.delays = "synaptic", p.initial_delays = given((*this)("delays"));
    return p;
  }
  template <class T>
  void fill(SpikeTimes<T>& spikes) const {
    const auto times = (*this)("times").as<double>().flat();
    const auto who = (*this)("who").as<std::int64_t>().flat();
    for (std::size_t k = 0; k < times.size(); ++k)
      spikes.add(static_cast<T>(times[k]), static_cast<typename SpikeTimes<T>::Unit>(who[k]));
    spikes.end_sample();
  }

 private:
  std::string prefix_;
};

class AgainstSciPy : public testing::TestWithParam<const char*> {};

TEST_P(AgainstSciPy, UnitsFireWhereTheyShould) {
  const Network network(GetParam());
  const auto expected = network("spike_times").as<double>().flat();
  const auto who = network("spike_units").as<std::int64_t>().flat();
  ASSERT_GT(expected.size(), 10u);
  const auto check = [&]<class T>(double tolerance) {
    const auto layer = layer_of<T>(network.params(), network("weights").shape()[0]);
    Activity<T> in, out;
    network.fill(in.make_times(1, network("weights").shape()[0], 0.06));
    Tape tape;
    layer->forward(in, out, {}, tape);
    const SpikeTimes<T>& spikes = out.times();
    ASSERT_EQ(spikes.count(0), expected.size());
    for (std::size_t k = 0; k < expected.size(); ++k) {
      EXPECT_EQ(spikes.units_of(0)[k], who[k]) << k;
      EXPECT_NEAR(static_cast<double>(spikes.times(0)[k]), expected[k], tolerance) << k;
    }
  };
  check.operator()<double>(1e-12);
  check.operator()<float>(1e-5);
}

INSTANTIATE_TEST_SUITE_P(EventPropLif, AgainstSciPy,
                         testing::Values("newton", "parabola", "lambert", "mixed", "recurrent", "recurrent_mixed",
                                         "delays", "recurrent_delays", "refractory", "adapting", "adapting_quickly",
                                         "recovering", "recurrent_recovering"),
                         [](const auto& kind) { return std::string(kind.param); });

}  // namespace
}  // namespace neurarium
