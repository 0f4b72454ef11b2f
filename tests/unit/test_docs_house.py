"""The house in CONTRIBUTING.md is the one that stands: every room on its floor."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import watcher

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")


def drawn() -> list[set[str]]:
    """Return the rooms of the table, floor by floor from the top."""
    rows = re.findall(r"^\| (\d+) \| `(\w+)(?:/|\.py)` \|", DOCUMENT, re.MULTILINE)
    floors = sorted({int(floor) for floor, _ in rows}, reverse=True)
    return [{room for on, room in rows if int(on) == floor} for floor in floors]


def checked() -> list[set[str]]:
    """Return the rooms as import-linter keeps them apart."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    (layers,) = (each["layers"] for each in settings["contracts"] if each["type"] == "layers")
    return [{room.strip() for room in floor.split("|")} for floor in layers]


def test_the_floors_are_those_that_are_checked():
    assert drawn() == checked()


def test_every_room_that_exists_has_its_floor():
    house = Path(watcher.__file__).parent
    rooms = {path.stem for path in house.iterdir() if path.is_dir() or path.suffix == ".py"}

    assert rooms - {"__init__", "__pycache__"} == set().union(*drawn())


def test_every_file_and_folder_that_the_guide_names_before_its_examples_is_there():
    guide = DOCUMENT.partition("\n## A new reader\n")[0]
    tables = re.findall(r"^\| `(\w+/)` \|", guide.partition("folder of `tests/`")[2], re.MULTILINE)
    named = {f"tests/{folder}" for folder in tables}
    named |= set(re.findall(r"(?:T=|`)((?:tests|docs|src)/[\w/]+\.(?:py|md))", guide))
    named |= {f"src/watcher/{path}" for path in re.findall(r"`(services/\w+\.py)`", guide)}

    assert len(named) > 10
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []
