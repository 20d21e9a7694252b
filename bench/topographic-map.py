"""The topographic map beside the founding notebook's own loop in NumPy.

Samples learned per second: our engine with the notebook's rule, to the letter, beside the notebook's loop as it stands
(float64), on the same bytes, from the same weights, which have already seen enough images for the map to be at work.
Two passes over the weights per sample (read them, then read and write them) can't be faster than the memory that holds
them: "two_pass" is that limit, measured in the same rounds, and "one_sweep" is the limit of a program that gets by with
a single read and write. The cases "respond-…" are answers to many images with fixed weights, where both sides multiply
whole matrices.
"""

import os

import numpy as np

PEER = "NumPy"
# A map of one's own: neurarium bench topographic-map rows=50 columns=50 inputs=300 radius=2
# floor: adds a variant whose units below it neither reconstruct nor learn (model.activity_floor); 0 = no such variant.
PARAMETERS = {"seed": 1, "rows": 0, "columns": 0, "inputs": 0, "radius": 2, "floor": 0.01}

LIMITS = {
    "two_pass": {"array": "weights", "read": 1, "update": 1},
    "one_sweep": {"array": "weights", "update": 1},
}


def model(rows, columns, inputs, radius):
    return {"type": "topographic_map", "rows": rows, "columns": columns, "inputs": inputs, "radius": radius,
            "fidelity": "notebook"}  # fmt: skip


def name_of(rows, columns, inputs, radius):
    return f"{rows * columns}x{inputs}-r{radius}"


def learning(rows, columns, inputs, radius, quick, parameters):
    units, large = rows * columns, rows * columns * inputs > 2_000_000
    asked = {"one_sweep": 0.6} if large else {"ratio": 20 if units <= 100 else 35, "two_pass": 0.75}
    variants = [
        {"name": "float32", "settings": {"scalar": "float32"}, "asked": asked},
        {"name": "float64", "settings": {"scalar": "float64"}, "asked": {} if large else {"ratio": 10}},
        {"name": "float32, 2 threads", "settings": {"scalar": "float32"}, "threads": 2, "against": "float32",
         "asked": {"against": 1.5} if units == 900 else {}},
    ]  # fmt: skip
    if (floor := parameters["floor"]) > 0:
        # It leaves work out, so it can't come to the same weights: the check is far from strict.
        variants.append({"name": f"float32, floor {floor}", "settings": {"scalar": "float32", "activity_floor": floor},
                         "against": "float32", "tolerance": 1.0})  # fmt: skip
    return {
        "name": name_of(rows, columns, inputs, radius),
        "title": f"{units} units, {inputs} inputs, radius {radius}",
        "workload": "observe",
        "model": model(rows, columns, inputs, radius),
        "samples": "samples.npy", "divisor": 255, "start": ["weights", "thresholds"],
        "train_first": 200 if quick else 100 if large else 5000,
        # A run hands a large map its samples for some tenths of a second at once, since each call sorts all weights anew.
        "turn_seconds": 0.5 if large and not quick else 0,
        # Both sides must have come to the same weights after so many samples more.
        "check_samples": 2 if large else 20, "tolerance": 1e-4,
        "limits": LIMITS, "variants": variants, "seed": parameters["seed"],
    }  # fmt: skip


def cases(quick, parameters):
    if parameters["rows"] or parameters["columns"] or parameters["inputs"]:
        shape = tuple(parameters[key] for key in ("rows", "columns", "inputs", "radius"))
        if min(shape[:3]) < 1 or shape[3] < 0:
            raise ValueError("a map of your own needs rows, columns and inputs, all above 0")
        return [learning(*shape, quick, parameters)]
    shapes = [(10, 10, 300, 1), (20, 20, 300, 1), (20, 20, 300, 2), (30, 30, 300, 2), (20, 20, 784, 2)]
    if not quick:
        shapes += [(64, 64, 768, 2), (128, 128, 3072, 3)]
    found = [learning(*shape, quick, parameters) for shape in shapes]
    middle = found[3]
    found.append({
        **middle, "name": "busy-" + middle["name"], "title": middle["title"] + ", beside a busy process", "busy": 1,
        "with_peer": False, "limits": {},
        "variants": [
            {"name": "float32", "settings": {"scalar": "float32"}},
            {"name": "float32, 2 threads", "settings": {"scalar": "float32"}, "threads": 2, "against": "float32",
             "asked": {"against": 0.9}},
        ],
    })  # fmt: skip
    multiplications = 2 * 900 * 300  # of numbers, per image: W v and Wᵀ o
    found.append({
        **middle, "name": "respond-" + middle["name"], "title": middle["title"] + ", answers only",
        "workload": "respond", "batch": 1000, "tolerance": 1e-3,
        "limits": {"multiply": {"multiply_adds": multiplications}},
        "variants": [{"name": "float32", "settings": {"scalar": "float32"}},
                     {"name": "float64", "settings": {"scalar": "float64"}}],
    })  # fmt: skip
    return found


def images(generator, count, inputs):
    """Bytes with what photographs have in common: neighbours alike, brightness and contrast of each image its own."""
    if inputs % 3 == 0 and inputs != 784:
        side, channels = max(1, round((inputs / 3) ** 0.5)), 3
    else:
        side, channels = max(1, round(inputs**0.5)), 1
    while side * side * channels < inputs:
        side += 1
    coarse = generator.uniform(0, 1, (count, 5, 5, channels))
    place = np.linspace(0, 3.999, side)
    low, share = place.astype(int), place % 1
    down = coarse[:, low] * (1 - share)[:, None, None] + coarse[:, low + 1] * share[:, None, None]
    fine = down[:, :, low] * (1 - share)[:, None] + down[:, :, low + 1] * share[:, None]
    grey = fine.mean(axis=3, keepdims=True)
    fine = 0.6 * grey + 0.4 * fine  # colours are mostly one brightness
    shown = generator.uniform(0, 0.7, (count, 1, 1, 1)) + generator.uniform(0.1, 1, (count, 1, 1, 1)) * (fine - 0.5)
    shown += generator.normal(0, 0.02, shown.shape)
    return (255 * np.clip(shown, 0, 1)).astype(np.uint8).reshape(count, -1)[:, :inputs]


def prepare(case, folder):
    shape = case["model"]
    units, inputs = shape["rows"] * shape["columns"], shape["inputs"]
    generator = np.random.default_rng(case["seed"])
    count = 2000 if inputs < 1000 else 200
    np.save(os.path.join(folder, "samples.npy"), images(generator, count, inputs))
    np.save(os.path.join(folder, "weights.npy"), generator.uniform(0.1, 1, (units, inputs)).astype(np.float32))
    np.save(os.path.join(folder, "thresholds.npy"), np.zeros(units, np.float32))


# ── The founding notebook ────────────────────────────────────────────────────────────────────────────────────────────


def sig(x):
    return 1.0 / (1.0 + np.exp(-x))


def lateral(Ky, Kx, ex):
    """The notebook's N × N matrix, with its slip: slice ends are exclusive."""
    L = np.zeros((Ky * Kx, Ky * Kx))
    for y in range(Ky):
        for x in range(Kx):
            L[y * Kx + x].reshape(Ky, Kx)[max(0, y - ex): min(Ky - 1, y + ex + 1),
                                          max(0, x - ex): min(Kx - 1, x + ex + 1)] = 1  # fmt: skip
    np.fill_diagonal(L, 0)
    return L


class BoxSums:
    """L @ p for a machine without room for L: the same sums, without the matrix."""

    def __init__(self, Ky, Kx, ex):
        self.Ky, self.Kx, self.ex = Ky, Kx, ex

    def __matmul__(self, p):
        source = p.reshape(self.Ky, self.Kx).copy()
        source[-1], source[:, -1] = 0, 0
        padded = np.pad(source, self.ex)
        reach = range(2 * self.ex + 1)
        total = sum(padded[i: i + self.Ky, j: j + self.Kx] for i in reach for j in reach)  # fmt: skip
        return (total - source).reshape(p.shape)


def room_for(numbers):
    with open("/proc/meminfo", encoding="utf-8") as lines:
        available = next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable"))
    return 8 * numbers < 0.5 * 1024 * available


class Peer:
    def __init__(self, case, folder):
        shape = case["model"]
        Ky, Kx, ex = shape["rows"], shape["columns"], shape["radius"]
        self.w = np.load(os.path.join(folder, "weights.npy")).astype(np.float64)
        self.t = np.load(os.path.join(folder, "thresholds.npy")).astype(np.float64).reshape(-1, 1)
        self.data = np.load(os.path.join(folder, "samples.npy")) / 255
        self.note = ""
        if room_for((Ky * Kx) ** 2 + 8 * self.w.size):
            self.lat_ex = lateral(Ky, Kx, ex)
        else:
            self.lat_ex = BoxSums(Ky, Kx, ex)
            self.note = "NumPy sums boxes here: there is no room for the notebook's N × N matrix, which would be slower"
        self.seen, self.batch, self.answers = 0, case.get("batch", 0), {}

    def turn(self, samples):
        if self.batch:
            self.respond(samples)
        else:
            self.learn(samples)

    def learn(self, samples, xi=0.02, sp=0.05, gamma=0.01, prec=1e-10):
        w, t, lat_ex, data = self.w, self.t, self.lat_ex, self.data
        for i in range(self.seen, self.seen + samples):
            v = data[i % len(data)].reshape(-1, 1)
            w_v = w @ v
            p = sig(w_v - t)
            o = sig(w_v + (lat_ex @ p) - t)
            r = w.T @ o
            mod_r = np.maximum(r, prec)
            e = v - r
            w += w * o * (e / mod_r).T * xi
            t += (o - sp) * gamma
            if i % 100 == 0:
                w = np.where(w > prec, w, 0)
        self.w, self.t, self.seen = w, t, self.seen + samples

    def respond(self, samples):
        """Many images at once, as one would in NumPy."""
        while samples > 0:
            first = self.seen % len(self.data)
            x = self.data[first: first + min(samples, self.batch, len(self.data) - first)]  # fmt: skip
            w_v = x @ self.w.T
            p = sig(w_v - self.t.T)
            o = sig(w_v + p @ self.lat_ex.T - self.t.T)
            self.answers = {"feedforward": p, "activity": o, "reconstruction": o @ self.w}
            self.seen, samples = self.seen + len(x), samples - len(x)

    def state(self):
        return self.answers if self.batch else {"weights": self.w, "thresholds": self.t.reshape(-1)}
