"""Sample events, one of each type: real ones, caught while tests have the program make them.

`make samples` runs the tests with this as a plugin, keeps of each type the fullest event that is
still short enough to be read, and `make reference` writes them into `docs/reference/payloads.md`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import watcher
from factories import a_provenance
from watcher.core.events import Event
from watcher.core.taxonomy import TYPES
from watcher.store import codec

KEPT = Path(__file__).with_name("event_samples.jsonl")
OURS = str(Path(watcher.__file__).parent)
MADE_UP = frozenset({"property", "fuzz", "hostile", "torture"})
"""Folders of tests whose events no source ever tells."""
LONGEST = 700
"""Characters of a payload that a person still reads; three times as many where none is shorter."""
HEAD = """# A sample of every event

Each is an event as the program makes it, one of its type, as it stands in the payload beside its
provenance: [events](../events.md). What is empty is left out. Written by `make reference`.
"""


def payload(event: Event) -> dict[str, Any]:
    """Return what a payload says of an event, as it is written."""
    told: dict[str, Any] = json.loads(codec.encode(event, a_provenance()))["event"]
    return told


def kept() -> dict[str, dict[str, Any]]:
    """Return the samples by type, in the order of the taxonomy."""
    lines = KEPT.read_text("utf-8").splitlines() if KEPT.exists() else []
    found = {sample["type"]: sample for sample in map(json.loads, lines)}
    return {name: found[name] for name in TYPES if name in found}


def page() -> str:
    """Return the page of samples, and the types that no source tells of yet."""
    samples = kept()
    parts = [HEAD]
    for name, sample in samples.items():
        shown = json.dumps(sample, indent=2, ensure_ascii=False)
        parts += [f"## `{name}`", "", TYPES[name].meaning, "", "```json", shown, "```", ""]
    missing = [name for name in TYPES if name not in samples]
    parts += [
        "## Not told yet",
        "",
        "These have their names and meanings, and no reader here tells",
    ]
    parts += ["of them yet:", "", ", ".join(f"`{name}`" for name in missing) + ".", ""]
    return "\n".join(parts)


def _shows_more(new: Mapping[str, Any], old: Mapping[str, Any] | None) -> bool:
    def fullness(told: Mapping[str, Any]) -> tuple[int, int, int]:
        return len(told), len(told.get("details", {})), -len(json.dumps(told))

    if old is None:
        return len(json.dumps(new)) <= 3 * LONGEST
    return len(json.dumps(new)) <= LONGEST and fullness(new) > fullness(old)


class Catcher:
    """Sees every event that the program itself makes while a test runs."""

    def __init__(self) -> None:
        self.samples = kept()
        self._is_open = False

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """Look while a test about real happenings runs."""
        self._is_open = item.path.parent.name not in MADE_UP
        try:
            return (yield)
        finally:
            self._is_open = False

    def pytest_sessionfinish(self) -> None:
        """Keep what was caught, also beside what other processes caught meanwhile."""
        for name, sample in kept().items():
            if _shows_more(sample, self.samples.get(name)):
                self.samples[name] = sample
        told = (self.samples[name] for name in TYPES if name in self.samples)
        lines = [json.dumps(sample, ensure_ascii=False) for sample in told]
        beside = KEPT.with_suffix(f".{os.getpid()}")
        beside.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        beside.replace(KEPT)

    def caught(self, event: Event, maker: str) -> None:
        """Keep an event where it shows more of its type than the one kept."""
        if self._is_open and maker.startswith(OURS) and event.type in TYPES:
            told = payload(event)
            if _shows_more(told, self.samples.get(event.type)):
                self.samples[event.type] = told


def pytest_configure(config: pytest.Config) -> None:
    """Watch over the making of events for as long as the tests run."""
    catcher = Catcher()
    config.pluginmanager.register(catcher)
    made = Event.__init__

    def made_and_caught(self: Event, **given: Any) -> None:
        made(self, **given)
        catcher.caught(self, sys._getframe(1).f_code.co_filename)

    type.__setattr__(Event, "__init__", made_and_caught)
    config.add_cleanup(lambda: type.__setattr__(Event, "__init__", made))
