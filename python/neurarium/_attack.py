"""How little must change for a network to be wrong? The same as `neurarium attack RUN`, on a model and arrays."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence, Union

import numpy as np
import numpy.typing as npt

from . import _engine
from ._checks import LARGEST_SEED, MOST_THREADS, positive, whole
from ._model import Model
from ._progress import ProgressLike, Reporting

Array = npt.NDArray[Any]
AttackLike = Union[str, Mapping[str, Any]]


@dataclass(frozen=True)
class WorstCase:
    """The worst of all attacks of one norm, for each sample."""

    epsilon: Array  #: [k], from small to large
    accuracy: Array  #: [k] share of the samples that are still right
    accuracy_or_refused: Array  #: [k] the same, where an unsure wrong answer counts as refused
    smallest: Array  #: [n] least ε at which a sample was fooled: 0 if it is wrong unchanged, inf if it never was


@dataclass(frozen=True)
class AttackOutcome(WorstCase):
    """What one attack did. Every success was verified by running the model again."""

    name: str
    norm: str  #: "linf" or "l2"
    changed: Array  #: [n, …entry] the changed samples, in units of x / divisor: the smallest change found, else the last try
    queries: int  #: samples shown to the model
    gradients: int  #: samples whose gradient was asked for
    unconfirmed: int  #: successes that the attack claimed and the model did not confirm


@dataclass(frozen=True)
class AttackReport:
    """What `attack` found."""

    samples: int
    clean_accuracy: float  #: of the unchanged samples
    clean_confidence: float  #: mean of their largest probabilities
    refusal_threshold: float  #: the model may refuse below this probability
    outcomes: Dict[str, AttackOutcome]  #: by name, in the order of the attacks
    worst_case: Dict[str, WorstCase]  #: by norm
    warnings: List[str]  #: why all this may flatter the model

    def __str__(self) -> str:
        lines = [f"{self.samples} samples, {100 * self.clean_accuracy:.1f} % right unchanged; right under attack, in %:"]
        for norm, worst in self.worst_case.items():
            rows = [(f"ε ({norm})", [f"{e:.4g}" for e in worst.epsilon])]
            rows += [(name, _percents(outcome)) for name, outcome in self.outcomes.items() if outcome.norm == norm]
            rows += [("worst case", _percents(worst))]
            wide = max(len(name) for name, _ in rows)
            lines += ["  " + name.ljust(wide) + "".join(number.rjust(10) for number in numbers) for name, numbers in rows]
        return "\n".join(lines + ["warning: " + text for text in self.warnings])


def _percents(of: WorstCase) -> List[str]:
    return [f"{100 * share:.1f}" for share in of.accuracy]


def attack(model: Model, x: npt.ArrayLike, y: npt.ArrayLike, attacks: Union[None, AttackLike, Sequence[AttackLike]] = None, *,
           epsilon: Union[None, float, Sequence[Union[float, str]]] = None, norm: str = "", bounds: Optional[Sequence[float]] = None,
           divisor: float = 1.0, clean_coverage: float = 0.95, eot: int = 1, look_for_masking: bool = True, seed: int = 0,
           threads: int = 0, progress: ProgressLike = None) -> AttackReport:
    """Looks for small changes of samples that the model answers wrongly.

    A sample is fooled if the strongest output for x' is not its label, x' lies within ε of x / divisor and within the bounds. Samples
    that are wrong unchanged are left alone; a success at ε counts at every larger ε.

    Parameters
    ----------
    model : Model
        A network with at least two outputs; with a gradient at its input, if an attack follows that.
    x : array [n, …entry]
        Samples; x / divisor is what the model sees and what ε is about.
    y : array [n]
        Their labels: whole numbers 0 … classes − 1.
    attacks : str, nr.attacks.…, or a list of them, optional
        What is tried: "fgsm", nr.attacks.Pgd(steps=40), … Default: these two. "ensemble" is APGD on the cross-entropy, targeted APGD on the difference of
        logits ratio, and Square, all with their defaults.
    epsilon : float or list, optional
        Radii, from small to large, each in its attack's own norm; "8/255" is a quotient. Default: 0.01 … 0.3 (linf) or 0.25 … 3 (l2)
        times the width of the bounds.
    norm : "linf" or "l2"
        Of attacks that are given by name. Default: linf where an attack knows it.
    bounds : (least, largest), optional
        What a sample may hold. Default: 0 … 255 / divisor for bytes, else the least and the largest number of x.
    clean_coverage : float
        Share of the clean samples that a model which may refuse still answers.
    eot : int
        Over how many draws gradients are averaged, where the model draws its answers (Poisson spikes).
    look_for_masking : bool
        Try a few more attacks, to see whether gradients hide.
    seed : int
        Of the attacks' draws.
    threads : int
        0 = the CPUs this process may use. Never changes the result.
    progress : None, True or function
        See neurarium.Progress.

    Warns
    -----
    UserWarning
        For each sign that the result flatters the model: vanishing gradients; an attack without gradients that does better than those
        with; a sample that is right at any ε; another seed, or the scale-free loss, that fools more.

    Raises
    ------
    SpecError
        An unknown attack or setting, radii that are negative or do not rise, a model without the gradient that an attack wants.
    ShapeError
        Samples that do not fit the model, or another number of labels.
    DataError
        Labels that the model does not have, numbers that are not finite or outside the bounds.

    Source: Carlini et al., "On evaluating adversarial robustness", arXiv 1902.06705.
    """
    settings: Dict[str, Any] = {"clean_coverage": clean_coverage, "eot": whole("eot", eot, 1), "look_for_masking": look_for_masking}
    if attacks is not None:
        settings["attacks"] = [attacks] if isinstance(attacks, (str, Mapping)) else list(attacks)
    if epsilon is not None:
        settings["epsilon"] = [epsilon] if isinstance(epsilon, str) or np.ndim(epsilon) == 0 else list(epsilon)  # type: ignore[arg-type]
    if bounds is not None:
        settings["bounds"] = list(bounds)
    seed, threads = whole("seed", seed, 0, LARGEST_SEED), whole("threads", threads, 0, MOST_THREADS)
    with Reporting(progress) as (call, _):
        told = _engine.attack(model._engine.to_bytes(), x, y, settings, norm, positive("divisor", divisor), seed, threads, call)
    for text in told["warnings"]:
        warnings.warn(text, UserWarning, stacklevel=2)
    told["outcomes"] = {outcome["name"]: AttackOutcome(**outcome) for outcome in told["outcomes"]}
    told["worst_case"] = {name: WorstCase(**worst) for name, worst in told["worst_case"].items()}
    return AttackReport(**told)
