"""A dossier: everything known of one medicine, safe to open and complete enough to check."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser

import pytest

from factories import a_withdrawal
from kit.exports import MEDICINE, a_baseline, a_history, stored, tell
from watcher.core.capture import Capture, Target
from watcher.core.events import Cause, Change, Event
from watcher.core.facts import Subject
from watcher.core.phrases import SourceName
from watcher.core.verdict import Verdict
from watcher.errors import NotFoundError
from watcher.ports import Envelope
from watcher.ports.cases import CaseRow
from watcher.services.dossier import dossier, looks
from watcher.services.dossier_page import dossier_page
from watcher.services.html import element, link, said
from watcher.services.lifeline import life_of
from watcher.services.past import Moment

AT = "2026-01-01T08:00:00.000000Z"
NAMES = {"ema": SourceName("EMA", 1), "medpath": SourceName("MedPath", 3)}
HOSTILE = '"><script>alert(1)</script><img src=x onerror=a>\u202e'


class Page(HTMLParser):
    """What a browser would make of a page: its elements, addresses and texts."""

    VOID = frozenset({"meta", "br", "img", "link", "hr"})

    def __init__(self, text):
        super().__init__()
        self.tags, self.addresses, self.ids, self.handlers = [], [], [], []
        self.open, self.text = [], ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        named = dict(attrs)
        self.addresses += [named[key] for key in ("href", "src") if named.get(key)]
        self.ids += [named["id"]] if "id" in named else []
        self.handlers += [key for key in named if key.startswith("on")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> does not close what is open"

    def handle_data(self, data):
        self.text += data


@pytest.fixture
def store(tmp_path):
    with stored(tmp_path) as opened:
        yield opened


def page_of(store, product="Alofisel"):
    with store.reading() as work:
        told = dossier(work, product, sources=NAMES, at=AT, program="watcher 0.9.0")
    moment = Moment(axis="position", at=str(told.head))
    line = life_of(store, product, moment, until=date(2026, 1, 1))
    return told, dossier_page(told, line)


def test_it_tells_where_the_medicine_stands_with_words_page_and_date(store):
    a_history(store, quote="Withdrawn on 13 December")
    told, text = page_of(store)
    page = Page(text)

    assert told.title == "Alofisel"
    for words in (
        "EU authorisation, status",
        "Withdrawn on 13 December",
        "2024-12-15 12:00",
        "Authorised → Withdrawn",
        f"sha256:{'ab' * 32}",
        told.head_hash,
        "European Medicines Agency (EMA), acknowledged as such",
        "Its adopted text always prevails.",
        "EMA",
    ):
        assert words in page.text
    assert not page.open


def test_every_link_within_leads_somewhere_and_nothing_is_fetched(store):
    a_history(store)
    _, text = page_of(store)
    page = Page(text)

    within = {each[1:] for each in page.addresses if each.startswith("#")}
    assert within <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    assert not {"script", "img", "iframe", "link", "object", "form"} & set(page.tags)
    assert all(each.startswith(("#", "https://", "http://")) for each in page.addresses)
    assert "url(http" not in text
    assert "@import" not in text
    assert "default-src 'none'" in text


def test_a_hostile_name_stays_a_name(store):
    a_history(store, name=HOSTILE, quote=HOSTILE)
    details = {"title": HOSTILE, "reason": HOSTILE, "url": "javascript:alert(1)"}
    document = {"title": HOSTILE, "url": "javascript:alert(1)"}
    change = Change(path=f"document[{HOSTILE}]", action="added", after=document)
    added = Event(type="document.added", subject=MEDICINE, changes=(change,), details=details)
    tell(store, [added], url="javascript:alert(2)", capture="third", snapshot="sha256:<b>")
    _, text = page_of(store, MEDICINE.id)
    page = Page(text)

    assert "script" not in page.tags
    assert "img" not in page.tags
    assert not page.handlers
    assert not any(each.startswith("javascript") for each in page.addresses)
    main = text[text.index("<main>") :]
    assert "\u202e" not in re.sub(r"<svg.*?</svg>", "", main, flags=re.DOTALL)
    assert "‹U+202E›" in page.text
    assert not page.open


def test_two_sources_that_differ_are_a_conflict_at_one_glance(store):
    a_history(store)
    baseline, state = a_baseline()
    tell(store, [baseline], cause=Cause.BASELINE, state=state, source="medpath", tier=3)
    _, text = page_of(store)

    now = text[text.index('class="now"') : text.index("<nav>")]
    assert "CONFLICT" in now
    assert "Withdrawn" in now, "the authority's word stands first"


def test_events_set_aside_are_shown_and_marked_and_do_not_count(store):
    a_history(store)
    aside = {"aside": "2", "reason": "an older page was read late"}
    amended = Event(type="history.amended", subject=Subject("source", "ema"), details=aside)
    tell(store, [amended], capture="late")
    told, text = page_of(store)

    (status,) = [each for each in told.stated if each.path == "authorisation[EU].status"]
    assert status.value == "authorised"
    assert told.standing[2] == "set aside"
    assert "SET ASIDE" in text
    assert "an older page was read late" in text


def test_who_was_told_is_listed_with_what_became_of_it(store):
    a_history(store)
    row = CaseRow(
        key="k" * 32,
        happening="h",
        axis="a",
        after="withdrawn",
        effective="",
        lead=2,
        opened_at=AT,
    )
    with store.writing() as work:
        work.cases.open(row, [2])
        work.outbox.put("key", row.key, "pv-team", Envelope(key="key", subject="S!", text=""), AT)
    told, text = page_of(store)

    (message,) = told.messages
    assert message.events == (2,)
    assert "pv-team" in Page(text).text
    assert "pending" in Page(text).text


def a_look(hour, verdict=Verdict.OK):
    at = f"2024-12-{1 + hour // 24:02d}T{hour % 24:02d}:00:00.000000Z"
    return Capture(id=at, source="ema", url="https://ema.example", at=at, verdict=verdict)


def test_looks_are_counted_and_the_longest_gap_is_named():
    bad, worse = Verdict.BLOCKED, Verdict.UNREACHABLE
    made = [a_look(0), a_look(6), a_look(12, bad), a_look(18, worse), a_look(24), a_look(30, bad)]
    found = looks("ema", "https://ema.example", made)

    assert (found.total, found.good) == (6, 3)
    assert found.gap == (made[1].at, made[4].at)
    assert [(each.looks, each.verdicts) for each in found.spells] == [
        (2, ("blocked", "unreachable")),
        (1, ("blocked",)),
    ]


def test_looks_of_the_medicine_s_address_stand_in_it(store):
    a_history(store)
    address = "https://www.ema.europa.eu/en/medicines/human/EPAR/alofisel"
    with store.writing() as work:
        for number, verdict in enumerate((Verdict.OK, Verdict.MAINTENANCE, Verdict.OK)):
            at = f"2024-12-{14 + number}T12:00:00.000000Z"
            look = Capture(id=at, source="ema", url=address, at=at, verdict=verdict)
            work.captures.add(look, Target(source="ema", url=address))
    _, text = page_of(store)

    for words in ("3 looks", "2 good", "1 maintenance", "2 days"):
        assert words in Page(text).text


def test_an_unknown_medicine_and_a_name_of_several_are_refused(store):
    a_history(store)
    other = Subject("medicine", "EMEA/H/C/000001")
    baseline, state = a_baseline(subject=other)
    tell(store, [baseline], cause=Cause.BASELINE, state=state)
    withdrawn = a_withdrawal()

    assert withdrawn.subject == MEDICINE
    for product, words in (("Nosuch", "nothing is known"), ("Alofisel", "is 2 medicines")):
        with (
            store.reading() as work,
            pytest.raises(NotFoundError, match=words),
        ):
            dossier(work, product, sources=NAMES, at=AT, program="watcher")
    assert page_of(store, other.id)[0].subjects == (str(other),)


def test_what_is_not_html_is_escaped_and_what_is_no_web_address_is_no_link():
    assert said("<b>\x07\u202e") == "&lt;b&gt;‹U+0007›‹U+202E›"
    assert element("p", "<", id='a"b') == '<p id="a&quot;b">&lt;</p>'
    assert link("javascript:alert(1)", "x") == "x"
    assert link("http://[", "x") == "x"
    assert 'href="https://ema.example/?a=1&amp;b=2"' in link("https://ema.example/?a=1&b=2")
