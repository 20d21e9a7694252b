"""Models on NumPy arrays."""

from __future__ import annotations

import functools
import os
from collections import namedtuple
from typing import Any, Callable, ClassVar, Dict, List, Mapping, NamedTuple, Optional, Tuple, Type, Union

import numpy as np
import numpy.typing as npt

from . import _engine
from ._engine import Model as _EngineModel
from ._checks import LARGEST_SEED, MOST_THREADS, positive, whole
from ._component import changed, given, short
from ._progress import ProgressLike, Reporting
from ._signs import with_listed_signs
from .errors import DataError

Array = npt.NDArray[Any]
_classes: Dict[str, Type["Model"]] = {}


@functools.lru_cache(maxsize=None)
def _outputs(names: Tuple[str, ...]) -> Any:
    return namedtuple("Outputs", names, rename=True)


class History(NamedTuple):
    """What `fit` leaves: one number per epoch, each sample measured before the step it took part in."""

    loss: Array  #: mean over the samples
    accuracy: Optional[Array]  #: share of right answers; None when the answers are no labels


class Evaluation(NamedTuple):
    """Mean loss over samples, and the share of right answers (None when the answers are no labels)."""

    loss: float
    accuracy: Optional[float]


class GradientCheckRow(NamedTuple):
    """One tensor of a gradient check."""

    name: str
    entries: int
    largest_error: float
    worst_entry: int
    analytic: float
    numeric: float
    step: float  #: h, relative to max(1, |w|)
    tolerance: float  #: the largest error that passes


class GradientCheck(NamedTuple):
    """A model's gradient beside central differences; error = |a − n| / max(|a|, |n|, 1e-3·max|n| of that tensor, rounding).

    `largest_error` is that of the row nearest to its tolerance, or furthest beyond.
    """

    passed: bool
    largest_error: float
    rows: List[GradientCheckRow]


class _Group:
    """The parameters of one part of a model: `m.dense1.weight`."""

    def __init__(self, model: "Model", prefix: str):
        self.__dict__.update(_model=model, _prefix=prefix)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, f"{self._prefix}.{name}")

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._model, f"{self._prefix}.{name}", value)

    def __dir__(self) -> List[str]:
        start = self._prefix + "."
        return [name[len(start):].split(".")[0] for name in self._model.arrays if name.startswith(start)]

    def __repr__(self) -> str:
        return "\n".join(f"{name}  {short(array)}" for name, array in self._model.arrays.items() if name.startswith(self._prefix + "."))


class Model:
    """Any model. Its classes are in `neurarium.models`; what a model can do depends on how it learns:

    ==================  ================================================================
    every model         respond, parameters, buffers, save, load, pickle
    learns by a rule    observe, new_epoch (the topographic map)
    learns by gradients  fit, evaluate, gradient, check_gradients (networks)
    differentiable      logits, input_gradient
    made of layers      activities, traces (of units that spike)
    ==================  ================================================================

    Parameters and buffers are attributes: NumPy views on the model's own numbers, which keep it alive. `m.weights[0, 0] = 1`
    and `m.weights = W` write into the model; `m["dense1.weight"]`, `m.dense1.weight` and `m.parameters["dense1.weight"]` are the
    same. A view shows what the model is now; copy it to keep it.

    Arrays are taken as they lie when they are C-contiguous (and, for `respond`, `logits` and `input_gradient`, of the
    model's own type `m.scalar`); anything else is copied once. Inputs are never changed.

    Heavy work runs without the interpreter's lock; Ctrl-C stops it and leaves the model in order.
    """

    _type: ClassVar[str] = ""
    _engine: _EngineModel  # declared, for otherwise a type checker takes it for one of the model's arrays

    def __init__(self, **settings: Any) -> None:
        self._open(_engine.Model(self._type, with_listed_signs(given(settings)), f"{type(self).__name__}()"))

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        if cls._type:
            _classes.setdefault(cls._type, cls)

    def _open(self, engine: _EngineModel) -> None:
        object.__setattr__(self, "_engine", engine)

    @staticmethod
    def _make(type_name: str, settings: Mapping[str, Any]) -> "Model":
        cls = _classes.get(type_name, Model)
        model = cls.__new__(cls)
        model._open(_engine.Model(type_name, dict(settings), f"{cls.__name__}()"))
        return model

    # ── What it is ──

    @property
    def type(self) -> str:
        """Its name in experiments."""
        return self._engine.type

    @property
    def settings(self) -> Dict[str, Any]:
        """Every setting, as it would stand in a TOML file."""
        return self._engine.settings

    @property
    def is_built(self) -> bool:
        """False while the model waits for data to tell it the shape of its input."""
        return self._engine.is_built

    @property
    def scalar(self) -> "np.dtype[Any]":
        """float32 or float64: the type it computes in."""
        return np.dtype(self._engine.scalar)

    @property
    def input_shape(self) -> Tuple[int, ...]:
        """Of one entry, without the sample axis."""
        return self._engine.input_shape

    @property
    def parameters(self) -> Dict[str, Array]:
        """What learning moves: views by name."""
        return self._engine.parameters()

    @property
    def buffers(self) -> Dict[str, Array]:
        """Other state: views by name."""
        return self._engine.buffers()

    @property
    def arrays(self) -> Dict[str, Array]:
        """Parameters and buffers."""
        return {**self._engine.parameters(), **self._engine.buffers()}

    def __getitem__(self, name: str) -> Array:
        return self.arrays[name]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "_engine":
            raise AttributeError(name)
        if not self._engine.is_built:
            raise AttributeError(f"{type(self).__name__} has no '{name}' yet: it learns the shape of its input from the first data it sees, "
                                 "or from inputs=…")
        arrays = self.arrays
        if name in arrays:
            return arrays[name]
        if any(key.startswith(name + ".") for key in arrays):
            return _Group(self, name)
        raise AttributeError(self._unknown(name))

    def __setattr__(self, name: str, value: Any) -> None:
        if hasattr(type(self), name):  # a property says itself that it can't be set
            return object.__setattr__(self, name, value)
        array = getattr(self, name)
        if not isinstance(array, np.ndarray):
            raise AttributeError(f"'{name}' is a group of parameters: set one of them")
        array[...] = value

    def _unknown(self, name: str) -> str:
        near = _engine.nearest(name, list(self.arrays) + [word for word in dir(type(self)) if not word.startswith("_")])
        return f"{type(self).__name__} has no '{name}'; " + (f"did you mean '{near}'?" if near else "its arrays: " + ", ".join(self.arrays))

    def __dir__(self) -> List[str]:
        arrays = self.arrays if self._engine.is_built else {}
        return sorted({*object.__dir__(self), *(name.split(".")[0] for name in arrays)})

    def __repr__(self) -> str:
        head = f"{type(self).__name__}({changed('model', self._engine.type, self._engine.settings)})"
        if not self._engine.is_built:
            return head + "\n  (waits for data to tell it the shape of its input)"
        arrays = self.arrays
        width = max(map(len, arrays), default=0)
        return head + "".join(f"\n  {name:{width}}  {array.dtype} {list(array.shape)}" for name, array in arrays.items())

    # ── Answers ──

    def respond(self, x: npt.ArrayLike) -> Any:
        """The model's answers to x, as a named tuple in the model's declared order.

        Parameters
        ----------
        x : array [samples, …entry], or [entry]
            One entry without the sample axis gives answers without it.
        """
        named = self._engine.respond(x)
        return _outputs(tuple(name for name, _ in named))(*(array for _, array in named))

    def activities(self, x: npt.ArrayLike) -> Dict[str, Array]:
        """What each layer says to x, by the layers' names from the first to the last; spikes as counts [samples, steps, units]."""
        return self._engine.activities(x)

    def traces(self, x: npt.ArrayLike) -> Dict[str, Array]:
        """What goes on in units that spike, [samples, steps, units] by <layer>.<course>, the equations of `lif` say which is which:
        current i, membrane u (before the reset), threshold θ, spikes s.

        >>> plt.plot(network.traces(sounds[:1])["lif1.membrane"][0])
        """
        return self._engine.traces(x)

    # ── Rules without a loss gradient ──

    def observe(
        self, samples: npt.ArrayLike, *, divisor: float = 1.0, first: Optional[int] = None, threads: int = 1
    ) -> None:
        """Learns from samples, one after the other.

        Parameters
        ----------
        samples : array [n, …entry]
            Any type of number; samples / divisor is what the model sees, so bytes of images need no copy: divisor=255.
        first : int, optional
            The number of samples of this epoch seen before; default: as many as were. Rules that do something on every
            100th sample count from here, so samples may be cut into several calls without changing a bit. A new epoch
            begins with `new_epoch()`, or first=0.
        threads : int
            Threads that may help (0: as many as there are CPUs); the bits do not depend on it.

        Notes
        -----
        Bad samples raise an error and change nothing. After Ctrl-C, `samples_seen` says how many were learned.
        """
        if first is not None:
            first = whole("first", first, 0)
        self._engine.observe(samples, positive("divisor", divisor), first, whole("threads", threads, 0, MOST_THREADS))

    def new_epoch(self) -> None:
        """The next sample observed is the first of a new epoch."""
        self._engine.new_epoch()

    @property
    def samples_seen(self) -> int:
        """Samples observed in this epoch."""
        return self._engine.samples_seen

    @property
    def epoch(self) -> int:
        """Epochs ended with `new_epoch()`."""
        return self._engine.epoch

    # ── Gradients ──

    def fit(self, x: npt.ArrayLike, y: npt.ArrayLike, *, epochs: int = 10, batch_size: int = 32, shard_size: int = 32,
            shuffle: bool = True, reduction: str = "mean", optimiser: Union[str, Mapping[str, Any]] = "sgd",
            schedule: Union[str, Mapping[str, Any]] = "constant", clip_norm: float = 0.0,
            augmentation: Optional[Mapping[str, Any]] = None, adversarial: Optional[Mapping[str, Any]] = None,
            early_stopping: Optional[Mapping[str, Any]] = None, ease_in: Optional[Mapping[str, Any]] = None,
            blend: Optional[Mapping[str, Any]] = None, divisor: float = 1.0, seed: int = 0, threads: int = 0, progress: ProgressLike = None,
            on_epoch: Optional[Callable[[int, float, Optional[float]], Optional[bool]]] = None) -> History:
        """Trains by gradient descent.

        Parameters
        ----------
        x : array [samples, …entry]
            Any type of number; x / divisor is what the model sees.
        y : array
            Whole numbers [samples] are labels; anything else is targets [samples, outputs].
        epochs : int
            Passes over the data.
        batch_size : int
            Samples per step.
        shard_size : int
            Samples that one thread takes at a time; part of the result's bits.
        shuffle : bool
            New order in each epoch. It is a pure function of (seed, epoch).
        reduction : "mean" or "sum"
            Whether a step follows the mean or the sum of the batch's gradients.
        optimiser : str or nr.optimisers.…
            How gradients move the parameters. Each call begins with a new one.
        schedule : str or nr.schedules.…
            How the learning rate changes while training goes on.
        clip_norm : float
            Longest gradient (over all parameters) that a step follows; 0 = any.
        augmentation : dict, optional
            How pictures are changed a little, each time they are seen. Keys: shift, rotate, scale, shear, elastic, elastic_sigma, flip.
        adversarial : dict, optional
            Whether samples are changed to fool the network that learns from them. Keys: epsilon, attack, bounds; {"epsilon": 0.1} is
            FGSM with a random start.
        early_stopping : dict, optional
            Stop when held-out samples stop getting better. Keys: patience, on, held_out (`neurarium describe train-network`).
        ease_in : dict, optional
            How the learning rate grows in the first steps, whatever the schedule says. Keys: start, growth.
        blend : dict, optional
            How samples of spikes are mixed with others of their class, each time they are seen. Keys: share, keep.
        seed : int
            Of the order of the samples. The initial weights have a seed of their own, the model's.
        threads : int
            0 = the CPUs this process may use. Never changes the result.
        progress : None, True or function
            See neurarium.Progress.
        on_epoch : function, optional
            Called as on_epoch(epoch, loss, accuracy) after each epoch; returning True ends the training.
        """
        divisor, seed, threads = positive("divisor", divisor), whole("seed", seed, 0, LARGEST_SEED), whole("threads", threads, 0, MOST_THREADS)
        settings = {"epochs": whole("epochs", epochs, 0), "batch_size": whole("batch_size", batch_size, 1),
                    "shard_size": whole("shard_size", shard_size, 1), "shuffle": shuffle,
                    "reduction": reduction, "optimiser": optimiser, "schedule": schedule, "clip_norm": clip_norm}
        if augmentation is not None:
            settings["augmentation"] = augmentation
        if adversarial is not None:
            settings["adversarial"] = adversarial
        if early_stopping is not None:
            settings["early_stopping"] = early_stopping
        if ease_in is not None:
            settings["ease_in"] = ease_in
        if blend is not None:
            settings["blend"] = blend
        with Reporting(progress) as (call, _):
            told = self._engine.fit(x, y, settings, divisor, seed, threads, call, on_epoch)
        accuracy = None if None in told["accuracy"] else np.array(told["accuracy"])
        return History(np.array(told["loss"]), accuracy)

    def evaluate(self, x: npt.ArrayLike, y: npt.ArrayLike, *, divisor: float = 1.0, threads: int = 0) -> Evaluation:
        """Mean loss and accuracy; arguments as for `fit`."""
        return Evaluation(*self._engine.evaluate(x, y, positive("divisor", divisor), whole("threads", threads, 0, MOST_THREADS)))

    def gradient(self, x: npt.ArrayLike, y: npt.ArrayLike, *, divisor: float = 1.0, reduction: str = "mean") -> Dict[str, Array]:
        """∂loss/∂parameter by name, for the mean or the "sum" of the samples' losses."""
        if reduction not in ("mean", "sum"):
            raise ValueError(f"reduction: expected 'mean' or 'sum', found {reduction!r}")
        return self._engine.gradient(x, y, positive("divisor", divisor), reduction == "mean")

    def check_gradients(self, x: npt.ArrayLike, y: npt.ArrayLike, *, divisor: float = 1.0, step: float = 1e-5,
                        tolerance: float = 1e-7, most_entries: int = 200) -> GradientCheck:
        """Compares the model's gradients with central differences; the model must compute in float64.

        A tensor that fails is looked at again with step / 100 and tolerance · 100: a kink (ReLU at 0) within a step of a
        weight is no fault of the gradient. Where many kinks lie at once, as with biases of 0 under black pixels, move the
        weights a little first.
        """
        told = self._engine.check_gradients(x, y, positive("divisor", divisor), positive("step", step),
                                            positive("tolerance", tolerance), whole("most_entries", most_entries, 0))
        return GradientCheck(told["passed"], told["largest_error"], [GradientCheckRow(**row) for row in told["rows"]])

    def logits(self, x: npt.ArrayLike) -> Array:
        """The scores before the loss, [samples, outputs]."""
        return self._engine.logits(x)

    def input_gradient(self, x: npt.ArrayLike, cotangent: npt.ArrayLike) -> Array:
        """∂(Σ cotangent · logits)/∂x, shaped like x."""
        return self._engine.input_gradient(x, cotangent)

    # ── Keeping ──

    def save(self, path: Union[str, "os.PathLike[str]"]) -> None:
        """Writes parameters and buffers to a safetensors file, whole or not at all; `neurarium.load(path)` makes the model again."""
        self._engine.save(os.fspath(path))

    def load(self, path: Union[str, "os.PathLike[str]"]) -> None:
        """Puts numbers from a safetensors file into this model: its own file, or a run's checkpoint. On an error nothing changes."""
        self._engine.load(os.fspath(path))

    def __reduce__(self) -> Any:
        if not self._engine.is_built:
            return Model._make, (self._engine.type, self._engine.settings)
        return _from_bytes, (self._engine.to_bytes(),)


def _from_bytes(data: bytes) -> Model:
    model = Model._make(*_engine.saved_model_bytes(data))
    model._engine.load_bytes(data)
    return model


def load(path: Union[str, "os.PathLike[str]"], *, data_home: Optional[Union[str, "os.PathLike[str]"]] = None) -> Model:
    """The model that `Model.save` wrote to `path`; or, if `path` is a run directory, the run's network as it was left (RUN/MEMBER for
    one of several that a run keeps).

    A run's network takes what its data are after division: `nr.load(run).evaluate(x, y, divisor=255)` for pictures in bytes.
    `data_home` is where the run's data set is (default: $NEURARIUM_DATA or the user's data directory).
    """
    folder, name = os.path.split(os.fspath(path))
    if os.path.isdir(path) or not os.path.exists(path) and os.path.isfile(os.path.join(folder, "run.json")):
        type_name, settings, checkpoint = _engine.trained_run(os.fspath(path), os.fspath(data_home) if data_home is not None else "")
        model = Model._make(type_name, settings)
        model.load(checkpoint)
        return model
    if name == "checkpoint.safetensors" and os.path.isfile(os.path.join(folder, "run.json")):
        raise DataError(f"{os.fspath(path)}: is the checkpoint of a run, which does not say what network it is for; "
                        f"give the run's folder: neurarium.load({folder or '.'!r})", file=os.fspath(path))
    model = Model._make(*_engine.saved_model(os.fspath(path)))
    model.load(path)
    return model


def plain(value: Any) -> Any:
    """`value` with models in it replaced by their description (type and settings, not what they have learned)."""
    if isinstance(value, Model):
        return {"type": value.type, **value.settings}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value
