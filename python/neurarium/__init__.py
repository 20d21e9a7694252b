"""Neurarium: neurons that live, learn, are measured and are compared.

    import neurarium as nr

    report = nr.run("xor-surface", seed=3)                       # a study by name
    net = nr.Sequential([nr.layers.Dense(units=8, activation="tanh"), nr.layers.Dense(units=1)])
    net.fit(x, y, epochs=20, optimiser=nr.optimisers.Sgd(learning_rate=0.1))
    m = nr.models.TopographicMap(rows=20, columns=20, inputs=300)
    m.observe(images)
    p, o, r = m.respond(images)

`nr.convert(net, "gaussian", x=x)` makes a trained network say "I don't know" far from its data.
`nr.attack(net, x, y, epsilon=0.1)` looks for small changes that it answers wrongly.
`nr.load(run)` is what a run has learned, and `nr.predict(run, "seven.png")` what it sees in a picture.
`nr.sweep("xor-surface", {"train.epochs": [100, 1000]}, repeats=5)` runs a study for many settings and seeds, `nr.studies()` lists
the studies, `nr.describe(name)` says what anything can be told, and `nr.plot` draws reports. `nr.localisation` turns interaural phases
into classes, and back.
"""

from . import _engine, localisation, plot
from ._attack import AttackCurve, AttackOutcome, AttackReport, attack
from ._component import Component
from ._convert import convert
from ._events import Spikes, events
from ._model import Evaluation, GradientCheck, History, Model, load
from ._parts import *  # noqa: F401,F403 - models, layers, losses, … generated from the registry
from ._parts import __all__ as _parts_all
from ._predict import Guess, Prediction, predict
from ._progress import Progress
from ._report import Report
from ._run import describe, load_data, resolve, run, studies
from ._sweep import SweepResult, sweep
from .errors import (DataError, InternalError, Interrupted, NeurariumError, NumericError, ResumeError, ShapeError,
                     SpecError)

__version__: str = _engine.version
__all__ = ["AttackCurve", "AttackOutcome", "AttackReport", "Component", "DataError", "Evaluation", "GradientCheck", "Guess", "History", "InternalError", "Interrupted", "Model",
           "NeurariumError", "NumericError", "Prediction", "Progress", "Report", "ResumeError", "ShapeError", "SpecError", "Spikes", "SweepResult", "attack", "convert", "describe", "events",
           "load", "load_data", "localisation", "plot", "predict", "resolve", "run", "studies", "sweep", *_parts_all]
