"""One target, the whole line, over a real database and real snapshots."""

from __future__ import annotations

from datetime import timedelta

import pytest

from factories import ALOFISEL, a_state
from kit.clocks import StandingClock
from kit.plain_source import URL, ScriptedFetcher, a_reader, a_source, a_toolbox, page
from watcher.core.events import Cause
from watcher.core.verdict import Verdict
from watcher.errors import FetchError
from watcher.ports.store import EventFilter
from watcher.services.check import check

NAME = str(ALOFISEL)
AUTHORISED = a_state()
DOCUMENTS = {f"document[{number}]": {"title": f"Document {number}"} for number in range(8)}
WITHDRAWN = a_state(
    **{"authorisation[EU].status": "withdrawn", "authorisation[EU].withdrawn": "2024-12-13"}
)
CHALLENGE = b"<html><head><title>Just a moment...</title></head><body>Checking your browser</body>"


class Bench:
    """A source under watch: tell it what to answer, look, and see what stands in the log."""

    def __init__(self, folder):
        self.clock = StandingClock()
        self.fetcher = ScriptedFetcher()
        self.tools = a_toolbox(folder, self.fetcher, self.clock)
        self.source = a_source()

    def look(self, body=None, **answer):
        if body is not None:
            self.fetcher.says(body, **answer)
        self.clock.sleep(3600)
        return check(self.source, URL, self.tools)

    def sees(self, state, **answer):
        return self.look(page({NAME: state}), **answer)

    def types(self, outcome):
        return [told.event.type for told in outcome.events]

    def log(self, **which):
        with self.tools.store.reading() as work:
            return list(work.log.read(EventFilter(**which)))


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path)
    yield bench
    bench.tools.store.close()


def test_the_first_reading_is_a_baseline_and_not_a_flood(bench):
    outcome = bench.sees({**AUTHORISED, **DOCUMENTS})

    assert (outcome.baseline, outcome.events) == (1, ())
    assert [(told.event.type, told.cause) for told in bench.log()] == [
        ("fact.recorded", Cause.BASELINE)
    ]


def test_a_withdrawal_is_one_event_with_its_evidence_and_both_moments(bench):
    bench.sees(AUTHORISED)
    before = bench.clock.now()
    outcome = bench.sees(WITHDRAWN)

    (told,) = outcome.events
    assert told.event.type == "authorisation.withdrawn"
    assert told.cause is Cause.OBSERVED
    assert told.provenance.snapshot == outcome.capture.digest
    assert told.provenance.previously[:19] == f"{before:%Y-%m-%dT%H:%M:%S}"
    assert {found.quote for found in told.provenance.evidence} == {"withdrawn", "2024-12-13"}
    assert bench.types(bench.sees(WITHDRAWN)) == []


def test_there_and_back_again_is_told_both_times(bench):
    for state in (AUTHORISED, WITHDRAWN, AUTHORISED, WITHDRAWN):
        bench.sees(state)

    assert [told.event.type for told in bench.log(without_baseline=True)] == [
        "authorisation.withdrawn",
        "authorisation.reinstated",
        "authorisation.withdrawn",
    ]


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        (CHALLENGE, Verdict.BLOCKED),
        (b"", Verdict.EMPTY),
        (b'{"marker": "EMA product number", "subj', Verdict.TRUNCATED),
        (b'{"marker": "EMA product number"}', Verdict.UNREADABLE),
        (page({}), Verdict.SHRUNK),
        (page({NAME: {**AUTHORISED, "document[0]": {"title": "Document 0"}}}), Verdict.SHRUNK),
    ],
)
def test_doubt_makes_a_capture_and_no_event_and_recovery_is_silent(bench, body, verdict):
    known = {**AUTHORISED, **DOCUMENTS}
    bench.sees(known)

    doubtful = bench.look(body, **{"content-type": "text/html"})
    back = bench.sees(known)

    assert doubtful.capture.verdict is verdict
    assert doubtful.capture.reason
    assert (doubtful.events, back.events) == ((), ())
    assert back.capture.verdict is Verdict.OK
    assert len(bench.log(without_baseline=True)) == 0


def test_a_page_that_says_withdrawn_is_believed_though_documents_are_missing(bench):
    bench.sees({**AUTHORISED, **DOCUMENTS})

    outcome = bench.sees(WITHDRAWN)

    assert bench.types(outcome) == ["authorisation.withdrawn"]
    assert outcome.capture.verdict is Verdict.OK


def test_a_document_is_gone_after_three_complete_captures_without_it(bench):
    bench.sees({**AUTHORISED, **DOCUMENTS})
    fewer = {**AUTHORISED, **dict(list(DOCUMENTS.items())[1:])}

    told = [bench.types(bench.sees(fewer)) for _ in range(4)]

    assert told == [[], [], ["document.removed"], []]


def test_while_something_is_missing_the_server_is_not_asked_whether_it_changed(bench):
    bench.sees({**AUTHORISED, **DOCUMENTS}, etag='"1"')
    bench.sees({**AUTHORISED, **dict(list(DOCUMENTS.items())[1:])}, etag='"2"')
    bench.sees({**AUTHORISED, **DOCUMENTS}, etag='"3"')
    bench.sees({**AUTHORISED, **DOCUMENTS}, etag='"3"')

    assert [request.etag for request in bench.fetcher.requests] == ["", '"1"', "", '"3"']


def test_not_modified_is_a_good_look_that_keeps_the_validators(bench):
    bench.sees(AUTHORISED, etag='"1"', **{"last-modified": "Tue, 21 Jan 2025 06:00:00 GMT"})
    unchanged = bench.look(b"", status=304)
    bench.sees(AUTHORISED)

    assert unchanged.capture.verdict is Verdict.UNCHANGED
    assert [request.etag for request in bench.fetcher.requests] == ["", '"1"', '"1"']


def test_the_same_bytes_again_are_a_revisit_and_are_not_read_again(bench):
    bench.sees(AUTHORISED)
    again = bench.sees(AUTHORISED)

    assert again.capture.is_revisit
    assert again.capture.reader == ""


def test_a_failed_fetch_is_a_capture_too(bench):
    bench.fetcher.answers.append(FetchError("the name could not be resolved", kind="dns"))

    outcome = bench.look()

    assert outcome.capture.verdict is Verdict.UNREACHABLE
    assert "resolved" in outcome.capture.reason


def test_an_operator_hears_once_of_a_source_that_stays_doubtful_and_once_when_it_is_well(bench):
    bench.sees(AUTHORISED)

    told = [bench.types(bench.look(CHALLENGE)) for _ in range(5)]
    back = bench.types(bench.sees(AUTHORISED))

    assert told == [[], [], ["source.blocked"], [], []]
    assert back == ["source.recovered"]
    (blocked,) = bench.log(types=("source.blocked",))
    assert blocked.event.details["verdict"] == "blocked"


def test_a_medicine_that_moved_to_another_address_is_followed_by_its_number(bench):
    moved = URL.replace("alofisel", "alofisel-takeda")
    bench.sees(AUTHORISED)

    followed = bench.look(page({NAME: WITHDRAWN}), url=moved)
    stranger = bench.look(page({"medicine:EMEA/H/C/000001": WITHDRAWN}), url=moved)

    assert (followed.capture.verdict, bench.types(followed)) == (
        Verdict.OK,
        ["authorisation.withdrawn"],
    )
    assert (stranger.capture.verdict, stranger.events) == (Verdict.WRONG_PAGE, ())


def test_an_address_given_to_another_product_is_told_and_ends_no_one(bench):
    bench.sees(AUTHORISED)

    outcome = bench.look(page({"medicine:EMEA/H/C/000001": WITHDRAWN}))
    again = bench.look(page({"medicine:EMEA/H/C/000001": WITHDRAWN}, note="again"))

    assert bench.types(outcome) == ["product.identifier_changed"]
    assert outcome.events[0].event.details["was"] == NAME
    assert bench.types(again) == []
    with bench.tools.store.reading() as work:
        assert work.streams.get(f"ema/{NAME}").state == AUTHORISED


def test_a_better_reader_reads_the_last_page_first_and_alarms_no_one(bench):
    bench.sees(AUTHORISED, etag='"1"')
    better = a_reader(version=2, extra={"product.atc_code": "L04"})
    bench.source = a_source(better)

    outcome = bench.sees(WITHDRAWN)

    assert [(told.event.type, told.cause) for told in bench.log(without_baseline=True)] == [
        ("fact.changed", Cause.REREAD),
        ("authorisation.withdrawn", Cause.OBSERVED),
    ]
    assert bench.types(outcome) == ["authorisation.withdrawn"]


def test_a_better_reader_sees_the_page_itself_and_not_that_it_is_unchanged(bench):
    bench.sees(AUTHORISED, etag='"1"')
    bench.source = a_source(a_reader(version=2))

    bench.sees(AUTHORISED)

    assert bench.fetcher.requests[-1].etag == '"1"'
    with bench.tools.store.reading() as work:
        assert work.captures.target("ema", URL).reader == "plain@2"


def test_a_row_a_list_no_longer_has_is_delisted_in_the_end_and_never_withdrawn(bench):
    bench.source = a_source(a_reader(lists_all=True))
    names = [f"medicine:EMEA/H/C/{number:06d}" for number in range(20)]
    everything = dict.fromkeys(names, AUTHORISED)
    without = dict.fromkeys(names[1:], AUTHORISED)
    bench.look(page(everything))

    told = [bench.types(bench.look(page(without, note=str(look)))) for look in range(4)]
    back = bench.types(bench.look(page(everything)))

    assert told == [[], [], ["product.delisted"], []]
    assert back == ["fact.changed"]


def test_a_new_row_of_a_list_is_listed_and_its_facts_are_kept(bench):
    bench.source = a_source(a_reader(lists_all=True))
    bench.look(page({NAME: AUTHORISED}))

    outcome = bench.look(page({NAME: AUTHORISED, "medicine:EMEA/H/C/000001": WITHDRAWN}))

    assert bench.types(outcome) == ["product.listed", "authorisation.withdrawn"]
    with bench.tools.store.reading() as work:
        stream = work.streams.get("ema/medicine:EMEA/H/C/000001")
    assert stream.state == WITHDRAWN


def test_words_a_reader_does_not_know_are_told_to_the_operator_once(bench):
    bench.sees(AUTHORISED)
    bench.source = a_source(a_reader(unknown=("label: Colour of the box",)))

    told = [bench.types(bench.look(page({NAME: AUTHORISED}, note=str(look)))) for look in range(3)]

    assert told == [["source.schema_drifted"], [], []]


def test_a_list_outside_its_expectation_is_not_believed(bench):
    bench.source = a_source(least_records=2)

    outcome = bench.sees(AUTHORISED)

    assert outcome.capture.verdict is Verdict.SHRUNK
    assert "expected 2 to" in outcome.capture.reason


def test_the_next_look_is_kept_with_the_capture(bench):
    bench.tools = type(bench.tools)(
        **{name: getattr(bench.tools, name) for name in bench.tools.__slots__}
        | {"due": lambda _target, now: now + timedelta(hours=12)}
    )
    bench.sees(AUTHORISED)

    with bench.tools.store.reading() as work:
        target = work.captures.target("ema", URL)
    assert target.next_due[:16] == f"{bench.clock.now() + timedelta(hours=12):%Y-%m-%dT%H:%M}"


def test_a_page_that_lost_its_table_for_days_loses_no_document(bench):
    bench.sees({**AUTHORISED, **DOCUMENTS})

    looks = [bench.sees(AUTHORISED) for _ in range(12)]
    back = bench.sees({**AUTHORISED, **DOCUMENTS})

    assert {look.capture.verdict for look in looks} == {Verdict.SHRUNK}
    assert bench.types(back) == ["source.recovered"]
    assert [told.event.type for told in bench.log(without_baseline=True)] == [
        "source.truncated",
        "source.recovered",
    ]
