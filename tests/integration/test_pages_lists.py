"""Lists of cases: TODAY shows the gravest, and leads to all others page by page."""

from __future__ import annotations

import re

import pytest

from kit.reading_pages import reading
from watcher.core.capture import instant
from watcher.core.events import Cause, Event, Provenance
from watcher.core.facts import Subject
from watcher.ports.cases import CaseRow, CaseState
from watcher.ports.store import Append
from watcher.services.today_page import NEEDS

MANY = 70
"""Cases that nobody has acknowledged, of which every seventh is critical."""


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    with reading(tmp_path_factory.mktemp("lists")) as here:
        with here.watcher.store.writing() as work:
            for number in range(MANY + 3):
                told(work, number, instant(here.clock.now()))
        yield here


def told(work, number, now):
    """Tell of one case; the last three were answered."""
    subject = Subject("medicine", f"EMEA/H/C/{700_000 + number:06d}")
    kind = "authorisation.withdrawn" if number % 7 == 0 else "document.added"
    append = Append(
        stream=f"ema/{subject}",
        subject=subject,
        expected_version=0,
        events=(Event(type=kind, subject=subject),),
        evidence=((),),
        state={"product.brand_name": f"Listed {number}"},
    )
    origin = Provenance(
        source="ema",
        tier=1,
        url="",
        capture=f"{number}",
        snapshot="",
        reader="",
        observed_at=now,
    )
    (lead,) = work.log.append(append, origin, Cause.OBSERVED, now)
    row = CaseRow(
        key=f"{number:032x}",
        happening="",
        axis=lead.event_id,
        after="",
        effective="",
        lead=lead.position,
        opened_at=now,
    )
    work.cases.open(row, [lead.position])
    state = "open" if number < MANY else "acknowledged"
    by = {"by": "K. Ito", "at": now} if state == "acknowledged" else {}
    work.case_states.put(CaseState(case=row.key, state=state, **by))


def listed(page):
    return re.findall(r'class="strong" href="/cases/([0-9a-f]{32})"', page)


def following(page):
    found = re.search(r'href="(/cases[^"]*)" rel="next"', page)
    return found and found[1].replace("&amp;", "&")


def test_today_shows_the_gravest_and_says_how_many_more_there_are(here):
    page = here.page("/")
    needs = page.partition('aria-labelledby="needs"')[2].partition("</section>")[0]

    assert f"Needs you ({MANY})" in page
    assert len(listed(needs)) == NEEDS
    assert f"and {MANY - NEEDS} more" in needs
    assert needs.count("CRITICAL") == MANY // 7


def test_what_today_leaves_out_is_on_the_pages_it_leads_to_once_each(here):
    page = here.page("/")
    needs = page.partition('aria-labelledby="needs"')[2].partition("</section>")[0]
    shown = listed(needs)
    address = re.search(r'href="(/cases\?after=[0-9-]+)"', needs)[1]
    while address:
        page = here.page(address)
        shown += listed(page)
        address = following(page)

    assert sorted(shown) == [f"{number:032x}" for number in range(MANY)]


def test_the_whole_list_begins_where_today_does(here):
    first = here.page("/cases")

    assert listed(first)[:NEEDS] == listed(here.page("/"))[:NEEDS]
    assert f"{MANY} that nobody has acknowledged" in first


def test_answered_cases_are_listed_the_newest_first(here):
    page = here.page("/cases/answered")

    assert listed(page) == [f"{number:032x}" for number in (MANY + 2, MANY + 1, MANY)]
    assert "K. Ito" in page
    assert "There are no more" in here.page("/cases/answered?before=1")


@pytest.mark.parametrize(
    "address",
    ["/cases?after=x", "/cases?after=3-", "/cases?after=99-1", "/cases/answered?before=x"],
)
def test_a_place_that_is_none_is_refused(here, address):
    assert here.browser.get(address).status_code == 400
