"""A source as plain as can be, so that tests of the steps say what a source says and nothing else.

Its pages are JSON objects {"subjects": {"medicine:…": {path: value}}} behind a line that only such
pages have; its reader is honest and strict like the real ones.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kit.engines import place_at
from watcher.core.events import Cause
from watcher.core.facts import Fact, Reading, Record, State, Subject
from watcher.errors import FetchError, ReadError
from watcher.ports import Answer, Request
from watcher.readers.reader import Payload, Reader
from watcher.services.check import Tools
from watcher.services.source import Source
from watcher.store.snapshots import FolderSnapshots
from watcher.store.store import SqlStore

URL = "https://ema.example/en/medicines/human/EPAR/alofisel"
MARKER = "EMA product number"


def page(states: Mapping[str, State], *, note: str = "") -> bytes:
    """Return the page that says `states`; a note makes other bytes of the same facts."""
    return json.dumps({"marker": MARKER, "note": note, "subjects": states}).encode()


def a_reader(
    *,
    version: int = 1,
    lists_all: bool = False,
    extra: State | None = None,
    unknown: tuple[str, ...] = (),
) -> Reader:
    """Return the reader; a later version may see `extra` facts in the same bytes."""

    def read(payload: Payload) -> Reading:
        try:
            told = json.loads(payload.body)["subjects"]
        except (ValueError, KeyError) as error:
            raise ReadError(
                reader=f"plain@{version}", expected="subjects", found=str(error)
            ) from error
        return Reading(
            reader=f"plain@{version}",
            records=tuple(
                Record(
                    Subject.parse(name),
                    tuple(Fact(path, value, quote=str(value)) for path, value in state.items())
                    + tuple(Fact(path, value) for path, value in (extra or {}).items()),
                )
                for name, state in told.items()
            ),
            lists_all=lists_all,
            unknown=unknown,
        )

    return Reader(name="plain", version=version, about="plain pages", read=read, markers=(MARKER,))


def a_source(reader: Reader | None = None, **changed: object) -> Source:
    known: dict[str, object] = {
        "id": "ema",
        "title": "EMA",
        "reader": reader or a_reader(),
        "urls": (URL,),
    }
    return Source(**{**known, **changed})


@dataclass(slots=True)
class ScriptedFetcher:
    """Answers with what it was told to, and remembers what it was asked."""

    answers: list[Answer | FetchError] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def says(self, body: bytes, *, status: int = 200, url: str = URL, **headers: str) -> None:
        """Answer the next request so."""
        told = {"content-type": "application/json", **headers}
        self.answers.append(Answer(url=url, status=status, headers=told, body=body))

    def fetch(self, request: Request) -> Answer:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, FetchError):
            raise answer
        return answer


def a_toolbox(folder: Path, fetcher: ScriptedFetcher, clock: object, **changed: object) -> Tools:
    """Return real stores in `folder` with a scripted fetcher."""
    known: dict[str, object] = {
        "snapshots": FolderSnapshots(folder / "snapshots"),
        "fetcher": fetcher,
        "clock": clock,
        "recorder": clock,
        "due": lambda _target, now: now,
        "cause": Cause.OBSERVED,
    }
    if "store" not in changed:
        known["store"] = SqlStore(place_at(folder / "watcher.db"), writable=True)
    return Tools(**{**known, **changed})
