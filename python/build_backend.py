"""PEP 517 backend: `pip install .` builds the package with CMake and zips it, together with the program `neurarium`.

Standard library only, no network. The build lies in build/wheel-<interpreter>, so that a second one is quick.
"""

import base64
import csv
import hashlib
import io
import os
import pathlib
import re
import subprocess
import sys
import sysconfig
import tarfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
NAME = "neurarium"


def version():
    return re.search(r"project\(neurarium VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text(encoding="utf-8"))[1]


def tag():
    interpreter = f"cp{sys.version_info.major}{sys.version_info.minor}"
    return f"{interpreter}-{interpreter}-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"


def metadata():
    return "\n".join([
        "Metadata-Version: 2.1", f"Name: {NAME}", f"Version: {version()}",
        "Summary: Neurons that live, learn, are measured and are compared: one C++ engine, on NumPy arrays",
        "License: MIT", "Requires-Python: >=3.9", "Requires-Dist: numpy>=1.21", "Description-Content-Type: text/markdown", "", "",
    ]) + (ROOT / "README.md").read_text(encoding="utf-8")


def build():
    """Builds with CMake; returns (package folder, program)."""
    folder = ROOT / "build" / f"wheel-{sys.implementation.cache_tag}"
    configure = ["cmake", "-S", ROOT, "-B", folder, "-DCMAKE_BUILD_TYPE=Release", "-DNEURARIUM_TESTS=OFF", "-DNEURARIUM_PYTHON=ON",
                 f"-DNEURARIUM_PYTHON_EXECUTABLE={sys.executable}"]
    if not (folder / "CMakeCache.txt").exists():
        configure += ["-G", "Ninja"]
    subprocess.run(configure, check=True)
    subprocess.run(["cmake", "--build", folder, "--parallel", str(os.cpu_count()), "--target", "neurarium_python", "neurarium_program"], check=True)
    return folder / "python" / NAME, folder / "bin" / NAME


def zip_wheel(wheel_directory, files):
    """Writes {path in the wheel: (content, mode)} as a wheel and returns its name. The same files give the same bytes."""
    info = f"{NAME}-{version()}.dist-info"
    files = {**files, f"{info}/METADATA": (metadata().encode(), 0o644),
             f"{info}/WHEEL": (f"Wheel-Version: 1.0\nGenerator: {NAME}\nRoot-Is-Purelib: false\nTag: {tag()}\n".encode(), 0o644),
             f"{info}/LICENSE": ((ROOT / "LICENSE").read_bytes(), 0o644)}
    record = io.StringIO()
    rows = csv.writer(record, lineterminator="\n")
    for path, (content, _) in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        rows.writerow([path, f"sha256={digest}", len(content)])
    rows.writerow([f"{info}/RECORD", "", ""])
    files[f"{info}/RECORD"] = (record.getvalue().encode(), 0o644)
    name = f"{NAME}-{version()}-{tag()}.whl"
    with zipfile.ZipFile(pathlib.Path(wheel_directory, name), "w", zipfile.ZIP_DEFLATED) as wheel:
        for path, (content, mode) in files.items():
            entry = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = (0o100000 | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            wheel.writestr(entry, content)
    return name


def package_files(package, program):
    files = {f"{NAME}/{file.name}": (file.read_bytes(), 0o755 if file.suffix == ".so" else 0o644)
             for file in sorted(package.iterdir()) if file.is_file()}
    files[f"{NAME}-{version()}.data/scripts/{NAME}"] = (program.read_bytes(), 0o755)
    return files


# ── What pip calls ──


def get_requires_for_build_wheel(config_settings=None):
    return []


get_requires_for_build_editable = get_requires_for_build_sdist = get_requires_for_build_wheel


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return zip_wheel(wheel_directory, package_files(*build()))


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    """A wheel that points to the build folder: after a change, build again (cmake --build)."""
    package, program = build()
    files = package_files(package, program)
    return zip_wheel(wheel_directory, {f"__{NAME}.pth": (f"{package.parent}\n".encode(), 0o644),
                                       **{path: content for path, content in files.items() if "/scripts/" in path}})


def build_sdist(sdist_directory, config_settings=None):
    """The files that git knows; without git, everything but builds, runs and hidden folders."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    paths = listed.stdout.decode().split("\0")
    if listed.returncode != 0:
        found = (file.relative_to(ROOT) for file in sorted(ROOT.rglob("*")) if file.is_file())
        paths = [str(path) for path in found if not path.parts[0].startswith(("build", "runs", "."))]
    name = f"{NAME}-{version()}"
    with tarfile.open(pathlib.Path(sdist_directory, f"{name}.tar.gz"), "w:gz", format=tarfile.PAX_FORMAT) as sdist:
        for path in filter(None, paths):
            if (ROOT / path).is_file():
                sdist.add(ROOT / path, f"{name}/{path}", recursive=False)
        about = metadata().encode()
        entry = tarfile.TarInfo(f"{name}/PKG-INFO")
        entry.size = len(about)
        sdist.addfile(entry, io.BytesIO(about))
    return f"{name}.tar.gz"
