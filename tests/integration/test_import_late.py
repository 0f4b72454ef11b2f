"""What comes late takes its place: known dates move to the earliest file, and nothing is told."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from kit.archives import TABLE, archivist, written
from kit.bulk import row, withdrawn
from kit.fuse import Fuse, KilledError, KilledSnapshots, KilledStore
from watcher.core.amend import AMENDED
from watcher.core.capture import instant
from watcher.core.events import Cause
from watcher.errors import FetchError, OperationalError, SnapshotError
from watcher.ports.snapshots import Tombstone
from watcher.services.amending import Amended
from watcher.services.exchange import Imported

EARLY, MIDDLE, LATE = "2024-03-01_m.json", "2024-05-01_m.json", "2024-07-01_m.json"
BEFORE = [row(number) for number in range(1, 7)]
AFTER = [withdrawn(1), *BEFORE[1:]]


@pytest.fixture
def files(tmp_path):
    return written(tmp_path / "files", {EARLY: AFTER, MIDDLE: AFTER, LATE: AFTER})


@pytest.fixture
def first(tmp_path):
    (path,) = written(tmp_path / "first", {"2024-01-01_m.json": BEFORE})
    return path


@pytest.fixture
def keeper(tmp_path):
    with archivist(tmp_path / "store") as keeper:
        yield keeper


def withdrawal(keeper):
    (told,) = (each for each in keeper.counting() if each.event.type.endswith("withdrawn"))
    return told


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_withdrawal_is_observed_when_the_earliest_file_shows_it(keeper, first, files, order):
    keeper.imports(first)
    for number in order:
        keeper.imports(files[number])
        earliest = min(order[: order.index(number) + 1])

        found = withdrawal(keeper)
        assert found.provenance.observed_at == f"{files[earliest].name[:10]}T00:00:00.000000Z"
        assert found.event.effective == "2024-12-13"
        assert found.cause is Cause.IMPORTED


def test_what_was_found_later_stays_in_the_log_and_an_event_names_it(keeper, first, files):
    keeper.imports(first)
    keeper.imports(files[2])
    was = withdrawal(keeper)
    keeper.imports(files[0])

    (amended,) = (each for each in keeper.log() if each.event.type == AMENDED)
    places = {
        each.position for each in keeper.log() if each.provenance.capture == was.provenance.capture
    }
    assert was in keeper.log()
    assert amended.event.details["aside"] == f"{min(places)}-{max(places)}"
    assert "2024-03-01" in amended.event.details["reason"]
    assert amended.cause is Cause.IMPORTED


def test_the_same_file_twice_changes_nothing_and_says_so(keeper, first, files):
    keeper.imports(first, *files)
    log, digest = keeper.log(), keeper.digest()

    again = [step for each in (files[1], first) for step in keeper.imports(each)]

    assert [(step.name, step.capture) for step in again] == [(MIDDLE, None), (first.name, None)]
    assert (keeper.log(), keeper.digest()) == (log, digest)


def test_a_baseline_that_is_no_longer_the_oldest_makes_room(keeper, first):
    keeper.looks(*AFTER)
    (*_, amended) = keeper.imports(first)
    keeper.looks(withdrawn(1), withdrawn(2), *BEFORE[2:])

    kinds = [(each.event.type, each.provenance.observed_at[:4]) for each in keeper.counting()]
    assert kinds.count(("fact.recorded", "2024")) == 6
    assert kinds.count(("authorisation.withdrawn", "2026")) == 2
    assert not [kind for kind in kinds if kind == ("fact.recorded", "2026")]
    assert amended.aside == {"fact.recorded": 6}
    assert amended.appended["fact.recorded"] == 6
    live = [each for each in keeper.log() if each.cause is Cause.OBSERVED]
    assert {each.event.subject.id[-1] for each in live} == {"2"}
    assert keeper.digest() == keeper.rebuilt()


def test_a_medicine_known_by_its_address_alone_is_the_one_whose_number_comes_to_light(
    keeper, tmp_path
):
    damaged = row(1, ema_product_number="H/C/000001/N/0049")
    oldest, middle = written(
        tmp_path / "numbers",
        {"2020-01-01_m.json": BEFORE, "2021-01-01_m.json": [damaged, *BEFORE[1:]]},
    )
    keeper.imports(middle)
    assert any("slug:" in name for name in keeper.states())
    keeper.imports(oldest)

    assert not any("slug:" in name for name in keeper.states())
    with keeper.tools.store.reading() as work:
        assert "slug:" not in " ".join(work.streams.of_source(keeper.source.id))
    keeper.looks(damaged, *BEFORE[1:])
    (*_, six) = written(tmp_path / "again", {"2019-01-01_m.json": [damaged, *BEFORE[1:]]})
    keeper.imports(six)  # now the damaged number is the oldest: its stream begins anew
    assert any("slug:" in name for name in keeper.states())
    assert keeper.digest() == keeper.rebuilt()


def test_two_files_that_say_they_are_of_one_instant_are_refused(keeper, tmp_path):
    (one,) = written(tmp_path / "one", {EARLY: BEFORE})
    (other,) = written(tmp_path / "other", {EARLY: AFTER})
    keeper.imports(one)
    log = keeper.log()

    with pytest.raises(OperationalError, match="put seconds or a number after the date"):
        keeper.imports(other)
    with pytest.raises(OperationalError, match="which of the two came first"):
        keeper.imports(one, other)
    assert keeper.log() == log


def test_a_payload_that_is_gone_is_named_and_nothing_is_written(keeper, first, files, tmp_path):
    keeper.imports(files[1])
    with keeper.tools.store.reading() as work:
        (capture,) = work.captures.latest()
    log = keeper.log()
    note = Tombstone(digest=capture.digest, kind="redacted", at=capture.at, why="a name in it")
    keeper.tools.snapshots.redact(capture.digest, note)

    with pytest.raises(OperationalError, match=rf"{capture.id}.*was redacted.*a name in it"):
        keeper.imports(first)
    for stored in (tmp_path / "store" / "snapshots").rglob("*.*"):
        stored.unlink()
    with pytest.raises(SnapshotError, match=r"missing.*from a backup"):
        keeper.imports(first)
    assert keeper.log() == log
    keeper.imports(files[2])  # what is newer needs none of the past


def test_looks_that_failed_keep_their_place(keeper, first):
    keeper.looks(*AFTER)
    for _ in range(3):
        keeper.fetcher.answers.append(FetchError("no answer", kind="timeout"))
        keeper.looks_again()
    keeper.fetcher.says(b"<html><title>Just a moment...</title>Checking</html>", url=TABLE)
    keeper.looks_again()
    with keeper.tools.store.reading() as work:
        before = work.captures.target(keeper.source.id, TABLE)
    keeper.imports(first)
    with keeper.tools.store.reading() as work:
        after = work.captures.target(keeper.source.id, TABLE)

    assert (after.failures, after.failing_since) == (before.failures, before.failing_since)
    # beside the older file the first look of ours had seen a change
    assert (before.changed_at, after.changed_at) == ("", before.last_good_at)
    assert after == replace(before, next_due=after.next_due, changed_at=after.changed_at)
    assert keeper.looks(*AFTER).events[-1].event.type == "source.recovered"


def test_a_not_modified_says_what_it_said_then(keeper, tmp_path):
    keeper.looks(*BEFORE, etag='"1"')
    keeper.clock.forward(10 * 3600)
    between = keeper.clock.now()
    keeper.looks_unmodified()
    name = f"{between:%Y-%m-%d_%H%M%S}_m.json"
    keeper.imports(*written(tmp_path / "between", {name: AFTER}))
    keeper.imports(*written(tmp_path / "older", {"2020-01-01_m.json": BEFORE}))

    told = [(each.event.type, each.provenance.observed_at) for each in keeper.counting()]
    ended = [at for kind, at in told if kind == "authorisation.withdrawn"]
    back = [at for kind, at in told if kind == "authorisation.reinstated"]
    assert ended == [instant(between)]
    assert len(back) == 1
    assert back > ended


def test_a_stream_of_which_nothing_counts_any_more_begins_anew(keeper, tmp_path):
    many = [row(number) for number in range(1, 21)]
    small, whole = written(
        tmp_path / "sizes", {"2021-01-01_m.json": [*BEFORE, row(99)], "2020-01-01_m.json": many}
    )[::-1]
    keeper.imports(small)
    keeper.imports(whole)  # beside it the other one is a table cut short, and not believed
    assert not any("000099" in name for name in keeper.states())

    (told,) = keeper.looks(*many, row(99)).events

    assert (told.event.type, told.version) == ("product.listed", 2)
    assert keeper.digest() == keeper.rebuilt()


@pytest.mark.parametrize("is_late", [True, False])
def test_killed_at_any_step_an_import_is_finished_by_the_next(tmp_path, first, files, is_late):
    order = (files[1], first, files[0]) if is_late else (first, files[1], files[2])
    with archivist(tmp_path / "undisturbed") as keeper:
        keeper.imports(order[0])
        keeper.imports(*order[1:])
        wanted = keeper.digest(), keeper.history()
    for step in itertools.count(1):
        with archivist(tmp_path / str(step)) as keeper:
            keeper.imports(order[0])
            before, fuse, tools = keeper.log(), Fuse(at=step), keeper.tools
            keeper.tools = replace(
                tools,
                store=KilledStore(tools.store, fuse),
                snapshots=KilledSnapshots(tools.snapshots, fuse),
            )
            killed = False
            try:
                keeper.imports(*order[1:])
            except KilledError:
                killed = True
            keeper.tools = tools
            if killed and is_late and not fuse.commits:
                assert keeper.log() == before
            done = keeper.imports(*order[1:])
            assert (keeper.digest(), keeper.history()) == wanted
            assert keeper.digest() == keeper.rebuilt()
            assert all(isinstance(each, Imported | Amended) for each in done)
        if not killed:
            break
    assert step > 3
