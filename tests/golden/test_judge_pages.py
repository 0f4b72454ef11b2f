"""Pages in the page's clothes, each with the verdict its name tells."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from watcher.core.facts import Reading
from watcher.core.verdict import Verdict
from watcher.ports import Answer
from watcher.readers.judge import judge
from watcher.readers.reader import Payload, Reader

PAGES = sorted((Path(__file__).parent / "judge").glob("*.html"))
ADDRESS = "https://regulator.example/en/medicines/human/EPAR/exemplar"
_NAME = re.compile(rf"({'|'.join(sorted(Verdict, key=len, reverse=True))})_(?:.*_)?(\d{{3}})")


def _never(payload: Payload) -> Reading:
    message = f"the judge reads nothing: {payload.url}"
    raise AssertionError(message)


MEDICINE_PAGE = Reader(
    name="medicine_page",
    version=1,
    about="",
    read=_never,
    markers=("EMA product number", "Agency product number"),
    ends_with="</html>",
)
ANY_PAGE = Reader(name="any_page", version=1, about="", read=_never)


def _answer(page: Path) -> tuple[Answer, str]:
    match = _NAME.fullmatch(page.stem)
    assert match, f"{page.name} tells no verdict and status"
    headers = {"content-type": "text/html; charset=utf-8"}
    answer = Answer(url=ADDRESS, status=int(match[2]), headers=headers, body=page.read_bytes())
    return answer, match[1]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_is_judged_as_its_name_tells(page):
    answer, verdict = _answer(page)

    judgement = judge(answer, ADDRESS, MEDICINE_PAGE)

    assert judgement.verdict.value == verdict, judgement
    assert judgement.signals[0] == f"status {answer.status}"
    assert judgement.verdict.is_good or judgement.reason


NEEDS_MARKERS = {"ok_mentions_everything_200", "truncated_medicine_200", "wrong_page_home_200"}


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.stem not in NEEDS_MARKERS], ids=lambda page: page.stem
)
def test_a_page_is_known_for_what_it_is_even_where_the_reader_has_no_markers(page):
    answer, verdict = _answer(page)

    judgement = judge(answer, ADDRESS, ANY_PAGE)

    assert judgement.verdict.value == verdict, judgement


def test_all_kinds_of_disguise_are_among_the_pages():
    told = {_answer(page)[1] for page in PAGES}

    expected = {"blocked", "maintenance", "not_found", "empty", "error", "truncated", "wrong_page"}
    assert expected | {"ok"} == told
