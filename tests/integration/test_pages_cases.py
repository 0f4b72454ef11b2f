"""TODAY and CASE: what needs somebody, who says so since when, what proves it, and answers."""

from __future__ import annotations

import io
import re
import zipfile

import pytest

from kit.reading_pages import reading
from watcher.services.decisions import audit

FORM = "0123456789abcdef" * 2


@pytest.fixture
def here(tmp_path):
    with reading(tmp_path) as here:
        yield here


@pytest.fixture
def case(here):
    here.says("ema", m2="13/12/2024")
    here.look()
    return here.case()


def section(page, name):
    """Return the part of a page below the heading of that id."""
    return page.partition(f'aria-labelledby="{name}"')[2].partition("</section>")[0]


def text(markup):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", markup))


def test_an_empty_today_says_so_and_that_all_is_awake(here):
    page = text(here.page("/"))

    assert "Nothing needs you" in page
    assert "There was none in the last seven days" in page
    assert "watching 30 medicines · 2 sources" in page
    assert "all awake" in page


def test_what_is_answered_moves_down_and_what_is_not_stays_on_top(here, case):
    page = here.page("/")
    assert "<title>(1) TODAY" in page
    assert "Authorised → Withdrawn" in text(section(page, "needs"))
    assert "effective 13 Dec 2024" in section(page, "needs")
    here.browser.post(f"/cases/{case}/acknowledge", data={"name": "K. Ito"})
    page = here.page("/")

    assert "<title>TODAY" in page
    assert f"/cases/{case}" not in section(page, "needs")
    assert "acknowledged K. Ito" in text(section(page, "earlier"))


def test_after_a_day_it_is_this_weeks_and_after_a_week_it_is_gone(here, case):
    here.browser.post(f"/cases/{case}/acknowledge", data={"name": "K. Ito"})
    here.clock.forward(24 * 3600)
    assert case in section(here.page("/"), "week")
    assert section(here.page("/"), "earlier") == ""
    here.clock.forward(7 * 24 * 3600)

    assert case not in here.page("/")


def test_what_waits_for_a_person_stands_before_what_was_answered_however_grave(here):
    here.says("ema", m2="13/12/2024")
    here.look()
    answered = here.case()
    here.browser.post(f"/cases/{answered}/acknowledge", data={"name": "K. Ito"})
    here.says("ema", m2="13/12/2024", m5="14/12/2024")
    here.look()
    page = here.page("/")

    assert page.index(here.case()) < page.index(answered)


def test_a_source_that_fails_and_a_batch_held_back_are_told_with_their_reasons(here):
    here.fails("copy")
    here.says("ema", **{f"m{number}": "13/12/2024" for number in range(1, 31)})
    here.look()
    page = here.page("/")

    assert "30 changes alike" in text(section(page, "held"))
    assert "nobody is told before a person has looked" in text(section(page, "held"))
    assert "A copy of it" in section(page, "attention")
    assert "maintenance" in section(page, "attention")
    assert "1 source needs attention" in page


def test_a_case_shows_four_dates_each_in_its_role(here, case):
    page = here.page(f"/cases/{case}")
    dates = text(page.partition('<dl class="four">')[2].partition("</dl>")[0])

    assert "effective 13 December 2024 to the day, as stated by EMA data" in dates
    assert "published 22 November 2026, 05:02 UTC" in dates
    assert "seen by us 23 November 2026, 12:00 UTC" in dates
    assert "recorded 23 November 2026, 12:00 UTC event" in dates


def test_the_words_lead_to_the_place_where_they_stand_in_the_kept_page(here, case):
    page = here.page(f"/cases/{case}")
    links = re.findall(r'href="(/snapshots/[^"]+)">where it stands', page)

    assert links
    for link in links:
        assert here.browser.get(link.replace("&amp;", "&")).status_code == 200


def test_two_sources_that_differ_stand_side_by_side(here):
    here.says("copy", m2="11/12/2024")
    here.look()
    first = here.case()
    assert "UNCONFIRMED" in here.page(f"/cases/{first}")
    here.says("ema", m2="13/12/2024")
    here.look()
    page = here.page(f"/cases/{first}")
    sides = text(section(page, "says"))

    assert "A copy of it tier 3, an aggregator ● told it first" in sides
    assert "EMA data tier 1, an authority ≠ differs" in sides
    assert "the date: 13 December 2024, not 11 December 2024" in sides
    assert "11 December 2024, says A copy of it; 13 December 2024, says EMA data" in sides
    assert "CONFLICT" in here.page("/")


def test_a_source_that_has_not_told_of_it_is_shown_with_what_it_says(here, case):
    sides = text(section(here.page(f"/cases/{case}"), "says"))

    assert "A copy of it tier 3, an aggregator ≠ differs Says otherwise" in sides


def test_it_shows_who_was_told_and_what_the_receiver_said(here, case):
    told = text(section(here.page(f"/cases/{case}"), "told"))

    assert "Anna Visser through anna-box alert: delivered, 23 November 2026, 12:00 UTC" in told
    assert "“written to" in told


def test_the_proof_names_the_checkpoint_once_one_is_signed(here, case):
    assert "not yet: the next checkpoint" in section(here.page(f"/cases/{case}"), "proof")
    here.watcher.seal()
    with here.watcher.store.reading() as work:
        lead = work.log.find(str(work.cases.named(case)[0].lead))
        head = work.log.head()
    proof = section(here.page(f"/cases/{case}"), "proof")

    assert lead.hash in proof
    assert lead.event_id in proof
    assert f"by the checkpoint over {head} events" in proof


def test_the_evidence_of_a_case_is_the_bundle_that_the_command_makes(here, case):
    here.watcher.seal()
    found = here.browser.get(f"/cases/{case}/evidence.zip")
    with here.watcher.store.reading() as work:
        lead = work.cases.named(case)[0].lead

    assert found.headers["content-type"] == "application/zip"
    assert found.content == here.watcher.evidence(str(lead)).packed()
    assert "verify.py" in zipfile.ZipFile(io.BytesIO(found.content)).namelist()


def test_the_beginning_of_a_key_leads_to_its_case_and_none_leads_nowhere(here, case):
    found = here.browser.get(f"/cases/{case[:8]}", follow_redirects=False)

    assert (found.status_code, found.headers["location"]) == (303, f"/cases/{case}")
    for key in ("f" * 32, "..%2f", "x" * 400):
        assert here.browser.get(f"/cases/{key}").status_code == 404
        assert here.browser.get(f"/cases/{key}/evidence.zip").status_code == 404


def decisions(here):
    return [(each.what, each.who, each.why) for each in audit(here.watcher.store) if each.why]


@pytest.mark.parametrize(
    ("action", "filled", "said"),
    [
        ("acknowledge", {}, "acknowledged by K. Ito"),
        ("assign", {"to": "ben"}, "given to Ben Smit by K. Ito"),
        ("irrelevant", {}, "judged irrelevant by K. Ito"),
        ("wrong", {}, "judged wrong by K. Ito"),
    ],
)
def test_a_form_answers_a_case_once_however_often_it_is_sent(here, case, action, filled, said):
    sent = {"name": "K. Ito", "why": "seen", "form": FORM, **filled}
    for _ in range(2):
        done = here.browser.post(f"/cases/{case}/{action}", data=sent)
        assert done.status_code == 200
        assert said in text(section(done.text, "answers"))

    assert [each[1:] for each in decisions(here)] == [("K. Ito", "seen")]


@pytest.mark.parametrize(
    ("action", "filled", "said"),
    [
        ("acknowledge", {"name": " ", "why": "kept"}, "Say who you are"),
        ("wrong", {"name": "K. Ito"}, "Say why."),
        ("irrelevant", {"name": "K. Ito", "why": " "}, "Say why."),
        ("assign", {"name": "K. Ito"}, "Say whose it is to be"),
        ("assign", {"name": "K. Ito", "to": "dora"}, "There is no person"),
        ("acknowledge", {"name": "K. Ito", "why": "x" * 2_001}, "The reason is too long"),
    ],
)
def test_what_is_missing_in_a_form_is_asked_for_where_it_was_filled(
    here, case, action, filled, said
):
    done = here.browser.post(f"/cases/{case}/{action}", data=filled)

    assert done.status_code == 422
    form = done.text.partition(f'action="/cases/{case}/{action}"')[2].partition("</form>")[0]
    assert said in form
    assert filled.get("why", "").strip() in form
    assert decisions(here) == []


def test_a_page_elsewhere_cannot_answer_through_a_readers_browser(here, case):
    for header in (
        {"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ):
        done = here.browser.post(
            f"/cases/{case}/acknowledge", data={"name": "K. Ito", "why": "x"}, headers=header
        )
        assert done.status_code == 403, header
    assert decisions(here) == []
    ours = {"sec-fetch-site": "same-origin", "origin": "null"}
    here.browser.post(
        f"/cases/{case}/acknowledge", data={"name": "K. Ito", "why": "x"}, headers=ours
    )

    assert len(decisions(here)) == 1


def test_a_name_is_text_and_never_markup(here, case):
    sent = {"name": "<img src=x onerror=alert(1)>", "why": "<script>alert(1)</script>"}
    page = here.browser.post(f"/cases/{case}/acknowledge", data=sent).text

    assert "<img" not in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
