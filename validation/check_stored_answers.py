#!/usr/bin/python3
"""Recomputes the stored answers (tests/data/*.npz) with the programs that wrote them, and compares.

Differences of rounding between NumPy versions are allowed (1e-12 relative); anything else fails.
"""
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

root = pathlib.Path(__file__).resolve().parents[1]
STORED = {
    "validation/topographic/write_small_map.py": "tests/data/topographic/small_map.npz",
    "validation/topographic/write_measures.py": "tests/data/topographic/measures.npz",
    "validation/backprop/write_xor_surface.py": "tests/data/backprop/xor_surface.npz",
    "validation/backprop/write_activations.py": "tests/data/backprop/activations.npz",
    "validation/backprop/write_training.py": "tests/data/backprop/training.npz",
    "validation/backprop/write_augmentation.py": "tests/data/backprop/augmentation.npz",
    "validation/backprop/write_full_batch.py": "tests/data/backprop/full_batch.npz",
    "validation/backprop/write_layers.py": "tests/data/backprop/layers.npz",
    "validation/sweeps/write_statistics.py": "tests/data/sweeps/statistics.npz",
}

failed = False
for script, stored in STORED.items():
    with tempfile.TemporaryDirectory() as folder:
        fresh = pathlib.Path(folder) / "fresh.npz"
        subprocess.run([sys.executable, root / script, fresh], check=True, stdout=subprocess.DEVNULL)
        a, b = np.load(root / stored), np.load(fresh)
        same = a.files == b.files and all(np.allclose(a[k], b[k], rtol=1e-12, atol=1e-15) for k in a.files)
    print(f"{'ok    ' if same else 'DIFFERS'} {stored} ({script})")
    failed |= not same
sys.exit(failed)
