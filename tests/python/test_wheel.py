"""The wheel that `pip install .` installs, made from the package of this build."""

import base64
import csv
import hashlib
import io
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import unittest
import zipfile

import neurarium as nr

SOURCE = pathlib.Path(os.environ["NEURARIUM_SOURCE_DIR"])
sys.path.insert(0, str(SOURCE / "python"))
import build_backend  # noqa: E402


class Wheel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        files = build_backend.package_files(pathlib.Path(nr.__file__).parent, pathlib.Path(os.environ["NEURARIUM"]))
        cls.name = build_backend.zip_wheel(cls.folder.name, files)
        cls.path = pathlib.Path(cls.folder.name, cls.name)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_pip_finds_the_backend_without_a_network(self):
        system = tomllib.loads((SOURCE / "pyproject.toml").read_text())["build-system"]
        self.assertEqual(system["requires"], [])
        self.assertTrue((SOURCE / system["backend-path"][0] / f"{system['build-backend']}.py").is_file())

    def test_record_names_every_file(self):
        with zipfile.ZipFile(self.path) as wheel:
            self.assertIsNone(wheel.testzip())
            info = f"neurarium-{nr.__version__}.dist-info"
            rows = {row[0]: row[1:] for row in csv.reader(io.StringIO(wheel.read(f"{info}/RECORD").decode()))}
            self.assertEqual(sorted(rows), sorted(wheel.namelist()))
            for path, (digest, size) in rows.items():
                if path != f"{info}/RECORD":
                    content = wheel.read(path)
                    self.assertEqual(digest, "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode())
                    self.assertEqual(int(size), len(content))
            self.assertIn(f"\nVersion: {nr.__version__}\n", wheel.read(f"{info}/METADATA").decode())
            tag = self.name.removesuffix(".whl").split("-", 2)[2]
            self.assertIn(f"\nTag: {tag}\n", wheel.read(f"{info}/WHEEL").decode())
            self.assertTrue(tag.startswith(f"cp{sys.version_info.major}{sys.version_info.minor}-"))

    def test_what_is_unpacked_runs(self):
        with tempfile.TemporaryDirectory() as folder:
            with zipfile.ZipFile(self.path) as wheel:
                wheel.extractall(folder)
            told = subprocess.run([sys.executable, "-c", "import neurarium as nr; print(nr.__file__); print(nr.layers.Dense(units=3))"],
                                  check=True, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": folder}).stdout.splitlines()
            self.assertEqual(told, [f"{folder}/neurarium/__init__.py", "Dense(units=3)"])
            program = pathlib.Path(folder, f"neurarium-{nr.__version__}.data", "scripts", "neurarium")
            program.chmod(0o755)
            self.assertIn(nr.__version__, subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout)

    def test_the_same_files_give_the_same_bytes(self):
        with tempfile.TemporaryDirectory() as folder:
            files = build_backend.package_files(pathlib.Path(nr.__file__).parent, pathlib.Path(os.environ["NEURARIUM"]))
            self.assertEqual(pathlib.Path(folder, build_backend.zip_wheel(folder, files)).read_bytes(), self.path.read_bytes())

    def test_source_archive(self):
        with tempfile.TemporaryDirectory() as folder:
            name = build_backend.build_sdist(folder)
            with tarfile.open(pathlib.Path(folder, name)) as archive:
                names = archive.getnames()
                top = f"neurarium-{nr.__version__}"
                for path in ("PKG-INFO", "pyproject.toml", "CMakeLists.txt", "python/build_backend.py", "neurarium/core/array.hpp"):
                    self.assertIn(f"{top}/{path}", names)


if __name__ == "__main__":
    unittest.main()
