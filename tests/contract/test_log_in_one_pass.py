"""Passes over the whole log that decode little of it see what a full reading sees."""

from __future__ import annotations

import dataclasses

import pytest
import sqlalchemy as sa

from watcher.core.events import Cause, Change, Event, Provenance, apply
from watcher.core.facts import Subject
from watcher.errors import BrokenLogError, IntegrityError
from watcher.ports.store import Append, EventFilter
from watcher.store import codec
from watcher.store.store import SqlStore

SUBJECT = Subject("medicine", "EMEA/H/C/004258")
STREAM = f"ema/{SUBJECT}"
AT = "2026-11-30T00:00:00.000000Z"


def provenance(at: str = AT) -> Provenance:
    return Provenance(
        source="ema", tier=1, url="https://x.example", capture=at, snapshot="", reader="r@1",
        observed_at=at,
    )  # fmt: skip


def changed(path: str, before: object, after: object) -> Event:
    action = "added" if before is None else "removed" if after is None else "changed"
    change = Change(path=path, action=action, before=before, after=after)
    return Event(type="fact.changed", subject=SUBJECT, changes=(change,))


HISTORY = (
    changed("flag[a]", None, "x"),
    changed("flag[b]", None, {"k": ["v", None, True, 3]}),
    changed("flag[a]", "x", "y"),
    changed("flag[b]", {"k": ["v", None, True, 3]}, None),
    changed("flag[c]", None, 'words "subject":"other" in quotes'),
)


@pytest.fixture
def store(tmp_path):
    opened = SqlStore(tmp_path / "watcher.db", writable=True)
    yield opened
    opened.close()


def told(store: SqlStore, *, times: int = 1) -> None:
    version, state = 0, {}
    for number in range(times):
        for event in HISTORY:
            state = apply(state, event)
            with store.writing() as work:
                work.log.append(
                    Append(
                        stream=STREAM, subject=SUBJECT, expected_version=version, events=(event,),
                        evidence=((),), state=state,
                    ),
                    provenance(f"2026-11-30T00:{number:02d}:{version % 60:02d}.000000Z"),
                    Cause.OBSERVED,
                    AT,
                )  # fmt: skip
            version += 1


def test_folding_in_place_leads_to_the_state_that_the_events_lead_to(store):
    told(store)
    expected: dict[str, object] = {}
    with store.reading() as work:
        for each in work.log.read(EventFilter()):
            expected = apply(expected, each.event)
    with store.writing() as work:
        work.streams.rebuild()

        assert dict(work.streams.get(STREAM).state) == expected
        assert work.streams.get(STREAM).version == len(HISTORY)


def test_every_position_of_a_whole_log_is_checked(store):
    told(store, times=3)
    with store.reading() as work:
        assert list(work.log.verify()) == list(range(1, 3 * len(HISTORY) + 1))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("subject", "medicine:EMEA/H/C/000001"),
        ("source", "other"),
        ("observed_at", "2020-01-01T00:00:00.000000Z"),
        ("severity", 99),
        ("type", "product.delisted"),
        ("hash", "0" * 64),
        ("version", 77),
        ("payload", b"{}"),
    ],
)
def test_a_column_that_was_changed_is_named_by_its_row(store, tmp_path, column, value):
    told(store)
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'watcher.db'}")
    with engine.begin() as raw:
        for name in raw.execute(
            sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        ).scalars():
            raw.exec_driver_sql(f'DROP TRIGGER "{name}"')
        raw.execute(
            sa.text(f"UPDATE events SET {column} = :value WHERE position = 3"),  # noqa: S608
            {"value": value},
        )
    engine.dispose()

    with store.reading() as work, pytest.raises(BrokenLogError, match="3"):
        list(work.log.verify())


def test_a_float_is_refused_wherever_it_hides():
    for value in (1.5, ["a", {"k": 2.5}], {"k": [0.1]}):
        with pytest.raises(IntegrityError, match="float"):
            codec.encode(changed("flag[a]", None, value), provenance())


def test_a_null_that_was_stated_is_written_and_comes_back():
    event = Event(
        type="fact.changed",
        subject=SUBJECT,
        changes=(Change(path="flag[a]", action="changed", before="x", after=None),),
        details={"reason": "stated as empty"},
    )

    payload = codec.encode(event, provenance())

    assert b'"after":null' in payload
    assert codec.decode(payload, codec.SCHEMA) == (event, provenance())
    assert codec.encode(*codec.decode(payload, codec.SCHEMA)) == payload


def test_what_says_nothing_is_left_out_of_a_payload():
    payload = codec.encode(
        changed("flag[a]", None, "x"), dataclasses.replace(provenance(), reader="")
    )

    for name in (b"details", b"effective", b"evidence", b"reader", b"snapshot", b"before"):
        assert b'"' + name + b'"' not in payload
