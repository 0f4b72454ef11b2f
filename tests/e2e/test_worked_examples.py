"""Whoever follows a worked example of CONTRIBUTING.md to the letter has something that holds."""

from __future__ import annotations

import subprocess
import sys

import pytest

from kit.worked_examples import copy, play, steps


@pytest.mark.parametrize("heading", ["A new reader", "A new event", "A new channel"])
def test_a_worked_example_works_as_it_stands(heading, tmp_path):
    house = copy(tmp_path)

    kinds = []
    for step in steps(heading):
        play(step, house)
        kinds.append(step.kind)

    assert {"python", "diff", "console"} <= set(kinds)
    for check in (["format", "--check"], ["check"]):
        ruff = [sys.executable, "-m", "ruff", *check, "src", "tests"]
        done = subprocess.run(ruff, cwd=house, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, done.stdout)
