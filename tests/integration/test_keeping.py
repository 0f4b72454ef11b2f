"""Clearing the store: what goes, what stays, and that the log tells of it."""

from __future__ import annotations

import os

import pytest

from factories import ALOFISEL, a_state
from kit.clocks import StandingClock
from kit.payloads import a_long_page, a_tombstone
from kit.plain_source import URL, ScriptedFetcher, a_source, a_toolbox, page
from watcher.core.events import Event
from watcher.core.facts import Subject
from watcher.core.retention import Retention
from watcher.errors import SnapshotError, SnapshotGoneError
from watcher.ports.store import EventFilter
from watcher.services.audit import Against, excused, verify
from watcher.services.check import check
from watcher.services.decisions import record
from watcher.services.keeping import clear, clearance, stats
from watcher.store.signing import FolderSigning

DAY = 86_400
NAME = str(ALOFISEL)
LONG = a_long_page(size=20_000).decode()
STRICT = Retention(unbelieved=90 * DAY, unchanged=90 * DAY)


def good(note, **changed):
    return page({NAME: a_state(**changed)}, note=LONG + note)


class Kept:
    """A store that has seen a story, and the clock that goes on."""

    def __init__(self, folder):
        self.folder = folder / "snapshots"
        self.clock, self.fetcher = StandingClock(), ScriptedFetcher()
        self.tools = a_toolbox(folder, self.fetcher, self.clock)
        self.store, self.snapshots = self.tools.store, self.tools.snapshots

    def looks(self, *bodies):
        """Look once a day; return the payloads' digests."""
        digests = []
        for body in bodies:
            self.clock.forward(DAY)
            self.fetcher.says(body)
            digests.append(check(a_source(), URL, self.tools).capture.digest)
        return digests

    def clear(self, rules=STRICT):
        return clear(self.store, self.snapshots, rules, self.clock)

    def events(self):
        with self.store.reading() as work:
            return [*work.log.read(EventFilter(types=("snapshot.expired",)))]

    def there(self):
        return {each.digest for each in self.snapshots.kept()}


@pytest.fixture
def kept(tmp_path):
    kept = Kept(tmp_path)
    yield kept
    kept.store.close()


def test_a_payload_that_was_not_believed_goes_after_ninety_days_and_the_log_says_so(kept):
    first, blocked, last = kept.looks(good("1"), b"<html>502 Bad Gateway</html>", good("2"))
    assert kept.clear().expired == ()

    kept.clock.forward(91 * DAY)
    done = kept.clear()
    assert [each.digest for each in done.expired] == [blocked]
    assert kept.there() >= {first, last}
    assert blocked not in kept.there()
    (told,) = kept.events()
    assert (told.position, told.event.details["count"]) == (done.position, "1")
    assert blocked in kept.snapshots.get(told.provenance.snapshot).decode()
    with pytest.raises(SnapshotGoneError, match=r"its time was over .*: was not believed"):
        kept.snapshots.get(blocked)
    with kept.store.reading() as work:
        assert work.captures.known_digest(blocked), "the ledger keeps what was seen"


def test_clearing_twice_clears_once(kept):
    kept.looks(good("1"), b"<html>502 Bad Gateway</html>", good("2"))
    kept.clock.forward(91 * DAY)
    kept.clear()

    assert kept.clear().expired == ()
    assert len(kept.events()) == 1


def test_a_trial_run_takes_nothing(kept):
    kept.looks(good("1"), b"<html>502 Bad Gateway</html>", good("2"))
    kept.clock.forward(91 * DAY)
    before = kept.there()

    found = clearance(kept.store, kept.snapshots, STRICT, kept.clock)
    assert (len(found.expired), found.freed > 0) == (1, True)
    assert kept.there() == before
    assert kept.events() == []


def test_no_rule_takes_what_an_event_rests_on_or_is_a_change_from(kept):
    withdrawn = {"authorisation[EU].status": "withdrawn"}
    digests = kept.looks(
        good("1"), good("2"), good("3"), good("4", **withdrawn), good("5", **withdrawn)
    )
    digests += kept.looks(good("6", **withdrawn), good("7", **withdrawn))
    kept.clock.forward(1000 * DAY)
    kept.clear(Retention(unbelieved=DAY, unchanged=DAY))

    # the baseline, the one before the withdrawal, the withdrawal, the last two; and their bases
    must_stay = {digests[number] for number in (0, 2, 3, 5, 6)}
    assert kept.there() >= must_stay
    for digest in kept.there():
        kept.snapshots.get(digest)


def test_a_base_stays_as_long_as_something_rests_on_it(kept):
    digests = kept.looks(*(good(str(number)) for number in range(6)))
    kept.clock.forward(1000 * DAY)
    done = kept.clear()

    depths = {each.digest: each.depth for each in kept.snapshots.kept()}
    assert depths[digests[-1]] == 5
    assert (done.expired, done.bases) == ((), 3)
    assert kept.there() == set(digests)


def test_what_nothing_names_goes_after_a_day_without_a_tombstone(kept):
    kept.looks(good("1"))
    young, old = kept.snapshots.put(b"young"), kept.snapshots.put(b"old")
    yesterday = kept.clock.now().timestamp() - 2 * DAY
    for digest, moment in ((young, kept.clock.now().timestamp()), (old, yesterday)):
        (file,) = (kept.folder / "sha256" / digest[7:9]).glob(f"{digest[9:]}*")
        os.utime(file, (moment, moment))
    left = kept.folder / "sha256" / ".writing-left"
    left.write_bytes(b"half")
    os.utime(left, (yesterday, yesterday))

    done = kept.clear()
    assert [each.digest for each in done.orphans] == [old]
    assert (done.leftovers, left.exists()) == (1, False)
    assert young in kept.there()
    assert [*kept.snapshots.tombstones()] == []
    assert kept.events() == []


def test_a_list_of_what_went_is_itself_never_taken(kept):
    kept.looks(good("1"), b"<html>502 Bad Gateway</html>", good("2"))
    kept.clock.forward(91 * DAY)
    kept.clear()
    kept.clock.forward(1000 * DAY)
    done = kept.clear(Retention(unbelieved=DAY, unchanged=DAY))

    listed = kept.events()[0].provenance.snapshot
    assert listed in kept.there()
    assert listed not in {each.digest for each in (*done.expired, *done.orphans)}


@pytest.mark.parametrize("dies_in", ["expire", "discard"])
def test_a_clearing_that_is_killed_is_finished_by_the_next(kept, dies_in):
    _, blocked, _ = kept.looks(good("1"), b"<html>502 Bad Gateway</html>", good("2"))
    kept.clock.forward(91 * DAY)

    class Killed:
        def __getattr__(self, name):
            if name == dies_in:
                raise KeyboardInterrupt
            return getattr(kept.snapshots, name)

    with pytest.raises(KeyboardInterrupt):
        clear(kept.store, Killed(), STRICT, kept.clock)
    kept.clear()

    with pytest.raises(SnapshotGoneError):
        kept.snapshots.get(blocked)
    with kept.store.reading() as work:
        assert blocked in excused(work, kept.snapshots).expired


def test_an_audit_tells_what_went_on_purpose_from_what_a_forger_took(kept):
    first, blocked, _ = kept.looks(good("1"), b"<html>502 Bad Gateway</html>", good("2"))
    kept.clock.forward(91 * DAY)
    kept.clear()

    with kept.store.reading() as work:
        gone = excused(work, kept.snapshots)
    assert [*gone.expired] == [blocked]
    forged = a_tombstone(first, "retention")
    error = SnapshotGoneError(first, at=forged.at, why=forged.why)
    with pytest.raises(Exception, match="no event of the log says so"):
        gone.check(error)


def test_an_audit_tells_of_a_redaction_that_stopped_after_its_event(kept, tmp_path):
    (digest, _) = kept.looks(good("1"), good("2"))
    event = Event(
        type="snapshot.redacted",
        subject=Subject("snapshot", digest),
        details={"snapshot": digest, "why": "a person's name"},
    )
    with kept.store.writing() as work:
        record(work, event, "2026-11-25T12:00:00.000000Z")
    signing = FolderSigning(tmp_path, {})
    against = Against(signing=signing, keys=())

    with pytest.raises(SnapshotError, match=f"redacted at position 2, .* redact {digest}` again"):
        [*verify(kept.store, kept.snapshots, against)]
    kept.snapshots.redact(digest, a_tombstone(digest))
    *_, counts = verify(kept.store, kept.snapshots, against)
    assert (counts["snapshots"], counts["gone"]) == (1, 1)


def test_the_statistics_add_up(kept):
    digests = kept.looks(*(good(str(number)) for number in range(3)), b"<html>502</html>")
    kept.snapshots.put(b"an orphan")
    kept.clock.forward(91 * DAY)
    told = stats(kept.store, kept.snapshots)

    assert told.count == len(set(digests)) + 1
    assert told.depths == {0: 3, 1: 1, 2: 1}
    assert told.size == sum(each.size for each in kept.snapshots.kept())
    assert told.stored == sum(each.stored for each in kept.snapshots.kept())
    assert told.ratio > 2
    assert told.sources == {"ema": told.stored - orphan_bytes(kept)}
    assert (told.orphans, told.tombstones) == (1, {})
    kept.clear()
    assert stats(kept.store, kept.snapshots).tombstones == {"retention": 1}


def orphan_bytes(kept):
    return next(each.stored for each in kept.snapshots.kept() if each.size == len(b"an orphan"))


def test_an_empty_store_has_nothing_to_tell(kept):
    told = stats(kept.store, kept.snapshots)

    assert (told.count, told.size, told.ratio) == (0, 0, 1.0)
    assert (kept.clear().freed, kept.events()) == (0, [])
