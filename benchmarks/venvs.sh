#!/bin/bash
# Makes the virtual environments of those we are compared with: venvs.sh [FOLDER]
# They are no part of ours: nothing here is installed with watcher, and nothing imports it.
set -eu
folder=${1:-${BENCH_VENVS:-${TMPDIR:-/tmp}/bench-venvs}}
mkdir -p "$folder"
make_one() {
  local name=$1
  shift
  [ -x "$folder/$name/bin/python" ] || uv venv -q --python 3.11 "$folder/$name"
  # compiled once, as a distribution's package is: else each start would compile anew
  uv pip install -q --compile-bytecode --python "$folder/$name/bin/python" "$@"
}
make_one tools uvloop==0.23.0 httpx==0.28.1 selectolax==1.0.2
make_one urlwatch urlwatch==2.29 cssselect==1.6.0
make_one webchanges 'webchanges[use_html2text]==3.37.0' html2text==2025.4.15 cssselect==1.6.0
make_one changedetection changedetection.io==0.60.10
make_one eventsourcing eventsourcing==9.5.6 msgspec==0.23.0
echo "environments are in $folder; name it with --venvs or BENCH_VENVS"
