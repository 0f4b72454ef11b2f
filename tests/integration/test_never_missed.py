"""Ways in which a withdrawal could be swallowed, each of which must not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from factories import ALOFISEL, a_state
from kit.clocks import StandingClock
from kit.plain_source import URL, ScriptedFetcher, a_reader, a_source, a_toolbox, page
from watcher.core.rules import Rule, WatchList
from watcher.errors import DeliveryError
from watcher.ports import Envelope
from watcher.ports.store import EventFilter
from watcher.services.alert import alert
from watcher.services.check import check, note_failure
from watcher.services.decisions import Decider
from watcher.services.deliver import deliver
from watcher.services.holding import dismiss, held_batches, release
from watcher.services.resend import resend

pytestmark = pytest.mark.usefixtures("engine")

BY = Decider(who="m. weber", request="1")
NAME = str(ALOFISEL)
AUTHORISED = a_state()
WITHDRAWN = a_state(**{"authorisation[EU].status": "withdrawn"})
SUSPENDED = a_state(**{"authorisation[EU].status": "suspended"})
ANNOUNCED = a_state(**{"authorisation[EU].withdrawn": "2030-01-01"})
EVERYTHING = (Rule(id="all", channels=("pv",)),)


def letter(case, _why, _known, _recipient):
    return Envelope(key=case.key, subject=case.lead.event.type, text="")


class Bench:
    """Several sources of one medicine, and a person who is told by rules."""

    def __init__(self, folder):
        self.clock = StandingClock()
        self.fetcher = ScriptedFetcher()
        self.tools = a_toolbox(folder, self.fetcher, self.clock)
        self.rules = EVERYTHING
        self.sources = {
            "ema": a_source(id="ema", tier=1),
            "register": a_source(id="register", tier=1),
            "wiki": a_source(id="wiki", tier=4),
        }

    def look(self, source, state, name=NAME, *, tell=True):
        self.fetcher.says(page(state if name is None else {name: state}))
        self.clock.sleep(3600)
        outcome = check(self.sources[source], URL, self.tools)
        if tell:
            self.tell()
        return [told.event.type for told in outcome.events]

    def tell(self):
        alert(self.tools.store, self.rules, letter, self.clock)

    def told(self):
        with self.tools.store.reading() as work:
            alone = [each.envelope.subject for each in work.outbox.latest(1000)]
            lines = [work.cases.named(each.case)[0] for each in work.digests.due("9999")]
            return alone + [work.log.find(str(each.lead)).event.type for each in lines]


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path)
    yield bench
    bench.tools.store.close()


WITHDRAWAL = "authorisation.withdrawn"


def test_a_source_no_one_listens_to_does_not_use_up_the_news(bench):
    bench.rules = (Rule(id="r", sources=("ema",), channels=("pv",)),)
    for source in ("wiki", "ema"):
        bench.look(source, AUTHORISED)
    bench.look("wiki", WITHDRAWN)
    assert bench.told() == []
    bench.look("ema", WITHDRAWN)

    assert bench.told() == [WITHDRAWAL]


def test_a_claim_taken_back_long_ago_confirms_nothing(bench):
    for source in ("wiki", "ema"):
        bench.look(source, AUTHORISED)
    bench.look("wiki", WITHDRAWN)
    bench.look("wiki", AUTHORISED)
    before = len(bench.told())
    bench.clock.forward(365 * 86_400)
    bench.look("ema", WITHDRAWN)

    assert bench.told()[before:] == [WITHDRAWAL]


def test_the_authoritys_word_follows_to_who_had_the_unconfirmed_news(bench):
    for source in ("wiki", "ema", "register"):
        bench.look(source, AUTHORISED)
    for source in ("wiki", "ema", "register"):
        bench.look(source, WITHDRAWN)
    bench.tell()

    with bench.tools.store.reading() as work:
        letters = [
            each.envelope for each in work.outbox.latest(10) if each.envelope.subject == WITHDRAWAL
        ]
    first, second = letters
    assert (first.in_reply_to, second.in_reply_to) == ("", first.key)


def test_an_authority_that_still_says_otherwise_when_asked_again_is_a_conflict_once(bench):
    for source in ("wiki", "ema"):
        bench.look(source, AUTHORISED)
    bench.look("wiki", WITHDRAWN)
    assert "conflict.detected" not in bench.told()
    for _ in range(3):
        bench.look("ema", AUTHORISED)

    assert bench.told().count("conflict.detected") == 1
    with bench.tools.store.reading() as work:
        (conflict,) = work.log.read(EventFilter(types=("conflict.detected",)))
    assert conflict.event.details["about"] == "status"
    assert conflict.event.details["one"] == "withdrawn (wiki)"
    assert conflict.event.details["other"] == "authorised (ema)"


def test_an_announcement_confirms_no_status(bench):
    for source in ("ema", "register"):
        bench.look(source, SUSPENDED if source == "ema" else AUTHORISED)
    bench.look("ema", AUTHORISED)
    bench.look("register", ANNOUNCED)

    assert "authorisation.withdrawal_announced" in bench.told()


def test_there_and_back_at_two_sources_is_never_one_case_too_few(bench):
    for source in ("ema", "register"):
        bench.look(source, AUTHORISED)
    for state in (WITHDRAWN, AUTHORISED, WITHDRAWN):
        for source in ("ema", "register"):
            bench.look(source, state)

    assert bench.told().count(WITHDRAWAL) == 2
    assert bench.told().count("authorisation.reinstated") == 1


NAMES = [f"medicine:EMEA/H/C/{number:06d}" for number in range(100)]


def a_list(withdrawn):
    return {name: WITHDRAWN if name in withdrawn else AUTHORISED for name in NAMES}


def test_one_withdrawal_after_a_dismissed_mass_is_told(bench):
    bench.sources["ema"] = a_source(a_reader(lists_all=True), id="ema")
    bench.look("ema", a_list([]), None)
    bench.look("ema", a_list(NAMES[:40]), None)
    (batch,) = held_batches(bench.tools.store)
    dismiss(bench.tools.store, batch.batch, "a relaunch", BY, bench.clock)
    before = bench.told()
    bench.look("ema", a_list(NAMES[:41]), None)

    assert bench.told()[len(before) :] == [WITHDRAWAL]


def test_a_second_mass_is_a_batch_of_its_own(bench):
    bench.sources["ema"] = a_source(a_reader(lists_all=True), id="ema")
    bench.look("ema", a_list([]), None)
    bench.look("ema", a_list(NAMES[:40]), None)
    (first,) = held_batches(bench.tools.store)
    dismiss(bench.tools.store, first.batch, "a relaunch", BY, bench.clock)
    told = bench.look("ema", a_list(NAMES[:80]), None)

    assert "source.changed_in_bulk" in told
    assert [each.state for each in held_batches(bench.tools.store)] == ["dismissed", "held"]


def test_a_mass_released_before_it_was_told_of_is_told_once(bench):
    bench.sources["ema"] = a_source(a_reader(lists_all=True), id="ema")
    bench.look("ema", a_list([]), None)
    bench.look("ema", a_list(NAMES[:40]), None, tell=False)
    (batch,) = held_batches(bench.tools.store)
    release(bench.tools.store, batch.batch, "real", BY, bench.clock)
    bench.tell()
    bench.tell()

    assert bench.told().count(WITHDRAWAL) == 40


def test_a_medicine_whose_number_is_damaged_is_the_medicine_it_was(bench):
    state = {**AUTHORISED, "product.url": "https://ema.example/EPAR/alofisel"}
    bench.look("ema", state)
    outcome = bench.look(
        "ema", {**state, "authorisation[EU].status": "withdrawn"}, "medicine:slug:alofisel"
    )

    assert outcome == [WITHDRAWAL]


def test_a_fault_of_our_own_is_a_look_that_failed_and_is_put_off(bench):
    source = bench.sources["ema"]
    bench.look("ema", AUTHORISED)
    for _ in range(4):
        bench.clock.forward(3600)
        outcome = note_failure(source, URL, "RecursionError", bench.tools)

    with bench.tools.store.reading() as work:
        assert work.captures.target("ema", URL).failures == 4
        assert [told.event.type for told in work.log.read(EventFilter(types=("source.*",)))] == [
            "source.unreachable"
        ]
    assert "fault of ours" in outcome.capture.reason


class Channel:
    def __init__(self, name, error=None):
        self.id, self.error, self.taken = name, error, []

    def send(self, envelope):
        if self.error:
            raise self.error
        self.taken.append(envelope)
        return "taken"


@pytest.mark.parametrize(
    "error", [DeliveryError("500"), UnicodeEncodeError("ascii", "ä", 0, 1, "no"), OSError("down")]
)
def test_a_channel_that_fails_holds_up_no_other_and_gives_up_aloud(bench, error):
    bench.rules = (
        *EVERYTHING,
        Rule(id="chat", channels=("chat",)),
        Rule(id="operator", events=("alert.*",), channels=("chat",)),
    )
    bench.look("ema", AUTHORISED)
    bench.look("ema", WITHDRAWN)
    channels = {"pv": Channel("pv", error), "chat": Channel("chat")}
    for _ in range(40):
        deliver(bench.tools.store, channels, bench.clock)
        bench.clock.forward(86_400)
    bench.tell()
    deliver(bench.tools.store, channels, bench.clock)

    subjects = [envelope.subject for envelope in channels["chat"].taken]
    assert subjects == [WITHDRAWAL, "alert.given_up"]
    channels["pv"].error = None
    resend(bench.tools.store, 1, "it was full", BY, bench.clock)
    deliver(bench.tools.store, channels, bench.clock)
    assert [envelope.subject for envelope in channels["pv"].taken] == [WITHDRAWAL]


def test_a_message_put_off_by_a_clock_that_ran_ahead_is_sent(bench):
    bench.look("ema", AUTHORISED)
    bench.clock.forward(365 * 86_400)
    bench.look("ema", WITHDRAWN)
    deliver(bench.tools.store, {"pv": Channel("pv", DeliveryError("500"))}, bench.clock)
    bench.clock.forward(-365 * 86_400)
    pv = Channel("pv")
    deliver(bench.tools.store, {"pv": pv}, bench.clock)

    assert len(pv.taken) == 1


def test_a_watch_list_of_a_product_hears_of_it_after_a_source_that_names_the_substance(bench):
    bench.rules = (
        Rule(id="r", watch_list=WatchList(id="w", products=("Alofisel",)), channels=("pv",)),
    )
    article = {"product.inn": ["darvadstrocel"]}
    bench.look("ema", AUTHORISED)
    bench.look("wiki", article, "substance:darvadstrocel")
    bench.look(
        "wiki", {**article, "authorisation[EU].withdrawn": "2024-12"}, "substance:darvadstrocel"
    )
    bench.look("ema", WITHDRAWN)

    assert bench.told() == [WITHDRAWAL]


def test_not_modified_that_was_not_asked_for_is_no_good_look(bench):
    bench.fetcher.says(b"", status=304)
    outcome = check(bench.sources["ema"], URL, replace(bench.tools))

    assert outcome.capture.verdict.value == "error"
