"""The JSON Schema accepts what is accepted, and knows every key the documentation describes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from kit.configs import FULL, SMALLEST
from kit.schema_faults import faults
from watcher.config.schema import config_schema
from watcher.errors import ConfigError
from watcher.readers.generic_options import GenericOptions

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs" / "configuration.md"


@pytest.mark.parametrize(
    "text",
    [SMALLEST, FULL, (ROOT / "sources.yaml").read_text(encoding="utf-8")],
    ids=["smallest", "full", "shipped"],
)
def test_the_schema_accepts_what_is_accepted(text):
    assert faults(config_schema(), yaml.safe_load(text)) == []


@pytest.mark.parametrize(
    ("there", "instead", "fault"),
    [
        ("every: 12h", "evry: 12h", ".sources[] allOf"),
        ("every: 12h", "every: soon", ".sources[].every pattern"),
        ("tier: 1", "tier: 5", ".sources[].tier maximum"),
        ("id: ema", "id: E M A", ".sources[].id pattern"),
        ("contact:", "contract:", " required"),
        ("https:", "ftp:", ".sources[].url pattern"),
        ("every: 12h", "every: 12h\n    cron: '* * * * *'", ".sources[] allOf"),
        ("tier: 1", "tier: 1\n    absent_after: ever", ".sources[].absent_after anyOf"),
        ("tier: 1", "tier: 1\n    options: {facts: [{path: a.b}]}", "facts[] allOf"),
        ("tier: 1", "tier: 1\n    options: {fact: []}", ".sources[].options.fact"),
    ],
)
def test_the_schema_refuses_what_is_refused(there, instead, fault):
    wrong = yaml.safe_load(SMALLEST.replace(there, instead))

    assert any(found.endswith(fault) for found in faults(config_schema(), wrong))


@pytest.mark.parametrize(
    ("spoilt", "section"),
    [
        ({"?": 0}, ""),
        ({"facts": [{"?": 0, "path": "a.b", "label": "A"}]}, ".facts"),
        ({"lists": [{"?": 0, "path": "a", "key": "k", "below": "A"}]}, ".lists"),
        (
            {"lists": [{"path": "a", "key": "k", "css": "p", "fields": {"k": {"?": 0}}}]},
            ".lists.fields",
        ),
    ],
)
def test_the_schema_knows_the_very_options_the_reader_knows(spoilt, section):
    with pytest.raises(ConfigError) as caught:
        GenericOptions.decode(spoilt)
    [problem] = caught.value.problems

    at = re.compile(rf"sources\.options{section}\.([a-z]+)")
    told = {match[1] for path, _ in keys(config_schema()) if (match := at.fullmatch(path))}

    assert told == set(problem.message.removeprefix("unknown; known are ").split(", "))


def test_the_schema_says_what_it_is_and_every_key_says_what_it_means():
    schema = config_schema()

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert all(described["description"] for _path, described in keys(schema))


def keys(schema: dict, section: str = "") -> list[tuple[str, dict]]:
    """Return every key below `schema` as `section.key`, with what is said of it."""
    found: list[tuple[str, dict]] = []
    for name, described in schema.get("properties", {}).items():
        path = f"{section}.{name}" if section else name
        inner = described.get("items") or described.get("additionalProperties") or described
        found += [(path, described)]
        found += keys(inner if isinstance(inner, dict) else described, path)
    return found


def documented() -> dict[str, str]:
    """Return each table row of the documentation that begins with a key, by section and key."""
    rows: dict[str, str] = {}
    section = ""
    for line in DOCS.read_text(encoding="utf-8").splitlines():
        if heading := re.match(r"#+ `([a-z_.]+)`", line):
            section = heading[1]
        elif row := re.match(r"\| `([a-z_]+)` \|", line):
            rows[f"{section}.{row[1]}" if section != "(file)" and section else row[1]] = line
        elif line.startswith("#"):
            section = ""
    return rows


def test_every_key_is_documented_and_every_documented_key_exists():
    assert set(documented()) == {path for path, _described in keys(config_schema())}


def test_the_documented_defaults_are_the_defaults():
    rows = documented()

    for path, described in keys(config_schema()):
        if "default" in described:
            default = described["default"]
            shown = str(default).lower() if isinstance(default, bool) else str(default)
            assert f"| `{shown}` |" in rows[path], path
