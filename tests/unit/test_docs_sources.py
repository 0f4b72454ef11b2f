"""What docs/sources.md says of readers is so: its tables and its example of a page."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from kit.configs import SMALLEST
from watcher.config.load import load
from watcher.readers import registry
from watcher.readers.generic import generic_reader
from watcher.readers.reader import Payload

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")


def blocks(section: str, language: str) -> list[str]:
    """Return the code blocks of a section in a language, in order."""
    text = re.split(r"^## ", DOCUMENT.partition(f"\n## {section}\n")[2], flags=re.MULTILINE)[0]
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def rows() -> dict[str, str]:
    """Return the rows of the table of readers by the reader's name."""
    table = DOCUMENT.partition("\n## The readers\n")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| `(\w+)` (\|.*)$", table, re.MULTILINE))


def test_every_reader_has_its_row_and_every_row_its_reader():
    assert list(rows()) != []
    assert set(rows()) == set(registry.READERS)


@pytest.mark.parametrize("reader", registry.READERS.values(), ids=lambda reader: reader.name)
def test_the_words_a_page_is_said_to_be_known_by_are_a_marker_of_its_reader(reader):
    said = re.findall(r"`([^`]+)` \|$", rows()[reader.name])

    assert set(said) <= set(reader.markers)
    assert bool(said) == bool(reader.markers)


def test_the_example_of_a_page_of_ones_own_is_read_as_it_says(tmp_path):
    (page,) = blocks("A page of your own", "html")
    (entry,) = blocks("A page of your own", "yaml")
    (told,) = blocks("A page of your own", "json")
    path = tmp_path / "sources.yaml"
    path.write_text(SMALLEST.partition("sources:")[0] + entry, encoding="utf-8")

    (source,) = load(path, {}, registry.READERS).sources

    assert source.options is not None
    payload = Payload(body=page.encode(), media_type="text/html", url=source.urls[0])
    (record,) = generic_reader(source.options).read(payload).records
    assert record.state() == json.loads(told)
