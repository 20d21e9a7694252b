#!/usr/bin/python3
"""Runs the maps of the reference table in docs/topographic-map.md, three seeds each, and prints its rows: mean (least … most).

    repeat_reference_table.py [PROGRAM]      (needs CIFAR-10: neurarium data get cifar10; about two minutes)
"""
import json
import subprocess
import sys
import tempfile

program = sys.argv[1] if len(sys.argv) > 1 else "neurarium"
MAPS = [(20, 0), (20, 1), (20, 2), (30, 2)]
SEEDS = [1, 2, 3]
TABLE = [
    ("neighbour_correlation", 3), ("correlation_at_2", 3), ("correlation_at_5", 3), ("far_correlation", 3),
    ("neighbour_response_correlation", 3), ("far_response_correlation", 3), ("knn8", 3), ("colour_smoothness", 3),
    ("population_sparseness", 2), ("lifetime_sparseness", 2), ("max_share_on", 2), ("snr_db", 1),
    ("gain_corrected_snr_db", 1), ("dead_units", 0),
]
CLAIMS = [
    "knn8", "control_knn8", "neighbour_correlation", "colour_smoothness", "control_colour_smoothness", "blue_border_correlation",
    "red_border_correlation", "last_row_blue_excess", "max_share_on", "far_response_correlation",
]  # fmt: skip


def run(folder, *words):
    answer = subprocess.run([program, "run", "topographic-map", *words, "--json", "--quiet", "--out", folder], check=True,
                            capture_output=True, text=True)  # fmt: skip
    return json.loads(answer.stdout)


def number(x, digits):
    text = f"{x:.{digits}f}"
    return text.replace("0.", ".", 1) if abs(x) < 1 and digits else text


with tempfile.TemporaryDirectory() as work:
    found = {}
    for side, radius in MAPS:
        for seed in SEEDS:
            report = run(f"{work}/{side}-{radius}-{seed}", "preset=cifar-400-r2", f"model.rows={side}", f"model.columns={side}",
                         f"model.radius={radius}", "train.epochs=5", "analysis.control=false",
                         "analysis.compare_fidelity=false", "--seed", str(seed))  # fmt: skip
            found[side, radius, seed] = {name: entry["value"] for name, entry in report["figures"].items()}
    for name, digits in TABLE:
        cells = []
        for side, radius in MAPS:
            values = [found[side, radius, seed][name] for seed in SEEDS]
            cells.append(f"{number(sum(values) / 3, digits)} ({number(min(values), digits)} … {number(max(values), digits)})")
        print(f"| {name} | " + " | ".join(cells) + " |")
    print("\ncifar-900, seeds", SEEDS)
    reports = [run(f"{work}/900-{seed}", "preset=cifar-900", "--seed", str(seed)) for seed in SEEDS]
    for name in CLAIMS:
        print(f"{name}: " + ", ".join(number(report["figures"][name]["value"], 3) for report in reports))
    for exhibit in ("questions", "colour-tests", "tests"):
        for report in reports:
            for table in report.get("exhibits", []):
                if table.get("name") == exhibit:
                    print(json.dumps(table, ensure_ascii=False))
