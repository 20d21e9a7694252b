"""Networks that spike, from Python: what goes on inside, beside the equations in NumPy."""

import tempfile
import unittest

import numpy as np

import neurarium as nr


class Inside(unittest.TestCase):
    def setUp(self):
        random = np.random.default_rng(4)
        self.x = (random.random((3, 30, 5)) < 0.3).astype(float)
        self.weights = random.normal(0.3, 0.5, (5, 4))
        self.net = nr.Sequential([nr.layers.AxonalDelay(initial="constant", delay="2 ms"), nr.layers.Lif(units=4, weights=self.weights),
                                  nr.layers.RatePenalty(upper="50 Hz"), nr.layers.SpikeCount()],
                                 inputs=[30, 5], scalar="float64", loss="cross_entropy")  # fmt: skip

    def course(self):
        """Membranes before the reset, and spikes, by the equations."""
        u, s, v = np.zeros((3, 30, 4)), np.zeros((3, 30, 4)), np.zeros((3, 4))
        for t in range(30):
            u[:, t] = np.exp(-1 / 5) * v + (self.x[:, t - 2] @ self.weights if t >= 2 else 0)
            s[:, t] = u[:, t] > 1
            v = u[:, t] * (1 - s[:, t])
        return u, s

    def test_traces_are_what_the_equations_say(self):
        u, s = self.course()
        traces = self.net.traces(self.x)
        self.assertEqual(list(traces), ["lif1.current", "lif1.membrane", "lif1.threshold", "lif1.spikes"])
        np.testing.assert_allclose(traces["lif1.membrane"], u, rtol=0, atol=1e-12)
        np.testing.assert_array_equal(traces["lif1.spikes"], s)
        np.testing.assert_array_equal(traces["lif1.threshold"], np.ones((3, 30, 4)))
        np.testing.assert_allclose(traces["lif1.current"][:, 2:], self.x[:, :-2] @ self.weights, rtol=0, atol=1e-12)
        alone = self.net.traces(self.x[1])  # one entry, without the sample axis
        np.testing.assert_array_equal(alone["lif1.membrane"], traces["lif1.membrane"][1])

    def test_activities_are_what_each_layer_says(self):
        _, s = self.course()
        activities = self.net.activities(self.x)
        self.assertEqual(list(activities), ["axonal_delay1", "lif1", "rate_penalty1", "spike_count1"])
        np.testing.assert_array_equal(activities["axonal_delay1"][:, 2:], self.x[:, :-2])
        np.testing.assert_array_equal(activities["lif1"], s)
        np.testing.assert_array_equal(activities["rate_penalty1"], s)
        np.testing.assert_array_equal(activities["spike_count1"], s.sum(1))
        np.testing.assert_array_equal(self.net.respond(self.x).outputs, s.sum(1))

    def test_delays_are_learned_and_stay_where_they_may_be(self):
        before = self.net["axonal_delay1.delay"].copy()
        np.testing.assert_array_equal(before, np.full(5, 2.0))  # steps
        self.net.fit(self.x, np.arange(3), epochs=20, batch_size=3, optimiser=nr.optimisers.Adam(learning_rate=0.5))
        self.assertTrue((self.net["axonal_delay1.delay"] != before).any())
        delays = self.net.activities(np.eye(30)[None, 0][..., None] * np.ones(5))["axonal_delay1"][0].argmax(0)
        self.assertTrue((delays <= 10).all())

    def test_saved_networks_have_their_units_own_time_constants(self):
        net = nr.Sequential([nr.layers.LatencyEncoder(), nr.layers.EventpropLif(units=3, time_constants=[0.01, 0.02, 0.04]),
                             nr.layers.FirstSpike()], inputs=[4])  # fmt: skip
        x = np.random.default_rng(1).random((20, 4))
        with tempfile.TemporaryDirectory() as folder:
            net.save(f"{folder}/net.safetensors")
            again = nr.load(f"{folder}/net.safetensors")
        np.testing.assert_array_equal(again.respond(x).outputs, net.respond(x).outputs)
        self.assertTrue(np.isfinite(net.respond(x).outputs).any())

    def test_models_without_layers_have_neither(self):
        with self.assertRaises(TypeError):
            nr.TopographicMap(inputs=3).activities(np.zeros((1, 3)))
        dense = nr.Sequential([nr.layers.Dense(units=2)], inputs=[3])
        self.assertEqual(dense.traces(np.zeros((1, 3))), {})


if __name__ == "__main__":
    unittest.main()
