#!/usr/bin/env bash
# run.sh PROGRAM: the consumer's command line knows its own layer like any other.
set -euo pipefail
program=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
fail() { echo "$*" >&2; exit 1; }

"$program" list | grep -q softsign_dense || fail "list does not know softsign_dense"
"$program" describe softsign_dense | grep -q 'Number of output units' || fail "describe does not know its fields"
