"""neurarium run eventprop-anatomy: the founding notebook's numbers, as a user gets them."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from program import ProgramTest  # noqa: E402


class EventpropAnatomy(ProgramTest):
    def test_the_notebooks_digits_and_the_claims(self):
        found = self.json_of("run", "eventprop-anatomy", "--preset", "notebook", "--out", "it")
        figures = {name: figure["value"] for name, figure in found["figures"].items()}
        self.assertAlmostEqual(figures["mean_v_dt1"], 0.0064685114737184106, delta=1e-17)
        self.assertAlmostEqual(figures["lambda_sum"], 0.00035920105593634233, delta=1e-18)
        self.assertEqual([len(row) for row in figures["poisson_total"]], [10] * 5)
        self.assertEqual(sum(figures["lambda_histogram"]), figures["poisson_spikes"])
        self.assertIn("“generally positive”: no", found["answer"])
        page = (self.folder / "it/report.html").read_text()
        for words in ("Close by spikes are moved apart.", "does not survive", "Why the exact sum is 0"):
            self.assertIn(words, page)
        self.assertTrue((self.folder / "it/arrays/poisson_exact_total.npy").exists())

    def test_rows_of_numbers_do_not_make_the_table_wide(self):
        shown = self.neurarium("run", "eventprop-anatomy", "total_ms=400", "largest_spacing=20")[0]
        line = next(line for line in shown.splitlines() if "poisson_total" in line)
        self.assertIn("[5 × 10 entries]", line)

    def test_all_that_is_wrong_is_said(self):
        refused = self.fails(2, "run", "eventprop-anatomy", "spike_times=[100, 1400]", "fine_dt=0.3")
        self.assertIn("a spike at 1400 ms is outside the trial", refused)
        self.assertIn("steps of 0.3 ms do not divide dt of 1 ms", refused)


if __name__ == "__main__":
    unittest.main()
