"""Pages in the page's clothes, each with the verdict its name tells."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from watcher.core.facts import Reading
from watcher.core.verdict import Verdict
from watcher.ports import Answer
from watcher.readers.encyclopedia import ENCYCLOPEDIA
from watcher.readers.judge import judge
from watcher.readers.medpath_approval import MEDPATH_APPROVAL
from watcher.readers.reader import Payload, Reader
from watcher.readers.research_library import RESEARCH_LIBRARY

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


THIRD_PARTIES = (MEDPATH_APPROVAL, ENCYCLOPEDIA, RESEARCH_LIBRARY)
MEDIA_TYPES = {".html": "text/html", ".md": "text/markdown", ".txt": "text/plain"}
READABLE = [
    (reader, page)
    for reader in THIRD_PARTIES
    for page in sorted((Path(__file__).parent / reader.name).glob("*"))
    if page.suffix in MEDIA_TYPES
]


@pytest.mark.parametrize(
    ("reader", "page"), READABLE, ids=[f"{reader.name}-{page.name}" for reader, page in READABLE]
)
def test_a_page_its_reader_reads_is_ok_until_it_is_cut(reader, page):
    headers = {"content-type": MEDIA_TYPES[page.suffix]}
    whole = Answer(url=ADDRESS, status=200, headers=headers, body=page.read_bytes())
    half = Answer(url=ADDRESS, status=200, headers=headers, body=whole.body[: len(whole.body) // 2])

    assert judge(whole, ADDRESS, reader).verdict is Verdict.OK
    if page.suffix == ".html":
        assert judge(half, ADDRESS, reader).verdict is Verdict.TRUNCATED


@pytest.mark.parametrize("reader", THIRD_PARTIES, ids=lambda reader: reader.name)
def test_no_page_in_another_ones_clothes_is_ok_for_any_reader(reader):
    for page in PAGES:
        answer, verdict = _answer(page)
        judgement = judge(answer, ADDRESS, reader)
        assert judgement.verdict is not Verdict.OK, page.name
        if not verdict.startswith(("ok", "wrong")):
            assert judgement.verdict.value == verdict, page.name


def test_the_reference_pages_are_ok(seeds):
    for reader, seed in zip(
        (ENCYCLOPEDIA, MEDPATH_APPROVAL, RESEARCH_LIBRARY),
        sorted(seeds.glob("00[012]_*.txt")),
        strict=True,
    ):
        answer = Answer(url=ADDRESS, status=200, body=seed.read_bytes())
        assert judge(answer, ADDRESS, reader).verdict is Verdict.OK


def test_all_kinds_of_disguise_are_among_the_pages():
    told = {_answer(page)[1] for page in PAGES}

    expected = {"blocked", "maintenance", "not_found", "empty", "error", "truncated", "wrong_page"}
    assert expected | {"ok"} == told
