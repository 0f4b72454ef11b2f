"""What persons decide stands in the log: who, why, before and after, in step with its effect."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kit.configs import FULL, SMALLEST, loaded
from kit.correcting import AUTHORISED, BY, NAME, STATUS, WHY, WITHDRAWN, Bench
from kit.plain_source import a_reader, a_source
from watcher.config.flat import MOST, flat
from watcher.core.events import Cause
from watcher.core.rules import Rule
from watcher.errors import NotFoundError, OperationalError
from watcher.services.decisions import audit, note_configuration
from watcher.services.holding import dismiss, held_batches, release
from watcher.services.redact import redact
from watcher.services.resend import resend

NOW = "2026-11-22T12:00:00.000000Z"


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path)
    bench.look(AUTHORISED)
    yield bench
    bench.store.close()


@pytest.fixture
def batch(bench):
    """A mass that is held back."""
    source = a_source(a_reader(lists_all=True), id="list")
    bench.look(states={NAME: AUTHORISED}, source=source)
    states = {f"medicine:EMEA/H/C/{number:06d}": AUTHORISED for number in range(50)}
    bench.look(states={NAME: AUTHORISED, **states}, source=source)
    return held_batches(bench.store)[0].batch


def told(recorded):
    return {
        name: recorded.event.details.get(name, "")
        for name in ("who", "why", "before", "after", "via", "request")
    }


def test_a_release_and_a_dismissal_are_events_of_the_batch(bench, batch):
    done = release(bench.store, batch, "checked with EMA", BY, bench.clock)

    assert done.event.type == "batch.released"
    assert done.stream == f"watcher/batch:{batch}"
    assert told(done) == {
        "who": "m. weber@desk",
        "why": "checked with EMA",
        "before": "held",
        "after": "released",
        "via": "command",
        "request": "a" * 32,
    }


def test_a_decision_and_its_effect_stand_together_or_not_at_all(bench, batch):
    with pytest.raises(OperationalError, match="say why"):
        dismiss(bench.store, batch, " ", BY, bench.clock)
    with pytest.raises(NotFoundError):
        dismiss(bench.store, "none", WHY, BY, bench.clock)
    assert audit(bench.store) == ()

    dismiss(bench.store, batch, WHY, BY, bench.clock)
    with pytest.raises(OperationalError, match="was dismissed before"):
        release(bench.store, batch, "", bench.again("b"), bench.clock)
    assert [each.what for each in audit(bench.store)] == ["batch.dismissed"]


def test_the_same_request_decides_once(bench, batch):
    first = release(bench.store, batch, "", BY, bench.clock)
    second = release(bench.store, batch, "", BY, bench.clock)

    assert first.event_id == second.event_id
    assert len(audit(bench.store)) == 1


def test_a_message_sent_again_is_an_event_each_time_a_person_wants_it(bench):
    bench.look(WITHDRAWN)
    resend(bench.store, 1, "she lost it", BY, bench.clock)
    resend(bench.store, 1, "she lost it", BY, bench.clock)
    bench.tell()
    resend(bench.store, 1, "she lost it", bench.again("b"), bench.clock)
    bench.tell()

    listed = audit(bench.store)
    assert [(each.what, each.subject, each.why) for each in listed] == [
        ("alert.resent", "message:1", "she lost it")
    ] * 2
    assert (listed[0].before, listed[0].after) == ("delivered", "pending")
    assert len(bench.boxes["pv"].taken) == 3


def test_no_decision_tells_a_reader_and_each_an_operator_who_asks_for_it(bench, batch):
    bench.rules = (
        Rule(id="all", channels=("pv",)),
        Rule(id="ops", events=("batch.*", "alert.*"), channels=("chat",)),
    )
    bench.look(WITHDRAWN)
    sent = len(bench.boxes["pv"].taken)
    dismiss(bench.store, batch, WHY, BY, bench.clock)
    resend(bench.store, 1, "", bench.again("b"), bench.clock)
    bench.tell()

    assert [each.key for each in bench.boxes["pv"].taken[sent:]] == [bench.outbox()[0].key]
    assert len(bench.boxes["chat"].taken) == 2


def test_the_list_is_by_person_and_since_a_day(bench, batch):
    dismiss(bench.store, batch, WHY, BY, bench.clock)
    bench.clock.forward(86_400)
    bench.look(WITHDRAWN)
    bench.correct(bench.last("authorisation.withdrawn"), by=replace(BY, who="k. ito", request="b"))

    assert [each.who for each in audit(bench.store)] == ["m. weber@desk", "k. ito"]
    assert [each.what for each in audit(bench.store, who="ITO")] == ["event.corrected"]
    assert [each.what for each in audit(bench.store, since="2026-11-23")] == ["event.corrected"]
    (last,) = audit(bench.store, who="ito")
    assert f"{STATUS}=withdrawn" in last.before
    assert f"{STATUS}=authorised" in last.after


def test_a_payload_is_dropped_and_the_event_says_who_wanted_it(bench):
    bench.look(WITHDRAWN)
    digest = bench.last("authorisation.withdrawn").provenance.snapshot
    snapshots = bench.tools.snapshots
    first = redact(bench.store, snapshots, digest[:24], "a patient's name", BY, bench.clock)
    second = redact(bench.store, snapshots, digest, "again", bench.again("b"), bench.clock)

    assert first.event_id == second.event_id
    assert first.event.details["snapshot"] == digest
    assert first.event.details["why"] == "a patient's name"
    with pytest.raises(OperationalError, match="a patient's name") as caught:
        _read(snapshots, digest)
    assert "Redacted" in type(caught.value.__cause__).__name__


def _read(snapshots, digest):
    try:
        snapshots.get(digest)
    except Exception as error:
        raise OperationalError(str(error)) from error


def test_a_redaction_killed_in_between_is_finished_by_the_same_command(bench):
    digest = bench.last("fact.recorded").provenance.snapshot

    class Killed:
        """Snapshots on a machine that dies as the bytes are to go."""

        def kept(self):
            return bench.tools.snapshots.kept()

        def tombstones(self):
            return bench.tools.snapshots.tombstones()

        def redact(self, _digest, _note):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        redact(bench.store, Killed(), digest, WHY, BY, bench.clock)
    assert bench.tools.snapshots.get(digest)
    redact(bench.store, bench.tools.snapshots, digest, WHY, bench.again("b"), bench.clock)

    assert len(audit(bench.store)) == 1
    assert [each.digest for each in bench.tools.snapshots.tombstones()] == [digest]


@pytest.mark.parametrize("name", ["sha256:0000", "f" * 64, "../../etc/passwd", ""])
def test_a_payload_that_is_not_there_is_missed_by_name(bench, name):
    with pytest.raises(NotFoundError, match=r"no snapshot|more than one"):
        redact(bench.store, bench.tools.snapshots, name, WHY, BY, bench.clock)

    assert audit(bench.store) == ()


def test_the_first_configuration_is_known_and_what_differs_afterwards_is_an_event(bench, tmp_path):
    first = flat(loaded(SMALLEST, tmp_path))
    assert note_configuration(bench.store, "sources.yaml", first, BY, NOW)
    assert not note_configuration(bench.store, "sources.yaml", first, BY, NOW)
    second = flat(loaded(SMALLEST.replace("12h", "6h"), tmp_path))
    assert note_configuration(bench.store, "sources.yaml", second, BY, NOW)

    known, changed = bench.log(types=("configuration.changed",))
    assert (known.cause, changed.cause) == (Cause.BASELINE, Cause.OBSERVED)
    (change,) = changed.event.changes
    assert change.path == "setting[sources.ema.schedule.seconds]"
    assert (change.before, change.after) == (43_200, 21_600)
    assert changed.event.details["who"] == "m. weber@desk"
    with bench.store.reading() as work:
        assert work.streams.get("watcher/configuration:sources.yaml").state == second


def test_a_configuration_gives_no_secret_away_and_shows_that_one_changed(tmp_path):
    one = flat(loaded(FULL, tmp_path))
    other = flat(loaded(FULL.replace("to=pv@", "to=qa@"), tmp_path))

    assert "WATCHER" not in str(one)
    assert "p@ss" not in str(one)
    assert "hospital.eu/?to" not in str(one)
    differ = [path for path in one if one[path] != other[path]]
    assert differ == ["setting[channels.pv-team.url]"]


def test_a_huge_configuration_is_told_entry_by_entry(tmp_path):
    entry = SMALLEST.partition("sources:\n")[2]
    many = "".join(entry.replace("id: ema", f"id: ema{number}") for number in range(300))
    settings = flat(loaded(f"{SMALLEST.partition('  - id')[0]}{many}", tmp_path))

    assert len(settings) <= MOST
    assert "setting[sources.ema7]" in settings
    assert max(len(str(value)) for value in settings.values()) < 300
