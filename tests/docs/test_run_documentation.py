"""The documentation's runner must notice what is wrong with a page."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

RUNNER = pathlib.Path(__file__).with_name("run_documentation.py")


class RunDocumentation(unittest.TestCase):
    def run_page(self, text):
        with tempfile.TemporaryDirectory() as folder:
            page = pathlib.Path(folder, "page.md")
            page.write_text(text, encoding="utf-8")
            done = subprocess.run([sys.executable, RUNNER, page], stdout=subprocess.PIPE, text=True)
            return done.returncode, done.stdout

    def test_blocks_share_a_folder_and_files_come_first(self):
        code, output = self.run_page(
            "<!-- tested: deep/a.txt -->\n```toml\nx = 1\n```\n"
            "<!-- tested -->\n```sh\ngrep -q 'x = 1' deep/a.txt\necho 2 > b\n```\n"
            "<!-- tested -->\n\n```python\nassert open('b').read() == '2\\n'\n```\n"
        )
        self.assertEqual((code, output.count("done")), (0, 2), output)

    def test_unmarked_blocks_stay_untouched(self):
        code, _ = self.run_page("```sh\nexit 1\n```\n<!-- tested -->\n```sh\ntrue\n```\n")
        self.assertEqual(code, 0)

    def test_a_failing_command_in_the_middle_is_told_with_its_place(self):
        code, output = self.run_page("\n<!-- tested -->\n```sh\necho before\nfalse | true\ntrue\n```\n")
        self.assertEqual(code, 1)
        self.assertIn("page.md:3: exit code 1", output)
        self.assertIn("before", output)

    def test_pages_that_can_not_be_run(self):
        for text, message in [
            ("no block", "nothing to run"),
            ("<!-- tested -->\nwords\n", "no fenced block"),
            ("<!-- tested -->\n```sh\ntrue\n", "no end"),
            ("<!-- tested -->\n```ruby\nputs 1\n```\n", "can't run 'ruby'"),
        ]:
            with self.subTest(text):
                code, output = self.run_page(text)
                self.assertEqual(code, 1)
                self.assertIn(message, output)


if __name__ == "__main__":
    unittest.main()
