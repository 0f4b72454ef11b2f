"""The benchmarks work: each in its quickest form, and what it writes is found in the record.

Whether anything is fast is not asked here: no test measures time.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kit.free_port import free_port_with

ROOT = Path(__file__).resolve().parents[2]
BENCHMARKS = ROOT / "benchmarks"
QUICKEST = {
    "days": ["days.py", "--pages", "2", "--days", "4"],
    "bulk": ["bulk.py", "--records", "20", "--rounds", "1"],
    "parts": ["parts.py", "--rounds", "1", "--pages", "1"],
    "log": ["log_limits.py", "--events", "2000", "--batches", "1", "--rounds", "1"],
    "told": ["told_in.py", "--n", "3", "--rounds", "1", "--by", "once"],
}

pytestmark = pytest.mark.e2e


def measured(kind: str, folder: Path) -> Path:
    """Run a benchmark in its quickest form, and return what it wrote."""
    place = folder / f"{kind}.json"
    port = ["--port", str(free_port_with(10, 11))] if kind == "told" else []
    command = [sys.executable, BENCHMARKS / QUICKEST[kind][0], *QUICKEST[kind][1:], *port]
    done = subprocess.run(
        [*command, "--json", place],
        cwd=folder, capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return place


def recorded(folder: Path, results: Path) -> dict[str, object]:
    """Return the record that is made of what stands in a folder."""
    code = (
        "import sys; from pathlib import Path; import report; "
        "report.RESULTS = Path(sys.argv[2]); print(report.collect('2026-11-30', Path(sys.argv[1])))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, folder, results],
        cwd=BENCHMARKS, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    told: dict[str, object] = json.loads(Path(done.stdout.strip()).read_text())
    return told


@pytest.mark.parametrize("kind", QUICKEST)
def test_a_benchmark_runs_in_its_quickest_form_and_is_found_in_the_record(kind, tmp_path):
    (tmp_path / "of").mkdir()
    measured(kind, tmp_path / "of")

    record = recorded(tmp_path / "of", tmp_path / "results")

    assert record["measures"]
    (command,) = record["commands"]
    assert command.startswith(QUICKEST[kind][0])


def test_every_step_of_a_look_stands_in_the_table_of_where_its_cpu_goes(tmp_path):
    port = str(free_port_with(10, 11))
    command = [sys.executable, BENCHMARKS / "where.py", "--n", "2", "--port", port]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=240
    )

    assert done.returncode == 0, done.stderr
    header, _, *rows = done.stdout.splitlines()
    assert header.count("|") == 6
    assert {"exchange", "read: outline", "commit", "all"} <= {
        row.split("|")[1].strip() for row in rows
    }
