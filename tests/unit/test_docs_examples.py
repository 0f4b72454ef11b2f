"""Every example in the documents can be used as it stands: read, parsed, compiled, made."""

from __future__ import annotations

import configparser
import json
import re
import textwrap
from pathlib import Path

import pytest
import yaml

from kit.schema_faults import faults
from watcher.config.schema import config_schema

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("*.md"))]
FENCE = re.compile(r"^( *)```(\w+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
SECTIONS = config_schema()["properties"]
OTHERS = {"http", "scrape_configs"}
"""What examples for other programs begin with: Traefik, Prometheus."""


def examples(language: str) -> list[str]:
    """Return all code blocks in a language, without the indent of the list they stand in."""
    return [
        textwrap.dedent(body)
        for page in PAGES
        for _, name, body in FENCE.findall(page.read_text("utf-8"))
        if name == language
    ]


def sections(example: str) -> dict[str, object]:
    """Return an example of `sources.yaml` by its sections; a bare list is one of channels."""
    told = yaml.safe_load(example)
    return {"channels": told} if isinstance(told, list) else told


OURS = [each for each in examples("yaml") if not set(sections(each)) <= OTHERS]


@pytest.mark.parametrize("example", OURS, ids=range(len(OURS)))
def test_every_example_of_sources_yaml_fits_its_schema(example):
    for name, value in sections(example).items():
        assert name in SECTIONS
        assert faults(SECTIONS[name], value, name) == []


def test_there_are_examples_for_most_sections():
    shown = {name for example in OURS for name in sections(example)}

    assert set(SECTIONS) - shown <= {"contact", "ping"}


@pytest.mark.parametrize("language", ["json", "python", "ini"])
def test_every_other_example_can_be_read(language):
    read = {
        "json": json.loads,
        "python": lambda text: compile(text, "example", "exec"),
        "ini": lambda text: configparser.ConfigParser(strict=False).read_string(text),
    }

    found = examples(language)
    assert found
    for example in found:
        read[language](example)


def test_every_make_target_that_a_document_names_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    line = re.compile(r"(?:^ *(?:\$ | {4})|`)make ([a-z -]+?)(?= +#|`|$| [A-Z])", re.MULTILINE)

    named = {
        target
        for page in PAGES
        for words in line.findall(page.read_text("utf-8"))
        for target in words.split()
    }
    assert {"one", "watch", "reference", "bench", "torture"} <= named
    assert named - targets == set()
