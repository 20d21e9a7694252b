#!/usr/bin/env bash
# run.sh PROGRAM: the consumer's command line knows its own layer like any other.
set -euo pipefail
program=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
fail() { echo "$*" >&2; exit 1; }

"$program" list | grep softsign_dense >/dev/null || fail "list does not know softsign_dense"
"$program" describe softsign_dense | grep 'Number of output units' >/dev/null || fail "describe does not know its fields"

# It learns exclusive or, which no network without a bent layer can.
cat >network.toml <<'TOML'
dataset = "xor"
[[model.layers]]
type = "softsign_dense"
units = 4
[[model.layers]]
type = "dense"
units = 1
activation = "logistic"
[train]
epochs = 5000
optimiser = { type = "sgd", learning_rate = 2.0 }
TOML
"$program" run network.toml --seed 3 --json --quiet >report.json
/usr/bin/python3 -c '
import json
loss = json.load(open("report.json"))["figures"]["train_loss"]["value"]
assert loss < 0.01, f"train_loss {loss}: the network did not learn"
'
