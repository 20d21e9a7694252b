#!/usr/bin/python3
"""Prints the table of docs/gaussian.md: what converting a trained network does on MNIST. Needs the built Python package
(PYTHONPATH=build/release/python) and `neurarium data get mnist`; takes about 20 seconds.

784-128-10, tanh, three epochs of Adam, images standardised by mean and deviation of all training pixels, seed as given (0).
Strange images: uniform noise, the test images with each one's pixels shuffled, and ten times as bright. Confidence is the largest
softmax probability; FPR95 the share of strange images that are at least as sure as the least sure 5 % of the test set.
"""
import sys

import numpy as np

import neurarium as nr

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
data = nr.load_data("mnist")
x, x_test = (split.x.reshape(-1, 784) / 255 for split in (data.train, data.test))
mean, sd = x.mean(), x.std()


def standardised(images):
    return ((images - mean) / sd).astype(np.float32)


def confidence(model, images):
    z = model.logits(standardised(images)).astype(float)
    p = np.exp(z - z.max(1, keepdims=True))
    return (p / p.sum(1, keepdims=True)).max(1)


net = nr.Sequential([nr.layers.Dense(units=128, activation="tanh"), nr.layers.Dense(units=10)], inputs=[784], loss="cross_entropy", seed=seed)
net.fit(standardised(x), data.train.y, epochs=3, batch_size=128, optimiser=nr.optimisers.Adam(learning_rate=1e-3), seed=seed)
random = np.random.default_rng(seed)
strange = {"noise": random.random((10000, 784)), "shuffled": random.permuted(x_test, axis=1), "x 10": 10 * x_test}

models = {"classical": net}
for rule in ("notebook", "author", "scaled", "calibrated", "calibrated-diagonal"):
    models[rule] = nr.convert(net, "gaussian", rule=rule, x=standardised(x[:8000]))
print(f"{'':20} accuracy  confidence  " + "  ".join(f"{name}: confidence, FPR95" for name in strange))
for name, model in models.items():
    clean = confidence(model, x_test)
    least = np.quantile(clean, 0.05)
    line = f"{name:20} {100 * model.evaluate(standardised(x_test), data.test.y).accuracy:.2f} %   {clean.mean():.3f}       "
    for images in strange.values():
        c = confidence(model, images)
        line += f"{c.mean():.3f}, {(c >= least).mean():.4f}               "
    print(line.rstrip())
back = nr.convert(models["calibrated-diagonal"], "classical")
print("there and back: logits apart by at most", np.abs(back.logits(standardised(x_test)) - net.logits(standardised(x_test))).max())
