"""Every command line that stands in a document is one that this program understands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kit.command_reference import reference
from watcher.cli.main import app

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"]
LINE = re.compile(r"^\s*\$ (?:sudo -u \w+ )?watcher (.*)$", re.MULTILINE)
UNUSABLE = 2


def lines() -> list[str]:
    """Return the command lines of the documents, each once, in order."""
    found = {
        re.split(r"\s+[|&>]+\s|…", line)[0].strip()
        for page in PAGES
        for line in LINE.findall(page.read_text("utf-8"))
    }
    return sorted(found)


def exit_code(line: str) -> int:
    """Return what the program makes of the command and the options of a line, running nothing."""
    return CliRunner().invoke(app, [*shlex.split(line, comments=True), "--help"]).exit_code


@pytest.mark.parametrize("line", lines())
def test_a_documented_command_line_is_understood(line):
    assert exit_code(line) == 0


@pytest.mark.parametrize("line", ["evens --follow", "events --folow", "rules rehaerse"])
def test_a_command_line_that_is_wrong_is_not(line):
    assert exit_code(line) == UNUSABLE


def test_the_reference_of_commands_is_what_the_program_says():
    kept = (ROOT / "docs" / "reference" / "commands.md").read_text("utf-8")

    assert kept == reference(), "run `make reference`"
