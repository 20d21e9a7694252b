"""Sources that a script has written are what it writes today: neither was edited or forgotten alone."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(os.environ["NEURARIUM_SOURCE_DIR"])


class WrittenFiles(unittest.TestCase):
    def test_the_table_of_classic_methods_holds_the_measured_numbers(self):
        script, written = "validation/backprop/classic_methods.py", "neurarium/studies/backprop/classic_results.cpp"
        with tempfile.TemporaryDirectory() as folder:
            fresh = pathlib.Path(folder) / "fresh.cpp"
            # -I -S: the standard library must do, since scikit-learn is not among what the tests need.
            subprocess.run([sys.executable, "-I", "-S", ROOT / script, "table", fresh], check=True)
            self.assertEqual(
                (ROOT / written).read_text(encoding="utf-8"), fresh.read_text(encoding="utf-8"),
                f"{written} is not what {script} makes of its JSON file: run it with the word table")  # fmt: skip


if __name__ == "__main__":
    unittest.main()
