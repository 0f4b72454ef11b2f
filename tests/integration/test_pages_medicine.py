"""MEDICINES and MEDICINE over HTTP: what is found, what is shown, and what was known when."""

from __future__ import annotations

import re
from html import unescape

import pytest

from kit.shelf import ALOFISEL, EXEMPLAR, filled, shelf
from watcher.core.events import Cause
from watcher.store.store import SqlStore


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    with shelf(tmp_path_factory.mktemp("shelf")) as here:
        filled(here)
        with here.browser() as client:
            yield here, client


def read(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.text[:500])
    return answer.text


def said(page):
    """The words of a page, a space between any two elements."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def names(page):
    return re.findall(r'<a class="strong" href="/medicines/[^"]+">([^<]+)</a>', page)


CALLED = """Exemplar; exem; EXAMPLESTROCEL; éxamplestrócel; EX-601; ex601; EMEA/H/C/009999; H-C-9999
; 009999; Example Pharma; L04AX99; exemplar example pharma"""


@pytest.mark.parametrize("query", [each.strip() for each in CALLED.split(";")])
def test_a_medicine_is_found_by_anything_any_source_calls_it(shown, query):
    _, client = shown

    assert names(read(client, f"/medicines?q={query}")) == ["Exemplar"]


def test_the_exact_name_comes_first_then_beginnings_then_the_rest(shown):
    _, client = shown

    assert names(read(client, "/medicines?q=Medicine 2"))[0] == "Medicine 2"
    assert names(read(client, "/medicines?q=crohn")) == [
        "Exemplar",
        "Medicine 1",
        "Medicine 2",
        "Medicine 3",
    ]
    assert names(read(client, "/medicines")) == [
        "Alofisel",
        "Exemplar",
        "Medicine 1",
        "Medicine 2",
        "Medicine 3",
    ]


def test_a_line_tells_status_by_place_with_word_and_shape_holder_and_last_happening(shown):
    _, client = shown
    words = said(read(client, "/medicines?q=EX-601"))

    assert "▲ EU: Withdrawn on 13 November 2030" in words
    assert "■ Japan: Authorised in June 2027 marketing ended in January 2032" in words
    assert "Example Pharma A/S" in words
    assert "found known by this alias" in words
    assert "Authorised → Withdrawn, effective 13 November 2030 seen 22 November 2030" in words


def test_what_nothing_answers_offers_names_near_it_and_says_what_to_do(shown):
    _, client = shown
    page = read(client, "/medicines?q=Exemplor")

    assert '<a href="/medicines?q=Exemplar">Exemplar</a>' in page
    assert "watcher sources add" in page


@pytest.mark.parametrize(
    "query", ["%00", "%25", "'%22;--", "<script>", "%F0%9F%92%8A", "a" * 3_000]
)
def test_no_question_breaks_the_search_or_becomes_part_of_the_page(shown, query):
    _, client = shown
    page = client.get(f"/medicines?q={query}")

    assert page.status_code == 200
    assert "<script>" not in page.text


@pytest.mark.parametrize("page", ["0", "-1", "x", "999999999999"])
def test_a_page_of_results_that_cannot_be_is_refused(shown, page):
    _, client = shown
    assert client.get(f"/medicines?page={page}").status_code == 400


def test_a_page_beyond_the_last_is_the_last(shown):
    _, client = shown
    assert "5 medicines" in read(client, "/medicines?page=99")


def test_an_empty_store_says_what_to_do(tmp_path):
    with shelf(tmp_path) as here, here.browser() as client:
        assert "watcher once" in read(client, "/medicines")


def test_what_can_be_searched_is_made_anew_the_same_from_the_log_and_for_another_database(shown):
    here, _ = shown
    with here.watcher.store.writing() as work:
        before = kept_words(work)
        work.streams.rebuild()
        after = kept_words(work)
        work.streams.refold(sorted({f"{source}/{subject}" for subject, source, *_ in before[0]}))

        assert before == after
        assert before == kept_words(work)


def kept_words(work):
    words = work.search.every_word()
    subjects = sorted({subject for subject, *_ in words})
    return words, work.search.names(subjects), work.search.listed(skip=0, most=100)


def test_a_medicine_tells_of_all_sources_what_they_say_since_when_and_in_whose_words(shown):
    _, client = shown
    page = read(client, f"/medicines/{EXEMPLAR}")
    words = said(page)

    assert "as stated by EMA medicine data, tier 1" in words
    assert "13 November 2030 EMA medicine data tier 1" in words
    assert "14 November 2030 MedPath tier 3" in words
    assert "November 2030 (to the month, no day stated)" in words
    assert re.search(r'href="/snapshots/[0-9a-f]{64}\?quote=[^"]+#quote"', page)
    assert len(re.findall(r'href="/compare\?after=[^"]+"', page)) >= 3
    assert len(set(re.findall(r'href="(/cases/[0-9a-f]+)"', page))) >= 1
    assert f'href="/dossiers/{EXEMPLAR}"' in page


def test_sources_that_contradict_each_other_stand_side_by_side_and_a_month_is_no_contradiction(
    shown,
):
    _, client = shown
    page = read(client, f"/medicines/{EXEMPLAR}")
    part = said(page[page.index('id="disputes"') : page.index('id="cases"')])

    assert "13 November 2030" in part
    assert "14 November 2030" in part
    assert "to the month" not in part


def test_the_picture_needs_no_style_of_its_own_that_the_policy_would_refuse(shown):
    _, client = shown
    page = read(client, f"/medicines/{EXEMPLAR}")

    assert page.count("<svg") == 5, "the mark, and the two pictures in two widths"
    assert "style=" not in page
    assert "<script" not in page.replace('<script src="/static/', "")


def test_the_whole_page_turns_back_to_a_day(shown):
    _, client = shown
    now, then = (
        said(read(client, f"/medicines/{EXEMPLAR}{day}")) for day in ("", "?as_of=2030-11-21")
    )

    assert "As known on 21 November 2030." in then
    assert "Back to now" in then
    assert "13 November 2030" in now
    assert "13 November 2030" not in then, "the authority said it a day later"
    assert "14 November 2030" in then
    assert "≠ Authorised, says" not in then.replace("≠ Withdrawn, says MedPath", "")


@pytest.mark.parametrize("day", ["2029-06-02", "2029-12-31", "2030-11-20", "2030-11-22"])
def test_nothing_that_was_seen_later_stands_on_a_page_of_the_past(shown, day):
    here, client = shown
    page = read(client, f"/medicines/{EXEMPLAR}?as_of={day}")
    dates = re.findall(r'<time datetime="(\d{4}-\d{2}-\d{2})T', page)

    assert dates
    assert max(dates) <= day
    later = here.log(subject=f"medicine:{EXEMPLAR}", since=f"{day}T23:59:59.999999Z")
    assert not [each for each in later if f"event {each.position}<" in page]


def test_before_it_was_first_seen_nothing_is_known_and_the_page_says_since_when(shown):
    _, client = shown
    answer = client.get(f"/medicines/{EXEMPLAR}?as_of=2020-01-01")

    assert answer.status_code == 404
    assert "first seen on 2029-06-02" in answer.text


@pytest.mark.parametrize("day", ["yesterday", "2030-02-31", "31/12/2030"])
def test_a_day_that_is_none_is_told_and_the_page_is_that_of_now(shown, day):
    _, client = shown
    words = said(read(client, f"/medicines/{EXEMPLAR}?as_of={day}"))

    assert "is not a day" in words
    assert "13 November 2030" in words


def test_a_day_to_come_is_now(shown):
    _, client = shown
    assert "Back to now" not in read(client, f"/medicines/{EXEMPLAR}?as_of=2999-01-01")


def test_a_name_and_a_substance_lead_to_the_page_too_and_nonsense_does_not(shown):
    _, client = shown

    assert EXEMPLAR in read(client, "/medicines/Exemplar")
    assert ALOFISEL in read(client, "/medicines/darvadstrocel")
    for number in ("EMEA/H/C/999999", "../../etc/passwd", "%00", "a%2F" * 200):
        assert client.get(f"/medicines/{number}").status_code == 404


def test_the_dossier_is_a_file_to_keep(shown):
    _, client = shown
    answer = client.get(f"/dossiers/{EXEMPLAR}")

    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith('attachment; filename="dossier-')
    assert "Exemplar" in answer.text


def test_documents_stand_with_every_version_seen(shown):
    _, client = shown
    words = said(read(client, f"/medicines/{ALOFISEL}"))

    assert "EMA, page of Alofisel lists 5" in words
    assert "Risk-management-plan summary" in words
    assert "1 Dec 2029 added" in words


def test_a_database_of_before_can_be_searched_at_once(tmp_path):
    """The view of what can be searched is filled as the database is brought up to date."""
    import sqlite3  # noqa: PLC0415
    from contextlib import closing  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    old = Path(__file__).parents[1] / "contract" / "released" / "0001.sql"
    with closing(sqlite3.connect(tmp_path / "watcher.db")) as database:
        database.executescript(old.read_text(encoding="utf-8"))
        database.execute("PRAGMA journal_mode = WAL")
    store = SqlStore(tmp_path / "watcher.db", writable=True)
    with store.writing() as work:
        before = kept_words(work)
        work.streams.rebuild()

        assert before[0]
        assert before == kept_words(work)
    store.close()


def test_only_what_was_observed_marks_a_case(shown):
    here, _ = shown
    causes = {each.cause for each in here.log(types=("authorisation.withdrawn",))}
    assert causes == {Cause.OBSERVED}
