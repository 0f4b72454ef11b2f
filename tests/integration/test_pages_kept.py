"""SOURCES, DELIVERIES, AUDIT and SETTINGS: every look, every message, the log, and no secret."""

from __future__ import annotations

import re
import sqlite3

import pytest

from kit.reading_pages import reading
from watcher.core.verdict import Verdict
from watcher.ports.captures import WhichLooks
from watcher.services.holding import held_batches
from watcher.services.sources_page import source_lines

SECRET = "hunter2-do-not-show"


@pytest.fixture
def here(tmp_path):
    with reading(tmp_path) as here:
        yield here


def text(markup):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", markup))


def test_every_source_has_its_state_and_a_strip_that_says_in_words_what_it_shows(here):
    here.look()
    here.fails("copy")
    here.look(after=24 * 3600)
    page = here.page("/sources")

    assert "● well" in text(page)
    assert "◆ FAILING since 24 Nov 2026, 12:00" in text(page)
    assert "the last look that failed was maintenance" in text(page)
    strips = re.findall(r'<svg class="strip" role="img"[^>]*aria-label="([^"]+)"', page)
    assert strips == [
        "90 days: 2 with good looks only; 0 with looks that failed; 88 without a look",
        "90 days: 1 with good looks only; 1 with looks that failed, the last on 24 November 2026; "
        "88 without a look",
    ]


def test_the_days_of_a_source_are_the_looks_of_the_ledger(here):
    for fails in (False, True, True, False):
        here.says("copy")
        if fails:
            here.fails("copy")
        here.look(after=13 * 3600)
    store, sources = here.watcher.store, here.watcher.sources
    (line,) = source_lines(store, {"copy": sources["copy"]}, here.clock.now())
    with store.reading() as work:
        looks = [*work.captures.read(source="copy")]

    assert sum(each.good + each.bad for each in line.days) == len(looks) == 5
    assert sum(each.bad for each in line.days) == 2


def test_the_looks_of_a_source_are_paged_and_each_stands_on_one_page(here):
    for _ in range(60):
        here.look("ema", after=3_600)
    seen, address = [], "/sources/ema"
    while address:
        page = here.page(address)
        seen += [int(each) for each in re.findall(r'<tr><td class="soft">(\d+)</td>', page)]
        found = re.search(r'href="([^"]+)#looks" rel="next"', page)
        address = found[1].replace("&amp;", "&") if found else ""
    with here.watcher.store.reading() as work:
        known = work.captures.numbered(WhichLooks(source="ema"), limit=1_000)

    assert seen == [number for number, _ in reversed(known)]
    assert len(seen) == 61


def test_only_the_looks_that_failed_are_shown_on_demand(here):
    here.fails("copy")
    here.look()
    page = here.page("/sources/copy?failed=true").partition('id="looks"')[2]

    assert page.count("<tr><td") == 1
    assert "maintenance" in page
    with here.watcher.store.reading() as work:
        bad = WhichLooks(source="copy", verdicts=(Verdict.MAINTENANCE,))
        assert len(work.captures.newest(bad)) == 1
        assert work.captures.newest(bad, before=1) == ()


def test_a_source_that_nobody_watches_is_told_so(here):
    assert "there is no source" in here.page("/sources/none", 404).casefold()


def held(here, alike):
    return next(each for each in held_batches(here.watcher.store) if each.alike == alike)


@pytest.fixture
def batch(here):
    here.says("ema", **{f"m{number}": "13/12/2024" for number in range(1, 31)})
    here.look()
    return held(here, "authorisation.withdrawn").batch


def test_a_batch_is_released_by_its_page_and_then_told(here, batch):
    page = here.page("/sources/ema")
    assert "Release: tell everyone by their rules" in page
    done = here.browser.post(f"/sources/ema/held/{batch}/release", data={"name": "K. Ito"})
    here.watcher.alert()

    assert done.status_code == 200
    assert held(here, "authorisation.withdrawn").state == "told"
    assert "Needs you (30)" in here.page("/")


def test_a_batch_is_not_dismissed_without_a_reason(here, batch):
    address = f"/sources/ema/held/{batch}/dismiss"
    refused = here.browser.post(address, data={"name": "K. Ito", "why": " "})
    assert (refused.status_code, "Say why." in refused.text) == (422, True)
    here.browser.post(address, data={"name": "K. Ito", "why": "its mistake"})

    found = held(here, "authorisation.withdrawn")
    assert (found.state, found.why) == ("dismissed", "its mistake")
    assert "dismissed, “its mistake”" in text(here.page("/sources/ema"))


def test_deliveries_show_what_the_receiver_said_and_how_the_channel_does(tmp_path):
    with reading(tmp_path) as here:
        here.says("ema", m2="13/12/2024")
        here.look()
        page = text(here.page("/deliveries"))

        assert "Medicine 2: Authorised → Withdrawn" in page
        assert "alert to Anna Visser through anna-box delivered “written to" in page
        assert "all delivered (2)" in page
        assert "There is none" in text(here.page("/deliveries?state=given_up"))
        assert here.browser.get("/deliveries?state=lost").status_code == 400


def test_a_message_is_sent_again_by_its_page(here):
    here.says("ema", m2="13/12/2024")
    here.look()
    number = here.outbox()[0].id
    refused = here.browser.post(f"/deliveries/{number}/resend", data={})
    assert (refused.status_code, "Say who you are" in refused.text) == (422, True)
    here.browser.post(f"/deliveries/{number}/resend", data={"name": "K. Ito", "why": "lost"})

    with here.watcher.store.reading() as work:
        assert work.outbox.find(number).state == "pending"
    assert "lost" in text(here.page("/audit"))


def test_the_pages_of_the_log_hold_every_event_once(here):
    here.says("ema", m2="13/12/2024")
    here.look()
    seen, address = [], "/audit"
    while address:
        page = here.page(address).partition('id="log"')[2]
        seen += [int(each) for each in re.findall(r'<tr><td class="soft">(\d+)</td>', page)]
        found = re.search(r'href="([^"]+)#log" rel="next"', page)
        address = found[1] if found else ""
    with here.watcher.store.reading() as work:
        head = work.log.head()

    assert seen == list(range(head, 0, -1))


def test_the_end_of_a_whole_log_is_verified_on_demand(here):
    here.watcher.seal()
    page = text(here.browser.post("/audit/verify").text)

    assert "It is, from the first event on" in page
    assert "1 signed checkpoint has a good signature" in page


def test_before_anything_was_signed_the_rows_alone_are_verified(here):
    assert "no checkpoint is signed yet" in text(here.browser.post("/audit/verify").text)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE events SET payload = payload || x'20' WHERE position = 7", "position 7: "),
        ("UPDATE events SET recorded_at = '2020-01-01' WHERE position = 7", "position 7: "),
        (
            "UPDATE events SET hash = '00000000' || substr(hash, 9) WHERE position = 9",
            "position 9: ",
        ),
        ("UPDATE signed_checkpoints SET note = replace(note, '=', 'A')", "The "),
    ],
)
def test_what_was_altered_at_the_end_is_named(here, change, said):
    here.watcher.seal()
    database = str(here.watcher.config.storage.database).removeprefix("sqlite:///")
    with sqlite3.connect(database) as outside:
        for (trigger,) in outside.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            outside.execute(f"DROP TRIGGER {trigger}")
        outside.execute(change)
    outside.close()
    page = text(here.browser.post("/audit/verify").text)

    assert "IT IS NOT." in page
    assert said.casefold() in page.casefold()
    assert "Traceback" not in page


def test_settings_say_rules_and_people_in_sentences_and_show_no_secret(tmp_path):
    with reading(tmp_path, {"HOOK": SECRET}, chat="json://127.0.0.1:1/${HOOK}") as here:
        page = here.page("/settings")

        assert "tells of authorisation.*, from high on" in page
        assert "and to Carla Rossi if nobody answers within 30 minutes" in page
        assert "reads anna-box" in page
        for address in ("/", "/sources", "/deliveries", "/audit", "/settings"):
            assert SECRET not in here.page(address)
