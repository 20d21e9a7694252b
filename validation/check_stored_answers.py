#!/usr/bin/python3
"""Recomputes the stored answers (tests/data/*.npz) with the programs that wrote them, and compares.

Another NumPy, SciPy, PyTorch or processor adds in another order: STORED says for each file how far apart numbers may then
be, relative to their size (and by 1e-15, beside 0), and why. Anything else fails. What was seen is the largest difference
with OpenBLAS, PyTorch and oneDNN held to the oldest kernels they have.
"""
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

root = pathlib.Path(__file__).resolve().parents[1]
ROUNDING = 1e-12  # some hundred operations in a row, each within 1.1e-16; seen: 7e-16
STORED = {  # script: (file, tolerance)
    "validation/topographic/write_small_map.py": ("tests/data/topographic/small_map.npz", ROUNDING),
    "validation/topographic/write_measures.py": ("tests/data/topographic/measures.npz", ROUNDING),
    "validation/backprop/write_xor_surface.py": ("tests/data/backprop/xor_surface.npz", ROUNDING),
    "validation/backprop/write_activations.py": ("tests/data/backprop/activations.npz", ROUNDING),
    "validation/backprop/write_training.py": ("tests/data/backprop/training.npz", ROUNDING),
    # Pixels between pixels: places are rounded, and steep edges make more of it. Seen: 1.1e-13.
    "validation/backprop/write_augmentation.py": ("tests/data/backprop/augmentation.npz", 1e-11),
    # Searches end where the loss, which they see to 1e-16, no longer falls: that fixes a place to its root, 1e-8, and less
    # along flat directions; ten decimals are stored. Seen: 1.1e-7. (The test compares places to 1e-5.)
    "validation/backprop/write_full_batch.py": ("tests/data/backprop/full_batch.npz", 1e-6),
    # 201 steps of training, each of which begins with the rounding of all before. Seen: 5e-15.
    "validation/backprop/write_layers.py": ("tests/data/backprop/layers.npz", 1e-10),
    "validation/gaussian/write_layers.py": ("tests/data/gaussian/layers.npz", ROUNDING),
    "validation/gaussian/write_conversion.py": ("tests/data/gaussian/conversion.npz", ROUNDING),
    # Temperatures where a slope is 0, which softmax of logits around 1,000 gives to 1e-13. Seen: 0.
    "validation/gaussian/write_scores.py": ("tests/data/gaussian/scores.npz", 1e-9),
    # 100 steps in a row, and gradients through all of them.
    "validation/spiking/write_networks.py": ("tests/data/spiking/networks.npz", 1e-10),
    "validation/spiking/write_layers.py": ("tests/data/spiking/layers.npz", 1e-10),
    "validation/spiking/write_brian2_traces.py": ("tests/data/spiking/brian2.npz", 1e-10),  # 200 steps in a row
    # Phases of sums of unit vectors, where a weak sum has lost a few digits.
    "validation/spiking/write_spike_statistics.py": ("tests/data/spiking/statistics.npz", 1e-10),
    # Central differences: steps of 1e-5 s magnify the rounding of quadratures and searches.
    "validation/eventprop/write_readouts.py": ("tests/data/eventprop/readouts.npz", 1e-7),
    # Likelihoods of thousands of bins: sums around 10,000 lose four digits, and exp() makes that relative. Seen: 0.
    "validation/localisation/write_interaural.py": ("tests/data/localisation/interaural.npz", 1e-9),
    "validation/data/write_yin_yang.py": ("tests/data/spiking/yin_yang.npz", ROUNDING),
    # 700 steps of a recurrent network forward and back, and slopes that are small differences.
    "validation/eventprop/write_grid.py": ("tests/data/eventprop/grid.npz", 1e-9),
    "validation/data/write_spike_files.py": ("tests/data/spikes/expected.npz", ROUNDING),
    # Roots of sums of exponentials: brentq knows them to 1e-16 / slope, and spikes of recurrent units follow from one another.
    "validation/eventprop/write_spike_times.py": ("tests/data/eventprop/spike_times.npz", 1e-10),
    "validation/eventprop/write_brian2.py": ("tests/data/eventprop/brian2.npz", 0),  # spikes only; all else is drawn
    # 3,000 steps, and SciPy's integrals to 1e-10.
    "validation/data/write_cochlea.py": ("tests/data/spikes/cochlea.npz", 1e-8),
    "validation/dale/write_signs.py": ("tests/data/dale/signs.npz", 1e-10),  # 15 steps, each with the rounding of all before
    "validation/dale/write_dann.py": ("tests/data/dale/dann.npz", ROUNDING),
    # Central differences of a loss that is known to 1e-14, over 0.01 ms: the smallest derivatives, 1e-4, keep eight digits.
    "validation/eventprop/write_anatomy.py": ("tests/data/eventprop/anatomy.npz", 1e-7),
    "validation/sweeps/write_statistics.py": ("tests/data/sweeps/statistics.npz", ROUNDING),
}


def difference(stored, fresh):
    """The largest |stored − fresh| / |stored|, but for 1e-15; infinite if they are not of one kind."""
    if stored.shape != fresh.shape or stored.dtype.kind != fresh.dtype.kind:
        return np.inf
    if stored.dtype.kind != "f":
        return 0.0 if np.array_equal(stored, fresh) else np.inf
    different = ~np.isclose(fresh, stored, rtol=0, atol=1e-15, equal_nan=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.abs(fresh - stored)[different] / np.abs(stored)[different]
    return np.nan_to_num(relative, nan=np.inf).max(initial=0.0)


failed = False
for script, (stored, tolerance) in STORED.items():
    with tempfile.TemporaryDirectory() as folder:
        fresh = pathlib.Path(folder) / "fresh.npz"
        if subprocess.run([sys.executable, root / script, fresh], stdout=subprocess.DEVNULL).returncode != 0:
            print(f"FAILED {stored} ({script} ended with an error, see above)")
            failed = True
            continue
        a, b = np.load(root / stored), np.load(fresh)
        worst = max(difference(a[k], b[k]) for k in a.files) if a.files == b.files else np.inf
    same = worst <= tolerance
    print(f"{'ok    ' if same else 'DIFFERS'} {stored} ({script}): {worst:.1e} apart, at most {tolerance:.0e} is rounding")
    failed |= not same
sys.exit(failed)
