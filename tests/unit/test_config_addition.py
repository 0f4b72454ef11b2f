"""One more source in a file: the entry comes in, and every other byte stays."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from kit.configs import ENVIRONMENT, FULL, READERS, SMALLEST
from watcher.config.addition import add_source, with_item
from watcher.config.load import checked, load
from watcher.config.model import Config
from watcher.config.writing import as_item
from watcher.core.schedule import Every
from watcher.errors import ConfigError

SHIPPED = Path(__file__).resolve().parents[2] / "sources.yaml"
ENTRY = {"id": "new", "reader": "generic", "url": "https://agency.eu/a", "every": "1d", "tier": 3}
ITEM = as_item({**ENTRY, "options": {}}, head=("Proposed.",), notes={"tier": "an aggregator"})


def added(text: str | bytes, folder: Path, item: str = ITEM) -> tuple[bytes, bytes, Config]:
    """Add `item` to the file that `text` is; return the bytes around it and what is loaded."""
    path = folder / "sources.yaml"
    before = text.encode() if isinstance(text, str) else text
    path.write_bytes(before)
    config = add_source(path, item, lambda body: checked(body, path, ENVIRONMENT, READERS))
    after = path.read_bytes()
    assert load(path, ENVIRONMENT, READERS) == config
    at = next(at for at in range(len(after)) if after[at:] and after[: at + 1] != before[: at + 1])
    end = len(before) - at
    return after[:at], after[len(after) - end :] if end else b"", config


def test_an_entry_is_written_as_a_person_would_write_it():
    assert ITEM == (
        "# Proposed.\n"
        "- id: new\n"
        "  reader: generic\n"
        "  url: https://agency.eu/a\n"
        "  every: 1d\n"
        "  tier: 3  # an aggregator\n"
        "  options: {}\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        SMALLEST,
        FULL,
        SMALLEST.strip(),
        SMALLEST.replace("\n", "\r\n"),
        "\ufeff" + SMALLEST.lstrip(),
        SMALLEST.replace("\n    ", "\n  ").replace("\n  - id", "\n- id"),
        SMALLEST + "  # behind the last source\n\n\n# and behind that\nrules: []\n",
        SMALLEST + "watch_lists: []\n",
        SMALLEST + "    title: >-\n      a title\n      of two lines\n\nrules: []\n",
        SMALLEST.replace("tier: 1", "tier: 1   # it is an authority"),
        SMALLEST.replace("tier: 1", "tier: 1\n    expect: {records: [1,\n      1]}"),
        SMALLEST + "  - {id: one-line, reader: generic, options: {}, url: 'https://a.eu/', "
        "every: 1d, tier: 1}\n",
    ],
)
def test_the_entry_comes_in_behind_the_last_source_and_every_other_byte_stays(text, tmp_path):
    before, after, config = added(text, tmp_path)

    assert before + after == text.encode()
    assert config.sources[-1].id == "new"
    assert config.sources[-1].schedule == Every(86_400)


def test_the_shipped_file_takes_one_more_source(tmp_path):
    before, after, config = added(SHIPPED.read_bytes(), tmp_path)

    assert before.rstrip().endswith(b"expect: {records: [1, 1]}")
    assert after.lstrip().startswith(b"# The medicines you are responsible for.")
    assert [source.id for source in config.sources][-2:] == ["medpath-alofisel", "new"]


def test_the_line_ends_of_the_file_are_kept(tmp_path):
    added(SMALLEST.replace("\n", "\r\n"), tmp_path)

    written = (tmp_path / "sources.yaml").read_bytes()
    assert written.count(b"\n") == written.count(b"\r\n")


def refusal(text: str, folder: Path, item: str = ITEM) -> list[str]:
    """Return the problems; the file is as it was, and nothing lies beside it."""
    with pytest.raises(ConfigError) as caught:
        added(text, folder, item)
    assert (folder / "sources.yaml").read_text(encoding="utf-8") == text
    assert [path.name for path in folder.iterdir()] == ["sources.yaml"]
    return [f"{told.line}: {told.key}: {told.message}" for told in caught.value.problems]


def test_an_entry_that_would_not_load_is_refused_with_its_line(tmp_path):
    twice = ITEM.replace("id: new", "id: ema")

    assert refusal(SMALLEST, tmp_path, twice) == [
        "11: sources[ema].id: the id 'ema' is taken on line 4"
    ]


def test_a_file_that_cannot_be_used_takes_no_entry(tmp_path):
    assert refusal(SMALLEST.replace("tier: 1", "tear: 1"), tmp_path) == [
        "4: sources[ema].tier: is missing: 1 an authority, 2 a holder, 3 an aggregator, "
        "4 an encyclopaedia.",
        "8: sources[ema].tear: a source has no such key; did you mean 'tier'?",
    ]


def test_sources_in_brackets_are_left_to_a_person(tmp_path):
    text = SMALLEST.partition("sources:")[0] + (
        "sources: [{id: a, reader: ema_medicines, url: 'https://a.eu', every: 1d, tier: 1}]\n"
    )

    (told,) = refusal(text, tmp_path)

    assert told.startswith("3: sources: stands in brackets")


def test_an_entry_that_is_more_than_an_entry_is_refused(tmp_path):
    assert refusal(SMALLEST, tmp_path, f"{ITEM}- id: x\n{ITEM[ITEM.index('  reader') :]}") == [
        "1: sources: the entry would change what else stands in the file"
    ]


def test_the_file_keeps_its_permissions_and_stays_where_its_link_leads(tmp_path):
    real = tmp_path / "real"
    real.mkdir()
    path = real / "sources.yaml"
    path.write_text(SMALLEST, encoding="utf-8")
    path.chmod(0o640)
    link = tmp_path / "sources.yaml"
    link.symlink_to(path)

    add_source(link, ITEM, lambda body: checked(body, link, {}, READERS))

    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert load(link, {}, READERS).sources[-1].id == "new"


def test_with_item_touches_no_file(tmp_path):
    body = SMALLEST.encode()

    assert with_item(body, ITEM, tmp_path / "none.yaml").startswith(body)
    assert list(tmp_path.iterdir()) == []
