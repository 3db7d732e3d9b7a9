#!/bin/sh
# The golden queries over a pull request on a repository of runbooks: may its documents go live, and which query moves?
#
#   golden-gate.sh BASE [OUT]      run in the repository's root; BASE is the commit that is compared with
#
# Builds two snapshots in a folder of its own: the documents at BASE, then those of the working tree, judged by the golden
# queries and the baseline of the working tree. OUT (default golden-report) gets report.md, report.svg, junit.xml, diff.txt
# and ingest.json. Exit code 0: it may go live; 1: it may not; 2: it could not be run. The settings are MIDDLEWATCH_CONFIG, a
# path within the repository (default middlewatch.toml).
set -eu
base=${1:?"usage: golden-gate.sh BASE [OUT]"}
out=${2:-golden-report}
config=${MIDDLEWATCH_CONFIG:-middlewatch.toml}
unset MIDDLEWATCH_CONFIG
work=$(mktemp -d)
trap 'git worktree remove --force "$work/base" 2>/dev/null || true; rm -rf "$work"' EXIT
mkdir -p "$out"

MIDDLEWATCH_STORE__DATA_DIR="$work/data"
export MIDDLEWATCH_STORE__DATA_DIR
git worktree add --quiet --detach "$work/base" "$base"

# The documents as they are now go in unjudged: the question is what the pull request does to them.
MIDDLEWATCH_GOLDEN__PATHS='[]' middlewatch ingest --json --config "$work/base/$config" > "$work/before.json" || exit 2

code=0
middlewatch ingest --full --json --config "$config" > "$out/ingest.json" || code=$?
if [ "$code" -gt 1 ]; then exit 2; fi
name() { python3 -c 'import json, sys; row = json.load(open(sys.argv[1])); print(row["refused"] or row["snapshot"])' "$1"; }
before=$(name "$work/before.json")
after=$(name "$out/ingest.json")

check=0
middlewatch golden check --snapshot "$after" --config "$config" --junit "$out/junit.xml" --markdown "$out/report.md" || check=$?
if [ "$check" -gt 1 ]; then exit 2; fi
if [ "$check" -ne 0 ]; then code=1; fi
middlewatch golden diff "$before" "$after" --config "$config" > "$out/diff.txt" || exit 2

{
    echo
    echo "### What each query gains or loses"
    echo
    echo '```text'
    cat "$out/diff.txt"
    echo '```'
    if [ "$code" -ne 0 ]; then
        echo
        echo "### What costs them"
        echo
        python3 - "$out/ingest.json" <<'PY'
import json
import sys

verdict = json.load(open(sys.argv[1])).get("verdict") or {}
for loss in verdict.get("losses", []):
    print(f"* `{loss['query']}`: {loss['why']}")
PY
    fi
} >> "$out/report.md"
exit "$code"
