"""What docs/sources.md says of readers is so: its tables, its options, and its worked example."""

from __future__ import annotations

import ast
import json
import re
import sys
from pathlib import Path

import pytest

from golden.test_golden_readings import test_a_kept_page_is_read_as_it_was as golden_check
from kit.configs import SMALLEST
from watcher import readers
from watcher.config.load import load
from watcher.errors import ReadError
from watcher.readers import registry
from watcher.readers.generic import generic_reader
from watcher.readers.reader import Payload
from watcher.readers.recognition import recognised

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
NAME = "ruritania_list"
MODULE = f"watcher.readers.{NAME}"


def blocks(section: str, language: str) -> list[str]:
    """Return the code blocks of a section in a language, in order."""
    text = re.split(r"^## ", DOCUMENT.partition(f"\n## {section}\n")[2], flags=re.MULTILINE)[0]
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def named_file(path: str) -> str:
    """Return the code block that follows the mention of a file."""
    found = re.search(
        rf"`{re.escape(path)}`:\n\n```\w+\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL
    )
    assert found, f"{path} is not in the document"
    return found[1]


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


@pytest.fixture
def house(tmp_path, monkeypatch):
    """The document's files in their places below a folder, its line in the registry."""
    source = tmp_path / "src" / "watcher" / "readers" / f"{NAME}.py"
    page = tmp_path / "tests" / "golden" / NAME / "two_medicines.html"
    for path in (source, page, page.with_suffix(".json")):
        path.parent.mkdir(parents=True, exist_ok=True)
        text = named_file(path.relative_to(tmp_path).as_posix())
        path.write_text(text, encoding="utf-8")
    (line,) = re.findall(rf'^ +"{NAME}": .*,$', DOCUMENT, re.MULTILINE)
    for name, module in ast.literal_eval(f"{{{line}}}").items():
        monkeypatch.setitem(registry._MODULES, name, module)
    monkeypatch.setattr(readers, "__path__", [*readers.__path__, str(source.parent)])
    yield page
    sys.modules.pop(MODULE, None)
    vars(readers).pop(NAME, None)


def test_the_example_of_a_reader_stands_the_golden_check(house):
    golden_check(house, accepts=False)


def test_the_example_of_a_reader_is_recognised_by_its_marker(house):
    payload = Payload(body=house.read_bytes(), media_type="text/html")

    found = [each.reader.name for each in recognised(payload, registry.READERS.values())]

    assert found == [NAME]


@pytest.mark.parametrize(
    ("there", "instead", "said"),
    [
        ("<th>Status</th>", "<th>State</th>", "expected columns Number, Name, Status"),
        ("Authorised", "Approved", "expected a status in EMA's words, found 0041 | Testol"),
        ("13 December", "13 Brumaire", "expected a date"),
        ("<td>0041</td>", "", "expected a row that begins with a number"),
        ("table", "div", "found no table"),
    ],
)
def test_the_example_of_a_reader_refuses_rather_than_guesses(house, there, instead, said):
    page = house.read_text(encoding="utf-8").replace(there, instead)

    with pytest.raises(ReadError, match=re.escape(said)):
        registry.reader(NAME).read(Payload(body=page.encode(), media_type="text/html"))


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
