"""The fault table names tests that exist, for every row that it has to have."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROWS = {*range(1, 10), *range(13, 20), 24, 26}
NEITHER_ROW_NOR_TEST = re.compile(r"\| `make [a-z]+` \|$")


def rows():
    text = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
    return re.findall(r"^\| (\d+) \| (.*)$", text, re.MULTILINE)


def defined():
    return {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)\(", file.read_text(encoding="utf-8"), re.MULTILINE)
    }


def test_every_row_of_the_fault_table_has_a_test():
    assert {int(number) for number, _ in rows()} == ROWS
    without = [row for _, row in rows() if "`test_" not in row]

    assert [row for row in without if not NEITHER_ROW_NOR_TEST.search(row)] == []


def test_every_test_that_the_fault_table_names_exists():
    named = {name for _, row in rows() for name in re.findall(r"`(test_\w+)`", row)}

    assert named - defined() == set()
    assert len(named) > 50
