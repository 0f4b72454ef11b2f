"""The score is not worse than the one that was written down."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent


@pytest.mark.realdata
@pytest.mark.parametrize("suite", ["pages", "workbooks", "daily", "bench"])
def test_nothing_is_found_less_or_invented_more_than_was_written_down(suite, shared_data):
    if suite == "bench" and not (shared_data.parent / "bench" / "server.py").is_file():
        pytest.skip("the bench site is not beside the project (../shared/bench)")
    if suite == "workbooks" and find_spec("python_calamine") is None:
        pytest.skip("the extra `excel` is not installed")

    done = subprocess.run(
        [sys.executable, HERE / "score.py", "--quick", "--only", suite],
        capture_output=True,
        text=True,
        check=False,
        timeout=1200,
    )

    assert done.returncode == 0, done.stderr + done.stdout
