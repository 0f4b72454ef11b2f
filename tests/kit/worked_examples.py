"""Plays the worked examples of CONTRIBUTING.md in a copy of the project, word by word.

Three kinds of blocks stand in them. A file (`python`, `html`) goes where the text before it says;
a file that is there already gets it at its end. A change (`diff`) is made where its context stands,
which has to be once; `@N` in it is the version that stands in the file, `@N+1` the next. Commands
(`console`) are run, and what they print has to be what stands below them, `…` standing for
anything. Other blocks are there to be read.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "CONTRIBUTING.md"
_PATH = re.compile(r"`((?:src|tests|docs)/[\w/.-]+\.(?:py|html|md))`")
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NOT_COPIED = (".*", "__pycache__", "dist", "snapshots", "data")


@dataclass(frozen=True, slots=True)
class Step:
    """One block of an example.

    Attributes:
        kind: `python`, `html`, `diff` or `console`.
        path: The file it belongs to.
        text: What stands in it.
    """

    kind: str
    path: str
    text: str


def steps(heading: str) -> Iterator[Step]:
    """Yield the blocks of a section of the document, in order."""
    section = DOCUMENT.read_text("utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    path = ""
    end = 0
    for fence in _FENCE.finditer(section):
        path = ([path, *_PATH.findall(section[end : fence.start()])])[-1]
        end = fence.end()
        yield Step(fence[1], path, fence[2])


def copy(place: Path) -> Path:
    """Return a copy of the project to work in, with the environment that runs this."""
    house = place / "watcher"
    shutil.copytree(ROOT, house, ignore=shutil.ignore_patterns(*_NOT_COPIED))
    (house / ".venv").mkdir()
    for part in ("bin", "lib", "pyvenv.cfg"):
        (house / ".venv" / part).symlink_to(Path(sys.prefix) / part)
    (house / ".venv" / ".ready").touch()
    return house


def play(step: Step, house: Path) -> None:
    """Do what a block says.

    Raises:
        AssertionError: It cannot be done as it stands, or comes to something else.
    """
    path = house / step.path
    if step.kind in {"python", "html"}:
        path.parent.mkdir(exist_ok=True)
        before = f"{path.read_text('utf-8')}\n\n" if path.exists() else ""
        path.write_text(before + step.text, encoding="utf-8")
    elif step.kind == "diff":
        path.write_text(_changed(path.read_text("utf-8"), step), encoding="utf-8")
    elif step.kind == "console":
        for command, shown in _commands(step.text):
            status, printed = _run(command, house)
            assert _as_pattern(shown).fullmatch(printed), f"$ {command}\n{printed}"
            assert (status != 0) == _is_failure(shown), f"$ {command}\n{printed}"


def _changed(text: str, step: Step) -> str:
    lines = _numbered(step.text, text).splitlines(keepends=True)
    old = "".join(line[1:] for line in lines if line[0] in " -")
    new = "".join(line[1:] for line in lines if line[0] in " +")
    assert text.count(old) == 1, f"{step.path} has this {text.count(old)} times:\n{old}"
    return text.replace(old, new)


def _numbered(change: str, text: str) -> str:
    """Return a change with the version that `text` has, and the one after it, for `N` and `N+1`."""
    version = re.search(r"@(\d+)", text)
    if "@N" not in change or version is None:
        return change
    number = int(version[1])
    return change.replace("@N+1", f"@{number + 1}").replace("@N", f"@{number}")


def _commands(text: str) -> Iterator[tuple[str, str]]:
    """Yield each command with what is shown below it."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        yield command, shown


def _is_failure(shown: str) -> bool:
    """Return whether what is shown is a test that fails, as pytest writes it."""
    return bool(re.search(r"^E  ", shown, re.MULTILINE))


def _run(command: str, house: Path) -> tuple[int, str]:
    """Return how a command ends and what it prints, without blanks at the ends of lines."""
    environment = {**os.environ, "PYTHONPATH": f"{house / 'src'}", "COLUMNS": "120", "CI": ""}
    done = subprocess.run(
        ["bash", "-c", command],  # noqa: S607
        cwd=house,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, re.sub(r" +$", "", done.stdout, flags=re.MULTILINE)


def _as_pattern(shown: str) -> re.Pattern[str]:
    """Return shown text as a pattern: `…` is anything, the end of a line or whole lines."""
    escaped = re.escape(shown).replace("…\n", "…").replace("…", "(?s:.*)")
    return re.compile(escaped)
