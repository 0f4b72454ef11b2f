"""A correction and the outbox: what was sent is answered, what was not is stopped, none is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from factories import a_state
from kit.correcting import AUTHORISED, BY, EVERYONE, NAME, STATUS, WITHDRAWN, Bench, letter
from kit.plain_source import a_reader, a_source
from watcher.core.rules import Rule
from watcher.core.settle import DELISTED
from watcher.errors import DeliveryError, OperationalError
from watcher.services.alert import alert
from watcher.services.deliver import deliver_through
from watcher.services.holding import held_batches, release
from watcher.services.replay import rebuild
from watcher.services.resend import resend

WITHDRAWAL = "authorisation.withdrawn"
ANSWERS = "CORRECTION"


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path)
    bench.look(AUTHORISED)
    yield bench
    assert rebuild(bench.store).is_equal
    bench.store.close()


def queue(bench):
    """Put into the outbox what is new, and deliver nothing."""
    alert(bench.store, bench.rules, letter, bench.clock)


def states(bench):
    return [(each.channel, each.state) for each in bench.outbox()]


def test_a_message_not_sent_yet_is_stopped_and_its_receiver_hears_nothing_of_it(bench):
    bench.look(WITHDRAWN, tell=False)
    queue(bench)
    done = bench.correct(bench.last(WITHDRAWAL))

    assert (done.told, done.cancelled) == (0, 2)
    assert states(bench) == [("pv", "cancelled"), ("chat", "cancelled")]
    assert bench.boxes["pv"].taken == []
    with pytest.raises(OperationalError, match="corrected before it went"):
        resend(bench.store, 1, "", BY, bench.clock)


def test_a_message_that_may_have_gone_is_answered_and_not_tried_again(bench):
    bench.boxes["chat"].fault = DeliveryError("no answer in time", kind="unknown")
    bench.look(WITHDRAWN)
    bench.boxes["chat"].fault = None
    done = bench.correct(bench.last(WITHDRAWAL))
    bench.clock.forward(86_400)
    bench.tell()

    assert done.told == 2
    (only,) = bench.boxes["chat"].taken
    assert only.subject.startswith(ANSWERS)
    assert "we do not know whether it reached you" in " ".join(only.text.split())


def test_a_message_on_its_way_while_it_is_corrected_is_answered_and_not_tried_again(bench):
    bench.look(WITHDRAWN, tell=False)
    queue(bench)

    class Slow:
        """Takes so long that a person corrects meanwhile, and then fails."""

        id = "pv"

        def send(self, _envelope):
            bench.correct(bench.last(WITHDRAWAL))
            message = "hung up"
            raise DeliveryError(message, kind="unknown")

    chat = bench.boxes["chat"]
    deliver_through(bench.store, "pv", {"pv": Slow(), "chat": chat}, bench.clock)
    bench.clock.forward(86_400)
    bench.tell()

    assert [each.subject[:10] for each in bench.boxes["pv"].taken] == [ANSWERS]
    # cancelled before its turn came
    assert chat.taken == []
    assert states(bench) == [("pv", "cancelled"), ("chat", "cancelled"), ("pv", "delivered")]


def test_one_that_was_refused_for_good_is_not_answered(bench):
    bench.boxes["chat"].fault = DeliveryError("no such room", kind="configuration")
    bench.look(WITHDRAWN)
    done = bench.correct(bench.last(WITHDRAWAL))

    assert done.told == 1


def test_what_was_right_in_a_stopped_message_is_told_without_what_was_wrong(bench):
    bench.look({**WITHDRAWN, "document[a]": {"title": "Report A"}}, tell=False)
    queue(bench)
    done = bench.correct(bench.last(WITHDRAWAL))

    assert (done.told, done.cancelled) == (0, 3)
    (told,) = bench.boxes["pv"].taken
    assert "Report A" in told.subject
    assert "ithdrawn" not in told.subject
    assert len(bench.boxes["library"].taken) == 1


def test_a_document_that_was_wrong_does_not_take_the_withdrawal_with_it(bench):
    bench.look({**WITHDRAWN, "document[a]": {"title": "Report A"}}, tell=False)
    queue(bench)
    bench.correct(bench.last("document.added"))

    (told,) = bench.boxes["pv"].taken
    assert told.subject.startswith("[CRITICAL] Alofisel")
    assert "Report A" not in told.text


def test_what_stands_beside_what_was_wrong_is_said_in_the_correction(bench):
    bench.look({**WITHDRAWN, "document[a]": {"title": "Report A"}})
    bench.correct(bench.last(WITHDRAWAL))

    stands = bench.boxes["pv"].taken[-1].text.partition("STILL RIGHT")[2]
    assert "Report A" in stands.partition("PRODUCT")[0]


def test_corrected_before_anyone_was_told_it_is_told_to_no_one(bench):
    bench.look(WITHDRAWN, tell=False)
    bench.correct(bench.last(WITHDRAWAL))

    assert bench.outbox() == ()
    assert bench.state()[STATUS] == "authorised"


def test_a_held_event_that_was_corrected_is_left_out_of_what_is_released(bench):
    source = a_source(a_reader(lists_all=True))
    names = [f"medicine:EMEA/H/C/{number:06d}" for number in range(60)]
    before = {name: a_state(**{"product.brand_name": name}) for name in names}
    bench.look(states=before, source=source)
    after = {name: {**state, STATUS: "withdrawn"} for name, state in before.items()}
    bench.look(states={**before, **dict([*after.items()][:40])}, source=source)
    batch = held_batches(bench.store)[-1]
    bench.correct(bench.last(WITHDRAWAL))
    release(bench.store, batch.batch, "real", bench.again("b"), bench.clock)
    bench.tell()

    with bench.store.reading() as work:
        told = {each.case for each in work.outbox.latest(1000) if each.channel == "pv"}
        told |= {each.case for each in work.digests.due("9999") if each.channel == "pv"}
    assert len(told) == 39


@pytest.mark.parametrize("is_sources_fault", [False, True])
def test_a_second_source_saying_the_same_after_a_correction_is_a_case_of_its_own(
    bench, is_sources_fault
):
    other = a_source(id="other", tier=3)
    bench.look(AUTHORISED, source=other)
    bench.look(WITHDRAWN)
    bench.correct(bench.last(WITHDRAWAL), is_sources_fault=is_sources_fault)
    bench.look(WITHDRAWN, source=other)

    first, answer, second = bench.boxes["pv"].taken[:3]
    assert answer.in_reply_to == first.key
    assert second.key not in {first.key, answer.key}
    assert second.in_reply_to == ""
    assert not bench.log(types=("corroboration.added",))


def test_a_correction_can_be_taken_back_and_tells_those_who_had_it(bench):
    bench.look(WITHDRAWN)
    first = bench.correct(bench.last(WITHDRAWAL))
    second = bench.correct(first.by, why="EMA has confirmed it", by=bench.again("b"))

    assert second.told == 2
    assert bench.state() == WITHDRAWN
    told, answer, again = bench.boxes["pv"].taken
    assert again.in_reply_to == answer.key
    assert answer.in_reply_to == told.key
    assert again.subject.startswith("CORRECTION [CRITICAL]")
    assert "something we had told you before was wrong" in " ".join(again.text.split())
    assert bench.look(WITHDRAWN) == []


def test_a_row_missed_by_mistake_is_not_missed_again_while_it_stays_away(bench):
    source = a_source(a_reader(lists_all=True), absent_after=2)
    rest = {f"medicine:EMEA/H/C/{number:06d}": a_state() for number in range(5)}
    bench.look(states={NAME: AUTHORISED, **rest}, source=source)
    assert [bench.look(states=rest, source=source) for _ in range(2)] == [[], ["product.delisted"]]
    bench.correct(bench.last("product.delisted"))

    assert DELISTED not in bench.state()
    assert [bench.look(states=rest, source=source) for _ in range(3)] == [[], [], []]


def test_rules_that_ask_for_everything_are_not_told_of_the_correction_itself(bench):
    bench.rules = (*EVERYONE, Rule(id="ops", events=("event.*",), channels=("library",)))
    bench.look(WITHDRAWN)
    bench.correct(bench.last(WITHDRAWAL))

    assert bench.boxes["library"].taken == []


def test_a_better_reader_that_sees_it_right_ends_the_dispute_in_silence(bench):
    bench.look(WITHDRAWN)
    bench.correct(bench.last(WITHDRAWAL))
    sent = len(bench.outbox())
    better = a_source(a_reader(version=2))
    better = replace(better, reader=replace(better.reader, read=_right(better.reader.read)))
    assert bench.look(WITHDRAWN, source=better) == []

    assert bench.last("conflict.resolved").cause.value == "reread"
    assert len(bench.outbox()) == sent


def _right(read):
    """Return a reader that no longer reads the withdrawal into the page."""

    def reading(payload):
        told = read(payload)
        records = tuple(
            replace(
                record,
                facts=tuple(
                    replace(fact, value="authorised") if fact.path == STATUS else fact
                    for fact in record.facts
                    if fact.path != "authorisation[EU].withdrawn"
                ),
            )
            for record in told.records
        )
        return replace(told, records=records)

    return reading
