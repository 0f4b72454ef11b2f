"""A redirect before the judge: to the page under another address, or to something else."""

from __future__ import annotations

import pytest

from kit.judging import ASKED, BASE, a_reader, judged
from watcher.core.verdict import Verdict
from watcher.readers.judge_address import language_of


@pytest.mark.parametrize(
    ("answered", "verdict"),
    [
        ("https://regulator.example/", Verdict.WRONG_PAGE),
        ("https://regulator.example/en", Verdict.WRONG_PAGE),
        ("https://www.regulator.example/en/homepage", Verdict.WRONG_PAGE),
        ("https://regulator.example/en/search?q=exemplar", Verdict.WRONG_PAGE),
        (f"{BASE}another", Verdict.WRONG_PAGE),
        (f"{BASE}exemplar-0", Verdict.WRONG_PAGE),
        ("https://regulator.example/de/medicines/human/EPAR/exemplar", Verdict.WRONG_PAGE),
        ("https://elsewhere.example/offers/today", Verdict.WRONG_PAGE),
        ("https://regulator.example/user/login?destination=/x", Verdict.BLOCKED),
        ("https://login.regulator.example/cas", Verdict.BLOCKED),
        ("https://consent.regulator.example/m?continue=x", Verdict.BLOCKED),
        ("https://regulator.example/en/page-not-found", Verdict.NOT_FOUND),
        ("https://regulator.example/maintenance.html", Verdict.MAINTENANCE),
    ],
)
def test_a_redirect_to_where_lost_visitors_are_sent_is_not_the_page(answered, verdict):
    judgement = judged(url=answered)

    assert judgement.verdict is verdict
    assert f"redirected to {answered}" in judgement.signals


@pytest.mark.parametrize(
    "answered",
    [
        ASKED + "/",
        ASKED.replace("https://", "https://www."),
        ASKED.replace("EPAR", "epar"),
        f"{ASKED}?v=1",
        f"{ASKED}.html",
        "https://regulator.example/en/products/exemplar",
    ],
)
def test_a_redirect_that_only_respells_or_moves_the_address_is_the_page(answered):
    assert judged(url=answered).verdict is Verdict.OK


def test_a_file_may_be_renamed_within_its_folder():
    asked = "https://regulator.example/en/documents/report/medicines_en.json"
    answered = "https://regulator.example/en/documents/report/medicines-report_en.json"
    reader = a_reader(markers=("total_records",), ends_with="")

    for url in (answered, answered.replace("https://", "https://www.")):
        judgement = judged('{"meta": {"total_records": 0}}', url=url, asked=asked, reader=reader)
        assert judgement.verdict is Verdict.OK


@pytest.mark.parametrize("answered", [f"{ASKED}/", ASKED.replace("https://", "http://www.")])
def test_an_address_that_is_only_respelled_is_no_redirect(answered):
    assert judged(url=answered).signals == judged().signals


@pytest.mark.parametrize(
    ("url", "language"),
    [
        ("https://en.wikipedia.org/wiki/Darvadstrocel", "en"),
        ("https://regulator.example/fr/medicines/x", "fr"),
        ("https://regulator.example/documents/overview/x-epar_de.pdf-0", "de"),
        ("https://trial.example/drug/approvals/eu/1", ""),
        ("https://regulator.example/medicines", ""),
    ],
)
def test_the_language_asked_for_is_the_one_the_address_names(url, language):
    assert language_of(url) == language


def test_why_a_redirect_is_another_page_is_said():
    elsewhere, beside = "https://elsewhere.example/offers/today", f"{BASE}another"

    german = "https://regulator.example/de/medicines/human/EPAR/exemplar"

    assert judged(url="https://regulator.example/").reason == "redirected to the home page"
    assert judged(url=german).reason == "redirected to another language"
    assert judged(url="https://regulator.example/login").reason == "redirected to a login"
    assert judged(url=elsewhere).reason == "redirected to a page of another site"
    assert judged(url=beside).reason == "redirected to another page of the same list"


def test_the_page_of_a_whole_site_may_be_any_page_of_it():
    home = "https://regulator.example/"

    assert judged(asked=home, url="https://regulator.example/medicines").verdict is Verdict.OK


def test_a_domains_own_name_is_no_place_where_lost_visitors_are_sent():
    assert (
        judged(url="https://login.example/en/medicines/human/EPAR/exemplar").verdict is Verdict.OK
    )
    assert judged(url="https://a.login.example/en/medicines/EPAR/exemplar").verdict is Verdict.OK
