"""How little must change for a network to be wrong? The same as `neurarium attack RUN`, on a model and arrays."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

import numpy as np
import numpy.typing as npt

from . import _engine
from ._checks import LARGEST_SEED, MOST_THREADS, positive, whole
from ._model import Model
from ._progress import ProgressLike, Reporting

Array = npt.NDArray[Any]
AttackLike = Union[str, Mapping[str, Any]]


@dataclass(frozen=True, eq=False)
class AttackCurve:
    """What is left at each ε."""

    epsilon: Array  #: [k] in units of x / divisor, from small to large
    accuracy: Array  #: [k] share of the samples that are still right
    accuracy_or_refused: Array  #: [k] the same, where an unsure wrong answer counts as refused
    smallest: Array  #: [n] how far each sample had to be moved: 0 if it is wrong unchanged, inf if none was found. Compare it with ε:
    #: attacks that seek the smallest change (deepfool, carlini-wagner, …) do not stop there.


@dataclass(frozen=True, eq=False, repr=False)
class AttackOutcome(AttackCurve):
    """What one attack did. Every success was verified by running the model again."""

    name: str
    norm: str  #: "linf" or "l2"
    changed: Array  #: [n, …entry] the changed samples, in units of x / divisor: the smallest change found, else the last try
    queries: int  #: samples shown to the model
    gradients: int  #: samples whose gradient was asked for
    unconfirmed: int  #: successes that the attack claimed and the model did not confirm

    def __repr__(self) -> str:
        return f"<{self.name} in {self.norm}: " + ", ".join(f"{p} % at {e:.4g}" for p, e in zip(_percents(self), self.epsilon)) + ">"


@dataclass(frozen=True, eq=False, repr=False)
class AttackReport:
    """What `attack` found."""

    samples: int
    clean_accuracy: float  #: of the unchanged samples
    clean_confidence: float  #: mean of their largest probabilities
    refusal_threshold: float  #: the model may refuse below this probability
    bounds: Tuple[float, float]  #: what a sample may hold, in units of x / divisor
    outcomes: Dict[str, AttackOutcome]  #: by name, numbered where one comes twice ("pgd", "pgd-2"), in the order of the attacks
    worst_case: Dict[str, AttackCurve]  #: by norm: the worst of all its attacks, for each sample
    warnings: List[str]  #: why all this may flatter the model

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        lines = [f"{self.samples} samples, {100 * self.clean_accuracy:.1f} % right unchanged. Right under attack, in %, numbers between "
                 f"{self.bounds[0]:.4g} and {self.bounds[1]:.4g}:"]
        for norm, worst in self.worst_case.items():
            rows = [(f"ε ({norm})", [f"{e:.4g}" for e in worst.epsilon])]
            rows += [(name, _percents(outcome)) for name, outcome in self.outcomes.items() if outcome.norm == norm]
            rows += [("worst case", _percents(worst))]
            wide = max(len(name) for name, _ in rows)
            lines += ["  " + name.ljust(wide) + "".join(number.rjust(10) for number in numbers) for name, numbers in rows]
        return "\n".join(lines + ["warning: " + text for text in self.warnings])


def _percents(of: AttackCurve) -> List[str]:
    return [f"{100 * share:.1f}" for share in of.accuracy]


def _listed(name: str, values: Any) -> List[Any]:
    listed = list(values)
    if not listed:
        raise ValueError(f"{name}: there is none; leave it out for the default")
    return listed


def attack(model: Model, x: npt.ArrayLike, y: npt.ArrayLike, attacks: Union[None, AttackLike, Sequence[AttackLike]] = None, *,
           epsilon: Union[None, float, Sequence[Union[float, str]]] = None, norm: Optional[str] = None, bounds: Optional[Sequence[float]] = None,
           divisor: float = 1.0, clean_coverage: float = 0.95, eot: int = 1, look_for_masking: bool = True, seed: int = 0,
           threads: int = 0, progress: ProgressLike = None) -> AttackReport:
    """Looks for small changes of samples that the model answers wrongly.

    A sample is fooled at ε if the strongest output for x' is not its label, x' lies within ε of x / divisor and within the bounds. Samples
    that are wrong unchanged are left alone (but by max-confidence, which looks for a sure wrong answer where the model may refuse); a
    success at ε counts at every larger ε.

    Parameters
    ----------
    model : Model
        A network with at least two outputs, whose strongest is its answer; with a gradient at its input, if an attack follows that.
    x : array [n, …entry]
        Samples; x / divisor is what the model sees and what ε is about.
    y : array [n]
        Their labels: whole numbers 0 … classes − 1.
    attacks : str, nr.attacks.…, or a list of them, optional
        What is tried: "fgsm", nr.attacks.Pgd(steps=40), … Default: these two. "ensemble" is APGD on the cross-entropy, targeted APGD on the difference of
        logits ratio (which compares four classes at least), and Square, all with their defaults.
    epsilon : float or list, optional
        Radii, from small to large, each in its attack's own norm; "8/255" is a quotient. Default: 0.01 … 0.3 (linf) or 0.25 … 3 (l2)
        times the width of the bounds.
    norm : "linf" or "l2"
        Of attacks that do not say it themselves: names, and dicts without a norm. Default: linf where an attack knows it. A part such as
        nr.attacks.Pgd(norm="l2") says it; another norm beside it is refused.
    bounds : (least, largest), optional
        What a sample may hold, in units of x / divisor. Default: 0 … 255 / divisor for bytes, else the least and the largest number of
        these x: give (0, 1) for pictures, so that a part of them is attacked as all are.
    clean_coverage : float
        Share of the clean samples that a model which may refuse still answers.
    eot : int
        Over how many draws gradients are averaged, where the model draws its answers (Poisson spikes).
    look_for_masking : bool
        Try a few more attacks, to see whether gradients hide.
    seed : int
        Of the attacks' draws. A model that draws its own answers has one draw, that of `logits` and `evaluate`.
    threads : int
        0 = the CPUs this process may use. Never changes the result.
    progress : None, True or function
        See neurarium.Progress.

    Warns
    -----
    UserWarning
        For each sign that the result flatters the model: vanishing gradients; an attack without gradients that does better than those
        with; a sample that is right at any ε; another seed, or the scale-free loss, that fools more; a model that was not trained on
        logits, or that draws its answers.

    Raises
    ------
    SpecError
        An unknown attack or setting, radii that are negative or do not rise, a model without the gradient that an attack wants, `eot`
        where nothing is drawn.
    ShapeError
        Samples that do not fit the model, another number of labels, a model with a single output.
    DataError
        Labels that the model does not have, numbers that are not finite or outside the bounds.

    Source: Carlini et al., "On evaluating adversarial robustness", arXiv 1902.06705.
    """
    settings: Dict[str, Any] = {"clean_coverage": clean_coverage, "eot": whole("eot", eot, 1), "look_for_masking": look_for_masking}
    if not isinstance(model, Model):
        raise TypeError(f"model: expected a network, found {type(model).__name__}; neurarium.load(run) gives that of a run")
    if norm not in (None, "linf", "l2"):
        raise ValueError(f"norm: expected 'linf' or 'l2', found {norm!r}")
    if attacks is not None:
        listed = [attacks] if isinstance(attacks, (str, Mapping)) else list(attacks)
        settings["attacks"] = [dict(part) if isinstance(part, Mapping) else part for part in listed]
        for i, part in enumerate(settings["attacks"]):
            if norm and isinstance(part, dict) and part.get("norm", norm) != norm:
                raise ValueError(f"norm: {norm!r}, but attacks[{i}] is measured in {part['norm']!r}; leave one of them out")
    if epsilon is not None:
        is_one = np.isscalar(epsilon) or (isinstance(epsilon, np.ndarray) and epsilon.ndim == 0)
        settings["epsilon"] = _listed("epsilon", [epsilon] if is_one else epsilon)
    if bounds is not None:
        settings["bounds"] = _listed("bounds", bounds)
    seed, threads = whole("seed", seed, 0, LARGEST_SEED), whole("threads", threads, 0, MOST_THREADS)
    with Reporting(progress) as (call, _):
        told = _engine.attack(model._engine.to_bytes(), x, y, settings, norm or "", positive("divisor", divisor), seed, threads, call)
    for text in told["warnings"]:
        warnings.warn(text, UserWarning, stacklevel=2)
    told["outcomes"] = {outcome["name"]: AttackOutcome(**outcome) for outcome in told["outcomes"]}
    told["worst_case"] = {name: AttackCurve(**worst) for name, worst in told["worst_case"].items()}
    return AttackReport(**told)
