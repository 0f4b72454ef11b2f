"""The manual page is the one that the commands make, and roff has nothing to say against it."""

from __future__ import annotations

import shutil
import subprocess

import pytest
import typer

from release.man_page import PAGE, page
from watcher.cli.main import app


def test_the_manual_page_is_as_the_commands_are():
    kept = PAGE.read_text(encoding="utf-8")

    assert kept == page(), "run `make man`"


def test_the_manual_page_has_every_command_with_its_options():
    text = page()

    for name in typer.main.get_command(app).commands:
        assert f'.SS "watcher {name}'.replace("-", "\\-") in text
    assert text.count("\\-\\-json") > 20
    assert text.isascii()


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_roff_reads_the_manual_page_without_a_warning():
    groff = shutil.which("groff") or ""

    done = subprocess.run(
        [groff, "-man", "-Tutf8", "-ww", str(PAGE)], capture_output=True, text=True, check=True
    )

    assert done.stderr == ""
    assert "WATCHER(1)" in done.stdout
