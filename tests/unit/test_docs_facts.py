"""The documents name every fact a reader says, and what becomes of it."""

from __future__ import annotations

import re

import pytest

from kit import fact_reference
from kit.write_documents import DOCS
from watcher.core import rows, single_fact
from watcher.readers.registry import READERS

PAGE = fact_reference.page()


def cells(fact: str) -> list[str]:
    """Return the cells beside a fact: its value, readers, events and filters."""
    (row,) = re.findall(rf"^\| `{re.escape(fact)}` \| (.*) \|$", PAGE, re.MULTILINE)
    return row.split(" | ")


def test_the_page_is_as_the_program_makes_it():
    kept = (DOCS / "reference" / "facts.md").read_text("utf-8")

    assert kept == PAGE, "run `make reference`"


@pytest.mark.parametrize(("fact", "event"), single_fact._WHEN_CHANGED.items())
def test_a_fact_whose_change_has_a_name_is_told_by_it(fact, event):
    assert f"`{event}`" in cells(fact)[2]


@pytest.mark.parametrize(
    ("fact", "filter_"),
    [
        *((fact, "product") for fact in rows.MEDICINES_OF_ROWS),
        *((fact, "substance") for fact in rows.SUBSTANCES_OF_ROWS),
    ],
)
def test_what_a_row_is_about_is_found_by_watch_lists(fact, filter_):
    assert filter_ in cells(fact)[3]


@pytest.mark.parametrize(("subject", "event"), rows._NEW.items())
def test_every_kind_of_row_is_there_with_the_event_a_new_one_makes(subject, event):
    new_rows = PAGE.partition("\n## A new row\n")[2]

    assert re.search(rf"^\| `{subject}` \| .* \| `{event}` \|", new_rows, re.MULTILINE)


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_says_something(reader):
    assert f"`{reader}`" in PAGE.partition("| fact |")[2]
