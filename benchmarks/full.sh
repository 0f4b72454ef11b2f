#!/bin/bash
# All benchmarks at length, recorded and drawn: full.sh DAY. Hours on a shared machine.
# PAGES, ROUNDS and EVENTS may be set; the peers' environments are made first if they are missing.
set -eu
cd "$(dirname "$0")/.."
day=${1:?name the day, such as 2026-11-30}
python=.venv/bin/python
venvs=${BENCH_VENVS:-${TMPDIR:-/tmp}/bench-venvs}
pages=${PAGES:-2000} rounds=${ROUNDS:-5} events=${EVENTS:-1000000}
[ -x "$venvs/urlwatch/bin/python" ] || bash benchmarks/venvs.sh "$venvs"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
run() { echo "== $*" >&2; "$python" "benchmarks/$1" "${@:2}"; }
run passes.py --n "$pages" --rounds "$rounds" --peers urlwatch --venvs "$venvs" --json "$work/passes-1.json"
run passes.py --n $((pages / 8)) --rounds "$rounds" --peers webchanges changedetection.io --venvs "$venvs" \
  --passes first unchanged --json "$work/passes-2.json"
run log_limits.py --events "$events" --lengths $((events / 100)) $((events / 10)) --batches 100 \
  --rounds "$rounds" --venvs "$venvs" --json "$work/log.json"
run parts.py --rounds "$rounds" --pages 100 --json "$work/parts.json"
run report.py --day "$day" --of "$work"
