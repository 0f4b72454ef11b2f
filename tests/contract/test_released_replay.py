"""A log of each released version leads to one state, whichever way it is folded, and for ever.

The digests of these states are kept beside the logs: a later program that folds them otherwise is
noticed here, and has to say why.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from watcher.core.events import fold_events
from watcher.ports.store import EventFilter
from watcher.services.memos import remember
from watcher.services.past import Moment, bounds_of, standings
from watcher.store.store import SqlStore

RELEASED = Path(__file__).parent / "released"
DIGESTS = json.loads((RELEASED / "states.json").read_text(encoding="utf-8"))
VERSIONS = sorted(path.stem for path in RELEASED.glob("*.sql"))


@pytest.fixture(params=VERSIONS)
def version(request):
    return request.param


@pytest.fixture
def store(version, tmp_path):
    path = tmp_path / "watcher.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript((RELEASED / f"{version}.sql").read_text(encoding="utf-8"))
    store = SqlStore(path, writable=True)
    yield store
    store.close()


def states(store, *, use_memos):
    """Every source's word on every subject, folded from the log; with memos from the nearest."""
    with store.reading() as work:
        moment = Moment(axis="position", at=str(work.log.head()))
        found = standings(work, bounds_of(work, moment), use_memos=use_memos)
        return json.dumps({name: found[name].state for name in sorted(found)}, sort_keys=True)


def test_every_released_log_has_its_digest():
    assert sorted(DIGESTS) == VERSIONS


def test_the_state_is_the_one_it_was(store, version):
    with store.writing() as work:
        stored = work.streams.digest()
        work.streams.rebuild()
        rebuilt = work.streams.digest()

    assert (stored, rebuilt) == (DIGESTS[version], DIGESTS[version])


def test_from_the_beginning_from_the_view_and_from_a_memo_it_is_byte_for_byte_the_same(store):
    with store.reading() as work:
        names = {told.stream for told in work.log.read(EventFilter())}
        view = {name: work.streams.get(name).state for name in sorted(names)}
        plain = {
            name: fold_events(told.event for told in work.log.read(EventFilter(stream=name)))
            for name in sorted(names)
        }
        about_subjects = {name for name in names if "/source:" not in name}
    folded = states(store, use_memos=False)
    assert remember(store, every=1) == 1
    with_tail = states(store, use_memos=True)
    assert remember(store, at_head=True) > 1
    at_head = states(store, use_memos=True)

    kept = {name: view[name] for name in sorted(about_subjects)}
    assert json.dumps(kept, sort_keys=True) == folded == with_tail == at_head
    assert json.dumps(plain, sort_keys=True) == json.dumps(view, sort_keys=True)
