#!/usr/bin/python3
"""run_documentation.py FILE.md…: does what the documentation says, as its reader would.

A fenced block after the line <!-- tested --> is run, in the order of the page, in an empty folder that all blocks of the
page share: ```sh with bash, ```python with Debian's python3. After <!-- tested: NAME --> a block of any kind is written to
the file NAME instead, for the blocks that follow. A block that fails fails the test, with its place and output; so does a
page with nothing to run, and a mark without a block.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

MARK = re.compile(r"^<!-- tested(?:: *(\S+))? -->$")
RUNNERS = {"sh": ["bash", "-euo", "pipefail", "-c"], "python": ["/usr/bin/python3", "-c"]}


class Fault(Exception):
    pass


def blocks_of(page):
    """(line number, language, file name or None, text) of each marked block."""
    lines = page.read_text(encoding="utf-8").splitlines()
    blocks = []
    for i, line in enumerate(lines):
        mark = MARK.match(line.strip())
        if not mark:
            continue
        start = i + 1
        while start < len(lines) and not lines[start].strip():
            start += 1
        if start == len(lines) or not lines[start].startswith("```"):
            raise Fault(f"{page}:{i + 1}: no fenced block follows this mark")
        language = lines[start][3:].strip()
        if "```" not in lines[start + 1 :]:
            raise Fault(f"{page}:{start + 1}: this block has no end")
        end = lines.index("```", start + 1)
        if not mark[1] and language not in RUNNERS:
            raise Fault(f"{page}:{start + 1}: can't run '{language}', only {' and '.join(RUNNERS)}")
        blocks.append((start + 1, language, mark[1], "\n".join(lines[start + 1 : end]) + "\n"))
    return blocks


def run(page):
    blocks = blocks_of(page)
    if not blocks:
        raise Fault(f"{page}: nothing to run: no block is marked <!-- tested -->")
    with tempfile.TemporaryDirectory(prefix="documentation-") as folder:
        for number, language, name, text in blocks:
            if name:
                target = pathlib.Path(folder, name)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
                continue
            done = subprocess.run(RUNNERS[language] + [text], cwd=folder, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # fmt: skip
            if done.returncode:
                raise Fault(f"{page}:{number}: exit code {done.returncode} of\n{text}\n{done.stdout}")
            print(f"{page}:{number}: done")


def main():
    faults = 0
    for name in sys.argv[1:]:
        try:
            run(pathlib.Path(name))
        except Fault as fault:
            faults += 1
            print(fault)
    return 1 if faults or len(sys.argv) < 2 else 0


if __name__ == "__main__":
    sys.exit(main())
