"""Stands between `neurarium bench` and the script of one benchmark: neurarium_bench.py SCRIPT.

The program sends one JSON object per line to standard input and reads one answer per line from standard output; what
the script itself prints goes to standard error. docs/benchmarks.md says what a script holds. Needs no package.
"""

import ctypes
import gc
import importlib.util
import json
import os
import platform
import sys
import time
import traceback


class Refused(Exception):
    """Something the user can mend, said in one line."""


def blas_of_numpy():
    """What NumPy multiplies with: (library, core type). OpenBLAS picks a core type when it is loaded."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        files = sorted({line.split()[-1] for line in maps if "blas" in line.rsplit("/", 1)[-1]})
    for file in files:
        library = ctypes.CDLL(file)
        for suffix in ("", "64_"):
            try:
                core, config = (getattr(library, f"openblas_get_{word}{suffix}") for word in ("corename", "config"))
            except AttributeError:
                continue
            core.restype = config.restype = ctypes.c_char_p
            return " ".join(config().decode().split()[:2]), core().decode()
    if not files:
        return "unknown", ""
    return f"{os.path.basename(os.path.realpath(files[0]))}, which is not OpenBLAS and is slow", ""


def software():
    found = {"python": platform.python_version()}
    for name, shown in (("numpy", "NumPy"), ("scipy", "SciPy"), ("sklearn", "scikit-learn"), ("torch", "PyTorch"),
                        ("brian2", "Brian2")):  # fmt: skip
        if name in sys.modules:
            found[shown] = str(sys.modules[name].__version__)
    if "numpy" in sys.modules:
        found["BLAS"], found["BLAS core type"] = blas_of_numpy()
    return found


def resident(key):
    """A size of this process in bytes (VmRSS: now; VmHWM: the highest), or None where the system does not say."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            return next((1024 * int(line.split()[1]) for line in status if line.startswith(key + ":")), None)
    except OSError:
        return None


def forget_the_highest():
    """What was freed goes back to the system, and VmHWM is what VmRSS is. False where that can't be had."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
        with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
            file.write("5")
        return True
    except (OSError, AttributeError):
        return False


# What scripts whose peer is PyTorch share: `from neurarium_bench import use_threads`.


def software_of_torch():
    """What else the page says about the software. A script that takes it as its `software` sets OMP_WAIT_POLICY."""
    found, torch = {"OMP_WAIT_POLICY": os.environ["OMP_WAIT_POLICY"]}, sys.modules.get("torch")
    for line in torch.__config__.show().split("\n") if torch else []:
        for word in ("MKL-DNN", "CPU capability usage"):  # MKL-DNN: the old name of oneDNN
            if word in line:
                found["PyTorch's " + word] = line.split(" (")[0].split(word)[-1].strip(" :")
    return found


def two_threads_beside_one(case, **changes):
    """A case of training without a peer: two threads and one take turns in the same rounds, asked to be 1.8 times as fast.

    Let its optimiser move next to nothing: who has trained longer has other spikes, and other work.
    """
    variants = [{"name": "one", "threads": 1}, {"name": "two", "threads": 2, "against": "one", "asked": {"against": 1.8}}]
    title = "two threads beside one, in the same rounds"
    return {**case, "name": "threads", "title": title, "with_peer": False, "variants": variants, **changes}


def use_threads(count):
    """As many threads for PyTorch and for OpenBLAS, which torch.set_num_threads does not reach."""
    import torch

    torch.set_num_threads(count)
    with open("/proc/self/maps", encoding="utf-8") as maps:
        files = {line.split()[-1] for line in maps if "openblas" in line}
    for file in files:
        for suffix in ("", "64_"):
            if hasattr(library := ctypes.CDLL(file), f"openblas_set_num_threads{suffix}"):
                getattr(library, f"openblas_set_num_threads{suffix}")(count)


class Session:
    def __init__(self, script):
        spec = importlib.util.spec_from_file_location("benchmark", script)
        self.script = importlib.util.module_from_spec(spec)
        sys.path.insert(0, os.path.dirname(os.path.abspath(script)))
        spec.loader.exec_module(self.script)
        for name in ("cases", "prepare", "Peer"):
            if not hasattr(self.script, name):
                raise Refused(f"{script} holds no '{name}'; a benchmark has cases(quick, parameters), "
                              "prepare(case, folder) and a class Peer")  # fmt: skip
        self.cases, self.peer, self.first_turn = {}, None, False

    def describe(self, quick, parameters):
        known = dict(getattr(self.script, "PARAMETERS", {}))
        for key, value in parameters.items():
            if key not in known:
                raise Refused(f"the benchmark has no parameter '{key}'; it has: {', '.join(known) or 'none'}")
            wanted = type(known[key])
            if wanted is float and isinstance(value, int) and not isinstance(value, bool):
                value = float(value)
            if type(value) is not wanted:
                raise Refused(f"{key}: expected {wanted.__name__}, found {value!r}")
            known[key] = value
        try:
            cases = list(self.script.cases(quick, known))
        except ValueError as error:  # how a script says that a parameter makes no sense
            raise Refused(str(error)) from error
        self.cases = {case["name"]: case for case in cases}
        if len(self.cases) < len(cases):
            raise Refused("two cases have the same name")
        document = (self.script.__doc__ or "").strip()
        return {
            "title": document.split("\n")[0].rstrip("."), "text": "\n".join(document.split("\n")[1:]).strip(),
            "peer": getattr(self.script, "PEER", "peer"), "parameters": known, "cases": cases,
            "software": {**software(), **getattr(self.script, "software", dict)()},
        }  # fmt: skip

    def prepare(self, case, folder):
        self.script.prepare(self.cases[case], folder)
        return {}

    def start(self, case, folder):
        self.end()
        self.peer, self.first_turn = self.script.Peer(self.cases[case], folder), True
        return {"note": str(getattr(self.peer, "note", ""))}

    def turn(self, samples):
        before = resident("VmRSS") if self.first_turn and forget_the_highest() else None
        begin = time.perf_counter()
        self.peer.turn(samples)
        answer = {"seconds": time.perf_counter() - begin}
        if before is not None and (highest := resident("VmHWM")) is not None:
            answer["memory"] = max(0, highest - before)  # the first turn finds nothing that an earlier one has left
        self.first_turn = False
        return answer

    def state(self, folder):
        """What the peer holds or has answered, as peer.NAME.npy: our side must have come to the same."""
        state = self.peer.state() if hasattr(self.peer, "state") else {}
        if state:
            import numpy

            for name, array in state.items():
                numpy.save(os.path.join(folder, f"peer.{name}.npy"), numpy.asarray(array, dtype="float64"))
        return {"names": list(state)}

    def end(self):
        self.peer = None
        gc.collect()
        return {}


def answer_to(request, session):
    action = request.pop("do")
    return getattr(session, action)(**request)


def main():
    # The script's own prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    session, trouble = None, None
    for line in sys.stdin:
        try:
            if session is None:
                session = Session(sys.argv[1])
            answer = json.dumps(answer_to(json.loads(line), session), allow_nan=False)
        except ModuleNotFoundError as error:
            trouble = {"missing": error.name or str(error)}
        except Refused as error:
            trouble = {"refused": str(error)}
        except Exception as error:  # whatever it is, the program can say it better than a closed pipe could
            traceback.print_exc()
            place = traceback.extract_tb(error.__traceback__)[-1]
            trouble = {"error": f"{type(error).__name__}: {error} ({os.path.basename(place.filename)}:{place.lineno})"}
        if trouble:
            answer, trouble = json.dumps(trouble), None
        print(answer, file=answers, flush=True)


if __name__ == "__main__":
    main()
