#!/usr/bin/python3
"""Writes tests/data/spikes/: small files in the layout of the Heidelberg digits, by h5py, and what they hold.

  expected.npz         of "half", and the others hold the same: t, i, offsets (float64, int64), labels, speakers; t as half-precision numbers
  half_train.h5        as SHD: half-precision times, 16-bit units, keys of fixed length, speakers; rows on one piece
  double_train.h5      double precision, 32-bit units, keys of any length, 64-bit labels, compressed pieces, no speakers
  big_endian_train.h5  single precision and signed units, other byte order
  wrong/NAME.h5        what has to be refused
Needs python3-h5py; nothing of Neurarium is imported.
"""
import pathlib
import sys

import h5py
import numpy as np

rng = np.random.default_rng(5)
root = pathlib.Path(__file__).resolve().parents[2] / "tests/data/spikes"
counts = [40, 0, 1, 25, 60, 33, 90]
times = [np.sort(rng.uniform(0, 0.9, n)).astype(np.float16) for n in counts]
units = [rng.integers(0, 700, n) for n in counts]
labels, speakers = np.array([3, 0, 19, 7, 7, 12, 1]), np.array([0, 4, 4, 2, 11, 0, 2])
keys = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
        "null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"]  # fmt: skip


def lists(group, name, rows, dtype, **how):
    data = group.create_dataset(name, (len(rows),), dtype=h5py.vlen_dtype(np.dtype(dtype)), **how)
    for k, row in enumerate(rows):
        data[k] = row.astype(dtype)


def write(name, time="<f2", unit="<u2", label="<u2", speaker="<u2", key="S", how={}, t=times, u=units, **other):
    path = root / f"{name}.h5"
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        if time:
            lists(file, "spikes/times", t, time, **how)
        lists(file, "spikes/units", u, unit, **how)
        file["labels"] = other.get("labels", labels).astype(label)
        if speaker:
            file["extra/speaker"] = other.get("speakers", speakers).astype(speaker)
        if key:
            file["extra/keys"] = np.array([k.encode() for k in keys]) if key == "S" else keys
        if name == "half_train":
            file["extra/meta_info/age"] = speakers * 3


if len(sys.argv) == 1:
    write("half_train")
    write("double_train", "<f8", "<u4", "<i8", None, "any", dict(chunks=(2,), compression="gzip", shuffle=True))
    write("big_endian_train", ">f4", ">i4", ">i2", ">i8")
    write("wrong/no-times", time=None)
    write("wrong/whole-times", "<i4")
    write("wrong/broken-units", unit="<f4")
    write("wrong/more-times", t=times + times[:1])
    write("wrong/longer-times", t=times[:3] + [np.arange(30.0) / 100] + times[4:])
    write("wrong/fewer-labels", labels=labels[:-1])
    write("wrong/broken-labels", label="<f8")
    write("wrong/label-without-key", labels=labels + 1)
    write("wrong/negative-label", labels=-labels, label="<i2")
    write("wrong/two-axes", labels=labels[:, None])
    write("wrong/fewer-speakers", speakers=speakers[1:])
    with h5py.File(root / "wrong/no-lists.h5", "w") as file:
        file["spikes/times"], file["spikes/units"], file["labels"] = np.zeros(4), np.zeros(4, int), np.zeros(4, int)
out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else root / "expected.npz"
np.savez_compressed(out, t=np.concatenate(times).astype(float), i=np.concatenate(units), offsets=np.cumsum([0] + counts),
                    labels=labels, speakers=speakers)  # fmt: skip
print(out)
