#!/usr/bin/python3
"""How well do older methods read digits and clothes? The lecture's last question, answered with scikit-learn.

    classic_methods.py measure [METHOD …]   measures what is not in classic_methods.json yet, on mnist and fashion-mnist
    classic_methods.py table [FILE]         writes neurarium/studies/backprop/classic_results.cpp, or FILE, from that file
                                            alone: needs neither data nor any package

One thread. Times are processor seconds of the process, so that other work on the machine does not count; prediction is
over the whole test set, divided by its size. Size: bytes of the fitted object, pickled. Numbers come to the methods as
x / 255 in float32. Data are looked for where Neurarium keeps them: $NEURARIUM_DATA, else its default, else Debian's package.
`measure` needs python3-sklearn. Nothing of Neurarium is imported.
"""
import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"):
    os.environ[variable] = "1"

import datetime
import gzip
import json
import pathlib
import pickle
import platform
import sys
import time
import warnings

HERE = pathlib.Path(__file__).resolve().parent
STORE = HERE / "classic_methods.json"
TABLE = HERE.parents[1] / "neurarium/studies/backprop/classic_results.cpp"
DATASETS = ("mnist", "fashion-mnist")


def methods():
    """name: (words for the table, maker); the costly ones last."""
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.svm import SVC

    return {
        "logistic": ("logistic regression", lambda: LogisticRegression(max_iter=1000)),
        "forest": ("random forest, 200 trees", lambda: RandomForestClassifier(200, random_state=0, n_jobs=1)),
        "neighbours": ("3 nearest neighbours", lambda: KNeighborsClassifier(3, algorithm="brute", n_jobs=1)),
        "svm": ("SVM (RBF kernel, C = 10)", lambda: SVC(C=10, cache_size=2000)),
    }


SHORT = {  # in the order of the table
    "logistic": "logistic",
    "forest": "random forest",
    "neighbours": "3 neighbours",
    "svm": "SVM",
}


def folder_of(dataset):
    home = os.environ.get("NEURARIUM_DATA") or os.path.join(
        os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share"), "neurarium"
    )
    for folder in (pathlib.Path(home) / dataset, pathlib.Path("/usr/share/datasets") / dataset):
        if folder.is_dir():
            return folder
    sys.exit(f"{dataset} is not on this machine: neurarium data get {dataset}")


def idx(folder, name):
    import numpy as np

    path = folder / name
    data = path.read_bytes() if path.exists() else gzip.decompress((folder / (name + ".gz")).read_bytes())
    axes = data[3]
    shape = np.frombuffer(data, ">i4", axes, 4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * axes).reshape(shape)


def load(dataset):
    import numpy as np

    folder = folder_of(dataset)
    for part in ("train", "t10k"):
        x = idx(folder, f"{part}-images-idx3-ubyte")
        yield x.reshape(len(x), -1).astype(np.float32) / 255
        yield idx(folder, f"{part}-labels-idx1-ubyte")


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def measure(wanted):
    import numpy as np
    import sklearn

    known = methods()
    for name in wanted:
        if name not in known:
            sys.exit(f"'{name}' is not known; known are {', '.join(known)}")
    results = json.loads(STORE.read_text()) if STORE.exists() else []
    done = {(r["dataset"], r["method"]) for r in results}
    for name in wanted or known:
        words, make = known[name]
        for dataset in DATASETS:
            if (dataset, name) in done:
                continue
            train_x, train_y, test_x, test_y = load(dataset)
            model = make()
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                start = time.process_time()
                model.fit(train_x, train_y)
                fitted = time.process_time()
                guess = model.predict(test_x)
                end = time.process_time()
            results.append(
                {
                    "dataset": dataset,
                    "method": name,
                    "words": words,
                    "samples": len(train_x),
                    "test_accuracy": round(float(np.mean(guess == test_y)), 6),
                    "train_seconds": round(fitted - start, 3),
                    "seconds_per_image": float(f"{(end - fitted) / len(test_x):.4g}"),
                    "bytes": len(pickle.dumps(model, protocol=5)),
                    "warnings": sorted({str(w.message).splitlines()[0] for w in caught}),
                    "sklearn": sklearn.__version__,
                    "processor": processor(),
                    "date": datetime.date.today().isoformat(),
                }
            )
            STORE.write_text(json.dumps(results, indent=2) + "\n")
            print(json.dumps(results[-1]), flush=True)


def table(path):
    results = json.loads(STORE.read_text())
    results.sort(key=lambda r: (DATASETS.index(r["dataset"]), list(SHORT).index(r["method"])))
    about = {
        f"scikit-learn {r['sklearn']}, one thread of a processor that calls itself {r['processor']}, {r['date'][:7]}"
        for r in results
    }
    rows = "".join(
        f'    {{"{r["dataset"]}", "{r["words"]}", "{SHORT[r["method"]]}", {r["samples"]}, {r["test_accuracy"]}, {r["train_seconds"]}, '
        f'{r["seconds_per_image"]}, {r["bytes"]}}},\n'
        for r in results
    )
    pathlib.Path(path).write_text(
        "// Written by validation/backprop/classic_methods.py; do not edit: tests/cli/test_written_files.py compares the bytes.\n"
        "// clang-format off\n"
        '#include "neurarium/studies/backprop/classic_methods.hpp"\n\n'
        "namespace neurarium {\nnamespace {\n\n"
        f"constexpr ClassicResult results[] = {{\n{rows}}};\n"
        f'constexpr std::string_view source =\n    "{"; ".join(sorted(about))}";\n\n'
        "}  // namespace\n\n"
        "std::span<const ClassicResult> classic_results() { return results; }\n"
        "std::string_view classic_results_source() { return source; }\n\n"
        "}  // namespace neurarium\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    action, words = (sys.argv[1:2] or [""])[0], sys.argv[2:]
    if action == "measure":
        measure(words)
    elif action == "table" and len(words) <= 1:
        table(*words or [TABLE])
    else:
        sys.exit(__doc__)
