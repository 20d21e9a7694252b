#!/usr/bin/python3
"""Writes tests/data/spikes/cochlea.npz: the inner ear in plain NumPy, in double precision.

The gammatone filters as sums over the past, not as resonators: s[n] = Σ_m w[m] x[n − m] with the impulse response in closed form,
w[m] = (1 − |a|)⁴ Re(C(m + 3, 3) aᵐ); then hair cell and bushy cell step by step. Some places of 700, 80 … 7000 Hz, at 22,050 samples per second.
  places      [P]
  frequencies [P]     Hz
  sound       [n]     two tones, noise, and silence at the end
  heard       [n]     the sound with the emphasis, at 76 dB, twice
  membrane    [P, n/7] s of every seventh sample
  rate        [P, n/7] h c
  potential   [P, n/7] v, before a spike sets it back
  spikes      [P, n]  uint8
  gammatone   [P]     how much of a tone with the place's frequency passes the analogue gammatone filter t³ e^{−2πbt} cos 2πft beside one half an
                      ERB away, in dB: a check of the bandwidth by SciPy's numbers, not by ours
Needs python3-numpy and python3-scipy; nothing of Neurarium is imported.
"""
import pathlib
import sys

import numpy as np
from scipy import integrate, special

FS, CHANNELS, LOW, HIGH = 22050.0, 700, 80.0, 7000.0
A, B, g, y, l, r, x, h = 5.0, 300.0, 2000.0, 5.05, 2500.0, 6580.0, 66.31, 50000.0
TAU, THETA, DEAD, LEVEL, EMPHASIS = 2e-3, 110.0, 22, 76.0, 0.7  # 22 samples are 1 ms

places = np.array([0, 150, 350, 520, 699])
number = lambda f: 21.4 * np.log10(1 + 0.00437 * f)  # noqa: E731
frequencies = (10 ** (np.linspace(number(LOW), number(HIGH), CHANNELS) / 21.4) - 1) / 0.00437
f = frequencies[places]
erb = 24.7 * (1 + 0.00437 * f)
b = erb / (np.pi * special.factorial(6) * 2.0**-6 / special.factorial(3) ** 2)

n = 3000
t = np.arange(n) / FS
rng = np.random.default_rng(3)
sound = 0.3 * np.sin(2 * np.pi * 300 * t) + 0.2 * np.sin(2 * np.pi * f[2] * t + 1) + 0.1 * rng.normal(size=n)
sound = (sound * (np.arange(n) < 2400)).astype(np.float32).astype(float)
heard = sound - EMPHASIS * np.concatenate([[0], sound[:-1]])
heard *= 2 * 10 ** ((LEVEL - 30) / 20) / np.sqrt(np.mean(heard**2))

m = np.arange(n)
membrane = []
for k in range(len(places)):
    a = np.exp(2 * np.pi * (-b[k] + 1j * f[k]) / FS)
    response = (1 - abs(a)) ** 4 * (special.comb(m + 3, 3) * a**m).real
    membrane.append(np.convolve(heard, response)[:n])
membrane = np.array(membrane)

k0 = g * A / (A + B)
c = np.full(len(places), y * k0 / (l * k0 + y * (l + r)))
q, w = c * (l + r) / k0, c * r / x
v, dead = h * c, np.zeros(len(places), int)
rate, potential, spikes = (np.zeros((len(places), n)) for _ in range(3))
for i in range(n):
    s = np.maximum(membrane[:, i] + A, 0)
    k = g / FS * s / (s + B)
    q, c, w = (q + y / FS * (1 - q) - k * q + x / FS * w, c + k * q - (l + r) / FS * c, w + r / FS * c - x / FS * w)
    v = np.where(dead > 0, 0, v + (h * c - v) / (FS * TAU))
    rate[:, i], potential[:, i] = h * c, v
    spikes[:, i] = v > THETA
    dead = np.where(v > THETA, DEAD, dead - 1)
    v = np.where(v > THETA, 0, v)


def passes(k, at):
    """|∫ t³ e^{−2πb_k t} cos(2π f_k t) e^{−2πi at t} dt|"""
    scale = 2 * np.pi * b[k]  # u = scale · t
    parts = [integrate.quad(lambda u: u**3 * np.exp(-u) * np.cos(2 * np.pi * f[k] * u / scale) * wave(2 * np.pi * at * u / scale),
                            0, 60, limit=2000, epsabs=1e-10)[0] for wave in (np.cos, np.sin)]  # fmt: skip
    return np.hypot(*parts)


gammatone = np.array([20 * np.log10(passes(k, f[k]) / passes(k, f[k] + erb[k] / 2)) for k in range(len(places))])
root = pathlib.Path(__file__).resolve().parents[2]
out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else root / "tests/data/spikes/cochlea.npz"
np.savez_compressed(out, places=places, frequencies=f, sound=sound, heard=heard, membrane=membrane[:, ::7], rate=rate[:, ::7],
                    potential=potential[:, ::7], spikes=spikes.astype(np.uint8), gammatone=gammatone)  # fmt: skip
print(out, spikes.sum(1), rate[:, 0], gammatone)
