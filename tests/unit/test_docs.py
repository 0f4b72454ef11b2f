"""The documents name everything there is, and nothing there is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from watcher.cli.main import app
from watcher.core.taxonomy import TYPES

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def commands() -> list[str]:
    return sorted(typer.main.get_command(app).commands)


def test_every_command_is_in_the_documents_and_every_documented_one_exists():
    text = (DOCS / "commands.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`watcher ([a-z-]+)", text))

    assert named == set(commands())


def test_every_type_of_event_is_in_the_documents_with_its_severity():
    text = (DOCS / "events.md").read_text(encoding="utf-8")
    named = dict(re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \| (\w+)", text, re.MULTILINE))

    assert named == {name: str(kind.severity) for name, kind in TYPES.items()}


def test_every_type_of_event_means_in_the_documents_what_it_means_in_the_program():
    text = (DOCS / "events.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \| [^|]+ \| (.+) \|$", text, re.MULTILINE))

    assert told == {name: kind.meaning for name, kind in TYPES.items()}


def test_no_word_of_a_meaning_is_broken_where_its_line_was():
    broken = [kind.meaning for kind in TYPES.values() if re.search(r"\w[-/] ", kind.meaning)]

    assert broken == []


@pytest.mark.parametrize("command", commands())
def test_every_command_explains_itself(command):
    done = CliRunner().invoke(app, [command, "--help"])

    assert done.exit_code == 0
    assert len(done.output) > 100


def test_links_between_documents_lead_somewhere():
    broken = [
        f"{page.name}: {link}"
        for page in [*DOCS.rglob("*.md"), *ROOT.glob("*.md")]
        for link in re.findall(r"\]\((?!https?://|mailto:|#)([^)#]+)", page.read_text("utf-8"))
        if not (page.parent / link).exists()
    ]

    assert broken == []


def test_the_version_is_one():
    done = CliRunner().invoke(app, ["--version"])

    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert done.exit_code == 0
    assert re.search(r"\d+\.\d+\.\d+", done.output)
    assert "## Unreleased" in changelog or f"## {done.output.split()[-1]}" in changelog


def test_the_documents_install_the_file_and_never_the_name():
    """In public package indexes the name is another project's; an extra goes to what is there."""
    pages = [*DOCS.rglob("*.md"), *ROOT.glob("*.md")]
    lines = [line for page in pages for line in page.read_text("utf-8").splitlines()]

    installing = [line for line in lines if "pip install" in line and "watcher" in line]
    wrong = [line for line in installing if re.search(r"install '?watcher(?:'|$| |\[all)", line)]
    assert installing
    assert wrong == []
