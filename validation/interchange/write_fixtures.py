#!/usr/bin/python3
"""Writes tests/data/interchange/: files made by NumPy (and, for safetensors and IDX, by the few lines below, from the
formats' documentation), which the C++ readers must understand. Needs python3-numpy.

    validation/interchange/write_fixtures.py [FOLDER]
"""
import gzip
import io
import json
import struct
import sys
import zipfile
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2] / "tests/data/interchange"
folder.mkdir(parents=True, exist_ok=True)

numbers = np.arange(6).reshape(2, 3)
np.save(folder / "f8.npy", numbers / 4)
np.save(folder / "f8-fortran.npy", np.asfortranarray(np.arange(24).reshape(2, 3, 4) / 4))
np.save(folder / "f4-big-endian.npy", (numbers / 4).astype(">f4"))
np.save(folder / "i2-big-endian-fortran.npy", np.asfortranarray((numbers * -100).astype(">i2")))
np.save(folder / "f2.npy", np.array([0, -0.0, 1, -2.5, 65504, 6e-8, 1e-4, np.inf, -np.inf, np.nan], "<f2"))
np.save(folder / "scalar.npy", np.float32(0.25))
np.save(folder / "empty.npy", np.zeros((0, 3)))
np.save(folder / "object.npy", np.array([{"a": 1}, None], dtype=object), allow_pickle=True)
np.save(folder / "records.npy", np.zeros(2, dtype=[("a", "<f4"), ("b", "<i4")]))
np.save(folder / "complex.npy", np.zeros(2, dtype="<c16"))
np.save(folder / "six-axes.npy", np.zeros((1,) * 6))
for version in (2, 3):
    with open(folder / f"version-{version}.npy", "wb") as file:
        npy.write_array(file, numbers.astype("<i8"), version=(version, 0))

kinds = {code: (numbers % 2 if code == "b1" else numbers + (-3 if code[0] in "if" else 3)).astype("<" + code)
         for code in ("b1", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8")}
np.savez(folder / "kinds.npz", **kinds)
np.savez_compressed(folder / "compressed.npz", x=np.arange(2000).reshape(40, 50) % 7, y=np.zeros(0, "f4"))
with zipfile.ZipFile(folder / "not-arrays.npz", "w") as archive:
    archive.writestr("readme.txt", "hello")


class Unseekable(io.RawIOBase):
    """Makes zipfile write sizes behind the data, as a pipe would."""

    def __init__(self, file):
        self.file = file

    def writable(self):
        return True

    def write(self, data):
        return self.file.write(data)


with open(folder / "streamed.npz", "wb") as file, zipfile.ZipFile(Unseekable(file), "w", zipfile.ZIP_DEFLATED) as archive:
    content = io.BytesIO()
    np.save(content, numbers / 4)
    archive.writestr("x.npy", content.getvalue())


def safetensors(name, entries, metadata=None):
    header, data = {}, b""
    if metadata is not None:
        header["__metadata__"] = metadata
    for key, dtype, shape, content in entries:
        header[key] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    (folder / name).write_bytes(struct.pack("<Q", len(text)) + text + data)


bfloat = lambda values: b"".join(struct.pack("<f", v)[2:] for v in values)
safetensors("kinds.safetensors", [
    ("fc1.weight", "F64", [2, 3], (numbers / 4).astype("<f8").tobytes()),
    ("fc1.bias", "F32", [3], np.array([1, -2, 0.5], "<f4").tobytes()),
    ("half", "F16", [3], np.array([1, -2, 65504], "<f2").tobytes()),
    ("brain", "BF16", [3], bfloat([1, -2, 0.5])),
    ("step", "I64", [], struct.pack("<q", -7)),
    ("counter", "U64", [1], struct.pack("<Q", 2**64 - 1)),
    ("mask", "BOOL", [2, 2], bytes([1, 0, 0, 1])),
    ("none", "U8", [0, 4], b""),
    ("small", "I8", [2], bytes([255, 1])),
    ("unicode é", "U16", [1], struct.pack("<H", 65535)),
], {"experiment": "seed = 3\n", "epoch": "12"})


def idx(code, dtype, values):
    values = np.asarray(values)
    return struct.pack(">BBBB", 0, 0, code, values.ndim) + struct.pack(f">{values.ndim}I", *values.shape) + \
        values.astype(dtype).tobytes()


pictures = np.arange(3 * 4 * 2).reshape(3, 4, 2)
(folder / "u8.idx").write_bytes(idx(0x08, ">u1", pictures * 10))
(folder / "i8.idx").write_bytes(idx(0x09, ">i1", [-1, 2]))
(folder / "i16.idx").write_bytes(idx(0x0B, ">i2", [-300, 2]))
(folder / "i32.idx").write_bytes(idx(0x0C, ">i4", [-70000, 2]))
(folder / "f32.idx").write_bytes(idx(0x0D, ">f4", [-0.5, 2]))
(folder / "f64.idx").write_bytes(idx(0x0E, ">f8", [[-0.5, 2]]))
(folder / "u8.idx.gz").write_bytes(gzip.compress(idx(0x08, ">u1", pictures * 10), mtime=0))
(folder / "labels.idx").write_bytes(idx(0x08, ">u1", [2, 0, 1]))
