#!/bin/bash
# All benchmarks at length, recorded and drawn: full.sh DAY, such as 2026-11-30.
#
# PAGES, ROUNDS, EVENTS, DAYS and MANY (pages of the large pass) may be set; the peers' environments
# are made first if they are missing. Each piece writes its JSON into BENCH_WORK and is not run again
# where that is there: started anew for the same day and sizes, it goes on where it stopped. A piece
# that fails is told of and loses no other; what is there is recorded. BENCH_ONLY="told days" runs
# these alone. OTHER_SITE names a folder with a server.py and a sink.py of another site, whose pages
# are read by a user's selectors; see `passes.py --shared`.
#
# How long each took on two quiet cores with PAGES=2000 ROUNDS=5 EVENTS=1000000, web-load with EVENTS=200000:
#   passes-1   5 passes each of ours and urlwatch's       9 minutes
#   passes-2   2 passes each, two services, an eighth     6 minutes
#   passes-3   as passes-1, of another site              11 minutes
#   log        append, fold, verify, as of                4 minutes
#   parts      start, bytes, re-reading                  20 seconds
#   told       from an answer to a mail, run and once     2 minutes
#   days       50 pages, DAYS days                        1 minute
#   memory     a pass over PAGES and one over MANY        5 minutes
#   bulk       2,700 rows as JSON and as a workbook       1 minute
#   web-load   wrk; makes its store once                  3 minutes
set -u
cd "$(dirname "$0")/.."
day=${1:?name the day, such as 2026-11-30}
python=.venv/bin/python
venvs=${BENCH_VENVS:-${TMPDIR:-/tmp}/bench-venvs}
pages=${PAGES:-2000} rounds=${ROUNDS:-5} events=${EVENTS:-1000000}
days=${DAYS:-1000} many=${MANY:-$((pages * 10))}
work=${BENCH_WORK:-${TMPDIR:-/tmp}/watcher-bench-$day-$pages-$rounds-$events}
mkdir -p "$work"
failed=()

piece() {
  local name=$1
  shift
  if [ -n "${BENCH_ONLY:-}" ] && [[ " $BENCH_ONLY " != *" $name "* ]]; then return; fi
  if [ -s "$work/$name.json" ]; then
    echo "== $name is there already: $work/$name.json" >&2
    return
  fi
  echo "== $(date +%H:%M) $*" >&2
  "$python" "benchmarks/$1" "${@:2}" --json "$work/$name.json" || failed+=("$name")
}

[ -x "$venvs/urlwatch/bin/python" ] || bash benchmarks/venvs.sh "$venvs" || failed+=(venvs)
piece passes-1 passes.py --n "$pages" --rounds "$rounds" --peers urlwatch --venvs "$venvs"
piece passes-2 passes.py --n $((pages / 8)) --rounds "$rounds" --peers webchanges changedetection.io \
  --venvs "$venvs" --passes first unchanged
if [ -n "${OTHER_SITE:-}" ]; then
  piece passes-3 passes.py --n "$pages" --rounds "$rounds" --peers urlwatch --venvs "$venvs" \
    --shared "$OTHER_SITE"
fi
piece log log_limits.py --events "$events" --lengths $((events / 100)) $((events / 10)) --batches 100 \
  --rounds "$rounds" --venvs "$venvs"
piece parts parts.py --rounds "$rounds" --pages $((pages < 100 ? pages : 100))
piece told told_in.py --n "$pages" --rounds "$rounds"
piece days days.py --pages $((pages < 50 ? pages : 50)) --days "$days"
piece memory memory.py --n "$pages" "$many"
piece bulk bulk.py --rounds "$rounds"
piece web-load web_load.py --events "$events" --snapshots $((events / 50)) --folder "$work"
"$python" benchmarks/report.py --day "$day" --of "$work" || failed+=(report)
if [ ${#failed[@]} -gt 0 ]; then
  echo "these failed; start it again to run them: ${failed[*]}" >&2
  exit 1
fi
