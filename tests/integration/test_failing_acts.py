"""Everything else that writes, with its n-th operation failing: done once, by the next attempt.

A correction, a redaction, a seal, a clearing and an import of late files; a backup; an
upgrade of the database. Below SQLite its own writes fail too, half done.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from kit import archives, sqlite_calls
from kit.archives import Archivist, written
from kit.backed_up import put_back_in, running_in
from kit.bulk import row, withdrawn
from kit.clocks import StandingClock
from kit.correcting import AUTHORISED, BY, WHY, WITHDRAWN, Bench, Box
from kit.failing import Faults, compiled_once, each_fault, failing
from kit.plain_source import URL, ScriptedFetcher, a_source, a_toolbox
from kit.promises import Truth, promises_hold
from watcher.core.retention import Retention
from watcher.errors import SnapshotError, WatcherError
from watcher.services.check import check
from watcher.services.keeping import clear
from watcher.services.redact import redact
from watcher.services.sealing import seal
from watcher.store.database import HEAD
from watcher.store.manifest import generations
from watcher.store.signing import FolderSigning
from watcher.store.store import SqlStore
from watcher.store.vault import vault

DAY = 86_400
RELEASED = Path(__file__).parents[1] / "contract" / "released"
BEFORE = [row(number) for number in range(1, 4)]
AFTER = [withdrawn(1), *BEFORE[1:]]
Boxes = dict[str, Box]


@pytest.fixture(autouse=True)
def _compiled_once():
    with compiled_once():
        yield


@contextmanager
def opened(folder: Path, boxes: Boxes, days: float) -> Iterator[Bench]:
    """Yield a bench on what is kept in `folder`, at a time when all before it is past."""
    bench = Bench(folder)
    bench.boxes = boxes
    bench.clock.forward(days * DAY)
    try:
        yield bench
    finally:
        bench.store.close()


def known(folder: Path, boxes: Boxes) -> None:
    """Know a medicine, authorised, and see a page that is none."""
    folder.mkdir()
    with opened(folder, boxes, 0) as bench:
        FolderSigning(folder, {}).prepare()
        bench.look(AUTHORISED)
        bench.clock.forward(3600)
        bench.fetcher.says(b"<html><title>502 Bad Gateway</title></html>")
        check(a_source(), URL, bench.tools)
        bench.look(AUTHORISED)


def withdrawal(folder: Path, boxes: Boxes) -> None:
    known(folder, boxes)
    with opened(folder, boxes, 1) as bench:
        bench.look(WITHDRAWN)


def correct(folder: Path, boxes: Boxes, days: float) -> None:
    with opened(folder, boxes, days) as bench:
        bench.correct(bench.last("authorisation.withdrawn"))


def drop(folder: Path, boxes: Boxes, days: float) -> None:
    with opened(folder, boxes, days) as bench:
        digest = bench.last("fact.recorded").provenance.snapshot
        redact(bench.store, bench.tools.snapshots, digest, WHY, BY, bench.clock)


def sealing(folder: Path, boxes: Boxes, days: float) -> None:
    with opened(folder, boxes, days) as bench:
        seal(bench.store, FolderSigning(folder, {}), bench.clock)


def clearing(folder: Path, boxes: Boxes, days: float) -> None:
    with opened(folder, boxes, days) as bench:
        rules = Retention(unbelieved=90 * DAY, unchanged=90 * DAY)
        clear(bench.store, bench.tools.snapshots, rules, bench.clock)


def imported(folder: Path, names: tuple[str, ...]) -> None:
    folder.mkdir(exist_ok=True)
    files = written(folder / "files", dict.fromkeys(names, AFTER) | {"2024-01-01_m.json": BEFORE})
    fetcher, clock = ScriptedFetcher(), StandingClock()
    tools = a_toolbox(folder, fetcher, clock)
    try:
        wanted = [path for path in files if path.name in names]
        Archivist(folder, tools, fetcher, clock).imports(*wanted)
    finally:
        tools.store.close()
        shutil.rmtree(folder / "room1", ignore_errors=True)


@dataclass(frozen=True)
class Act:
    """Something that writes.

    Attributes:
        begin: Makes what there is before it.
        do: Does it; done again, it is done once all the same.
        unfinished: What an audit may say after it failed: what to do about it.
        repeated: The type of event that the next attempt may append once more.
    """

    begin: Callable[[Path, Boxes], None]
    do: Callable[[Path, Boxes, float], None]
    unfinished: str = ""
    repeated: str = ""


ACTS = {
    "a redaction": Act(withdrawal, drop, r"redact .* again"),
    "a seal": Act(withdrawal, sealing),
    "a clearing": Act(known, clearing, repeated="snapshot.expired"),
}
COSTLY = {
    "a correction": Act(withdrawal, correct),
    "late files": Act(
        lambda folder, _boxes: imported(folder, ("2024-01-01_m.json", "2024-07-01_m.json")),
        lambda folder, _boxes, _days: imported(folder, ("2024-03-01_m.json",)),
    ),
}
"""What is tried with one failure alone: what follows a first one is the same as for the others."""


@contextmanager
def kept_in(folder: Path) -> Iterator[SqlStore]:
    """Yield what is kept in `folder`, opened anew."""
    store = SqlStore(folder / "watcher.db", writable=True)
    try:
        yield store
    finally:
        store.close()


def promised(folder: Path, taken: Boxes, faults: Faults, unfinished: str) -> None:
    """Check the promises on what is kept, or that an audit tells how to finish what was begun."""
    envelopes = [each for box in taken.values() for each in box.taken]
    truth = Truth(acked=faults.acked, taken=envelopes)
    with kept_in(folder) as store:
        broken = ""
        try:
            promises_hold(store, folder / "snapshots", folder, truth)
        except SnapshotError as error:
            broken = str(error)
        assert re.search(unfinished, broken) if broken and unfinished else not broken, faults


def happened(folder: Path, repeated: str) -> Counter[tuple[object, ...]]:
    """Return what happened and what became of messages; of types that may be repeated, one."""
    with kept_in(folder) as store, store.reading() as work:
        aside = work.log.set_aside()
        found: Counter[tuple[object, ...]] = Counter(
            (each.event.type, str(each.event.changes), each.cause, each.position in aside)
            for each in work.log.checked()
        )
        found.update({key: 1 - count for key, count in found.items() if key[0] == repeated})
        sent = Counter((each.envelope.subject, each.state) for each in work.outbox.latest(1000))
        return found + sent


def attempted(act: Act, folder: Path, taken: Boxes, faults: Faults) -> None:
    """Try it while something fails; whatever comes of that is told as an error of ours."""
    with suppress(WatcherError, OSError), failing(faults):
        act.do(folder, taken, 100)
    shutil.rmtree(folder / "room1", ignore_errors=True)


@pytest.fixture
def scratched(tmp_path, monkeypatch):
    """Scratch stores are copies of one made once: making one takes longer than reading it."""
    SqlStore(tmp_path / "empty.db", writable=True).close()

    @contextmanager
    def copied():
        with TemporaryDirectory(prefix="watcher-scratch-") as name:
            shutil.copy(tmp_path / "empty.db", Path(name, "watcher.db"))
            store = SqlStore(Path(name, "watcher.db"), writable=True)
            try:
                yield store
            finally:
                store.close()

    monkeypatch.setattr(archives, "scratch_store", copied)


@pytest.mark.usefixtures("scratched")
@pytest.mark.parametrize(
    ("name", "for_ever"),
    [*product(ACTS, (False, True)), ("a correction", False), ("late files", False)],
    ids=lambda value: value if isinstance(value, str) else "for ever" if value else "once",
)
def test_what_failed_anywhere_is_done_once_by_the_next_attempt(tmp_path, name, for_ever):
    act = {**ACTS, **COSTLY}[name]
    told = {name: Box(name) for name in ("pv", "chat", "library")}
    act.begin(tmp_path / "before", told)
    wanted: Counter[tuple[object, ...]] = Counter()
    for faults in each_fault(for_ever=for_ever):
        folder, taken = tmp_path / str(faults.at), deepcopy(told)
        faults.home = folder
        shutil.copytree(tmp_path / "before", folder)
        attempted(act, folder, taken, faults)
        promised(folder, taken, faults, act.unfinished)
        act.do(folder, taken, 101)
        promised(folder, taken, faults, "")
        found = happened(folder, act.repeated)
        wanted = wanted or found
        assert found == wanted, faults
        shutil.rmtree(folder)

    assert faults.at > 5


@pytest.mark.skipif(not sqlite_calls.can_be_watched(), reason="this SQLite's calls are its own")
@pytest.mark.parametrize("for_ever", [False, True], ids=["once", "for ever"])
def test_a_write_that_fails_below_sqlite_leaves_the_log_whole(tmp_path, for_ever):
    told = {name: Box(name) for name in ("pv", "chat", "library")}
    known(tmp_path / "before", told)
    states = set()
    for faults in each_fault(for_ever=for_ever, is_below=True):
        folder, taken = tmp_path / str(faults.at), deepcopy(told)
        shutil.copytree(tmp_path / "before", folder)
        faults.home = folder
        with suppress(WatcherError, OSError), failing(faults):
            store = SqlStore(folder / "watcher.db", writable=True)
            try:
                with store.writing() as work:
                    work.move_checkpoint("somebody", 1)
            finally:
                store.close()
        promised(folder, taken, faults, "")
        with kept_in(folder) as store, store.reading() as work:
            states.add(work.checkpoint("somebody"))
        shutil.rmtree(folder)

    assert states == {0, 1}
    assert faults.at > 10


def upgrade(path: Path) -> None:
    SqlStore(path, writable=True).close()


def dumped(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as database:
        return [*database.iterdump()]


@pytest.mark.parametrize("for_ever", [False, True], ids=["once", "for ever"])
def test_an_upgrade_that_fails_anywhere_is_made_by_the_next_start(tmp_path, for_ever):
    old = tmp_path / "old.db"
    with closing(sqlite3.connect(old)) as database:
        database.executescript((RELEASED / "0001.sql").read_text(encoding="utf-8"))
    shutil.copy(old, tmp_path / "new.db")
    upgrade(tmp_path / "new.db")
    before, after = dumped(old), dumped(tmp_path / "new.db")
    for faults in each_fault(for_ever=for_ever):
        path = tmp_path / str(faults.at) / "watcher.db"
        path.parent.mkdir()
        shutil.copy(old, path)
        with suppress(WatcherError, OSError), failing(faults):
            upgrade(path)
        assert dumped(path) in (before, after), faults
        kept = path.with_name(f"watcher.db.before-{HEAD}")
        assert not kept.exists() or dumped(kept) == before, faults
        upgrade(path)
        assert dumped(path) == after, faults

    assert faults.at > 10


def test_a_backup_that_fails_anywhere_is_no_backup_and_the_next_one_is_whole(tmp_path):
    with running_in(tmp_path / "running") as running:
        for faults in each_fault(for_ever=True):
            safe = vault(str(tmp_path / f"safe {faults.at}"))
            made = []
            with suppress(WatcherError, OSError), failing(faults):
                made.append(running.back_up(safe))
            if len(generations(safe)) > len(made):  # only that it is safe from a power cut failed
                restored(tmp_path / f"whole {faults.at}", safe, generations(safe)[0])
            made.append(running.back_up(safe))
            assert made[-1] in generations(safe), faults
        restored(tmp_path / "restored", safe, made[-1])

    assert faults.at > 10


def restored(folder, safe, made):
    with put_back_in(folder, safe, made) as found, found.store.reading() as work:
        assert work.log.head() == 2


def test_what_a_killed_backup_left_beside_the_database_goes_after_a_day(tmp_path):
    with running_in(tmp_path / "running") as running:
        left = [running.origin.database.with_name(f".backup-{name}") for name in ("old", "new")]
        for hours, folder in zip((25, 1), left, strict=True):
            folder.mkdir()
            (folder / "watcher.db").write_bytes(b"half")
            at = running.clock.now().timestamp() - hours * 3600
            os.utime(folder, (at, at))
        running.back_up(vault(str(tmp_path / "safe")))

        assert [folder.exists() for folder in left] == [False, True]
