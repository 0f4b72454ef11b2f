"""Archives of bulk files that never were, imported in any order, and what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from kit.bulk import bulk
from kit.clocks import StandingClock
from kit.plain_source import ScriptedFetcher, a_toolbox
from watcher.bootstrap import scratch_store
from watcher.core.amend import counting
from watcher.core.events import Recorded
from watcher.ports.store import EventFilter
from watcher.readers.registry import reader
from watcher.services.amending import Amended
from watcher.services.archive import pages
from watcher.services.check import Outcome, Tools, check
from watcher.services.exchange import Imported, import_pages
from watcher.services.source import Source

TABLE = "https://ema.example/en/documents/report/medicines.json"
ENTRY = "ema-table"
Row = Mapping[str, str]


def a_table(**changed: object) -> Source:
    """Return the source of the table of all medicines."""
    known: dict[str, object] = {
        "id": ENTRY,
        "title": "EMA, the table",
        "reader": reader("ema_medicines"),
        "urls": (TABLE,),
    }
    return Source(**{**known, **changed})


def written(folder: Path, files: Mapping[str, Sequence[Row]]) -> list[Path]:
    """Write a bulk file for each name, and return their paths in the order of the names."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, rows in sorted(files.items()):
        paths.append(folder / name)
        paths[-1].write_text(bulk(*rows, at=f"{name[:10]}T06:00:00Z"), encoding="utf-8")
    return paths


@dataclass(slots=True)
class Archivist:
    """A store to import into and look live with, and what stands in it."""

    folder: Path
    tools: Tools
    fetcher: ScriptedFetcher
    clock: StandingClock
    source: Source = field(default_factory=a_table)
    rooms: int = 0

    def imports(self, *paths: Path, url: str = TABLE) -> list[Imported | Amended]:
        """Import archives in one go; return what each file and the whole came to."""
        self.rooms += 1
        room = self.folder / f"room{self.rooms}"
        found = pages(paths, url, room, apart=False)
        steps = import_pages(self.source, found, self.tools, scratch_store)
        return [step for step in steps if isinstance(step, Imported | Amended)]

    def looks(self, *rows: Row, etag: str = "") -> Outcome:
        """Look live, half a day later, at a table of these rows."""
        told = {"etag": etag} if etag else {}
        body = bulk(*rows, at=f"{self.clock.now()}").encode()
        self.fetcher.says(body, url=TABLE, **told)
        return self.looks_again()

    def looks_unmodified(self) -> Outcome:
        """Look live, half a day later, and hear that nothing was modified."""
        self.fetcher.says(b"", status=304, url=TABLE)
        return self.looks_again()

    def looks_again(self) -> Outcome:
        """Look live, half a day later, at whatever is to be answered next."""
        self.clock.forward(12 * 3600)
        return check(self.source, TABLE, self.tools)

    def digest(self) -> str:
        """Return the equality digest."""
        with self.tools.store.reading() as work:
            return work.streams.digest()

    def states(self) -> Mapping[str, object]:
        """Return the state of every medicine, and how often in a row what is missing in it."""
        with self.tools.store.reading() as work:
            streams = work.streams.of_source(self.source.id)
            names = [name for name in streams if "source:" not in name]
            missing = work.streams.missing(names)
            return {name: (streams[name].state, missing.get(name, {})) for name in names}

    def log(self) -> list[Recorded]:
        """Return everything that stands in the log."""
        with self.tools.store.reading() as work:
            return list(work.log.read(EventFilter()))

    def counting(self) -> list[Recorded]:
        """Return the events about medicines that count, in the order of observation."""
        with self.tools.store.reading() as work:
            told = (each for each in work.log.read(EventFilter()) if _is_news(each))
            return counting(told, work.log.set_aside())

    def history(self) -> Counter[tuple[str, str, str, str]]:
        """Return those events as type, subject, effective date and instant of observation."""
        return Counter(
            (
                told.event.type,
                str(told.event.subject),
                told.event.effective,
                told.provenance.observed_at,
            )
            for told in self.counting()
        )

    def rebuilt(self) -> str:
        """Return the digest after the views were made anew from the log."""
        with self.tools.store.writing() as work:
            work.streams.rebuild()
            return work.streams.digest()


def _is_news(told: Recorded) -> bool:
    return told.event.subject.kind != "source"


@contextmanager
def archivist(folder: Path, **changed: object) -> Iterator[Archivist]:
    """Yield an archivist with an empty store in `folder`."""
    folder.mkdir(parents=True)
    fetcher, clock = ScriptedFetcher(), StandingClock()
    tools = a_toolbox(folder, fetcher, clock)
    try:
        yield Archivist(folder, tools, fetcher, clock, a_table(**changed))
    finally:
        tools.store.close()


def one_by_one(keeper: Archivist, paths: Iterable[Path]) -> None:
    """Import each file by itself."""
    for path in paths:
        keeper.imports(path)
