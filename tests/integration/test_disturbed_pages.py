"""A page truncated, disguised, moved, shrunk, spelled otherwise, flapping or made anew: no news.

Each disturbance goes through the whole line, several times over, and then the page is back. What
nobody may hear of is a regulatory event; what was seen is kept; what lasts is the operator's.
"""

from __future__ import annotations

import re
import shutil
import unicodedata
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from kit.bulk import bulk, row, withdrawn
from kit.failing import compiled_once
from kit.line import BULK, PAGE, at_work, begun
from watcher.core.taxonomy import TYPES
from watcher.core.verdict import Verdict
from watcher.demo.story import SCENES
from watcher.errors import FetchError
from watcher.store.snapshots import digest_of


def french(html):
    """Return a page of the demonstration with a holder that has accents."""
    holder = html.replace("Takeda Pharma A/S", "Laboratoires Éléonore S.à r.l.")
    return holder.replace("Vallensbaek", "Vallensbæk")


HTML, WITHDRAWN = french(SCENES[2].body), french(SCENES[6].body)
ROWS = [row(number) for number in range(1, 41)]
LISTED = replace(BULK, before=bulk(*ROWS).encode())
SHOWN = replace(PAGE, before=HTML.encode())
CLOTHES = sorted((Path(__file__).parents[1] / "golden" / "judge").glob("*.html"))
DISGUISES = [page for page in CLOTHES if not page.name.startswith("ok_")]
HOUR = 3600.0


@pytest.fixture(autouse=True)
def _compiled_once():
    with compiled_once():
        yield


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    """Folders in which each story's page is known, made once."""
    folder = tmp_path_factory.mktemp("known")
    return {story.reader: begun(folder / story.reader, story) for story in (SHOWN, LISTED)}


@contextmanager
def watched(known, folder, story):
    """Yield a line that knows the story's page."""
    shutil.copytree(known[story.reader], folder)
    with at_work(folder, story, story.before, days=1) as line:
        yield line


@pytest.fixture
def shown(known, tmp_path):
    with watched(known, tmp_path / "shown", SHOWN) as line:
        yield line


@pytest.fixture
def listed(known, tmp_path):
    with watched(known, tmp_path / "listed", LISTED) as line:
        yield line


def look(line, body=None, *, times=1, after=13 * HOUR, **answer):
    """Look at another answer some times, and then at the page as it was; return the verdicts."""
    verdicts = set()
    for _ in range(times):
        line.site.well(line.site.story.before if body is None else body)
        for name, value in answer.items():
            setattr(line.site, name, value)
        line.passes(after=after)
        verdicts.add(line.last_look().verdict)
    line.site.well(line.site.story.before)
    line.passes()
    assert line.last_look().verdict.is_good
    return verdicts


def news(line):
    return [each for each in line.types() if not TYPES[each].is_operational]


def told(line):
    return [each for each in line.types() if TYPES[each].family == "source"]


@pytest.mark.parametrize(
    "answer",
    [
        {"body": HTML[: len(HTML) // 2].encode()},
        {"body": HTML[: HTML.index("<p>This page was last updated")].encode()},
        {"error": FetchError("the gzip stream is cut", kind="truncated")},
        {"error": FetchError("11 of 1,000 bytes came", kind="truncated")},
    ],
    ids=["half a page", "without its end", "cut gzip", "short"],
)
def test_a_truncated_answer_removes_no_document_however_often_it_comes(shown, answer):
    assert look(shown, times=8, **answer) == {Verdict.TRUNCATED}

    assert news(shown) == []
    assert told(shown) == ["source.truncated", "source.recovered"]


@pytest.mark.parametrize("page", DISGUISES, ids=lambda page: page.stem)
def test_a_page_in_its_clothes_is_kept_as_evidence_and_makes_no_event(shown, page):
    status = int(page.stem[-3:])
    verdicts = look(shown, page.read_bytes(), times=3, status=status, after=HOUR)

    assert not any(verdict.is_good for verdict in verdicts)
    assert news(shown) == []
    digest = digest_of(page.read_bytes())
    assert shown.service.watcher.snapshots.get(digest) == page.read_bytes()


HOME = b"<html><title>EMA</title><body><h1>Welcome</h1>" + b"<p>word word</p>" * 50 + b"</html>"


@pytest.mark.parametrize("place", ["https://ema.example/en", "https://ema.example/en/search?q=a"])
def test_a_redirect_to_where_lost_visitors_are_sent_is_doubt(shown, place):
    assert look(shown, HOME, times=4, url=place) == {Verdict.WRONG_PAGE}

    assert news(shown) == []
    assert told(shown) == ["source.blocked", "source.recovered"]


def test_a_page_that_moved_for_good_is_followed_and_what_it_says_is_told(shown):
    slug = "https://ema.example/en/medicines/human/EPAR/alofisel-0"
    assert look(shown, times=4, url=slug) == {Verdict.OK}
    assert news(shown) == []

    shown.site.well(WITHDRAWN.encode())
    shown.site.url = slug
    shown.passes()
    assert "authorisation.withdrawn" in news(shown)


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_gone_for_a_fortnight_ends_nothing(shown, status):
    body = b"<html><h1>Page not found</h1></html>"
    assert look(shown, body, times=28, status=status) == {Verdict.NOT_FOUND}

    assert news(shown) == []
    assert set(told(shown)) == {"source.unreachable", "source.recovered"}
    assert told(shown).count("source.unreachable") <= 3, "once, and a reminder a week"


@pytest.mark.parametrize(
    "body",
    [
        bulk(),
        bulk(*ROWS[:20]),
        bulk(*ROWS[:4]),
        bulk(*ROWS)[:-500],
        f"{bulk(*ROWS)[:-5000]}]}}",
        bulk(*ROWS, withdrawn(3)),
    ],
    ids=["empty", "half", "a tenth", "cut", "cut and closed", "one twice and otherwise"],
)
def test_a_list_that_cannot_be_whole_is_not_believed(listed, body):
    verdicts = look(listed, body.encode(), times=3)

    assert not any(verdict.is_good for verdict in verdicts)
    assert news(listed) == []


@pytest.mark.parametrize(
    "body", [bulk(*ROWS[::-1]), bulk(*ROWS, *ROWS[:7], ROWS[3])], ids=["order", "duplicates"]
)
def test_order_and_duplicates_are_no_news(listed, body):
    assert look(listed, body.encode(), times=3) == {Verdict.OK}

    assert news(listed) == []


UTF8, LATIN = ({"content-type": f"text/html; charset={name}"} for name in ("utf-8", "iso-8859-1"))
SPELLINGS = {
    "latin-1": (HTML.encode("latin-1"), LATIN),
    "latin-1 as utf-8": (HTML.encode("latin-1"), UTF8),
    "some of it latin-1": (HTML.encode().replace("É".encode(), b"\xc9"), UTF8),
    "utf-8 as latin-1": (HTML.encode(), LATIN),
    "utf-16": (HTML.encode("utf-16"), UTF8),
    "a byte order mark": (b"\xef\xbb\xbf" + HTML.encode(), UTF8),
    "NFD": (unicodedata.normalize("NFD", HTML).encode(), UTF8),
    "a hard space": (HTML.replace("Delta Park", "Delta&nbsp;Park").encode(), UTF8),
    "a soft hyphen": (HTML.replace("Immuno", "Immu&shy;no").encode(), UTF8),
    "a space of no width": (HTML.replace("Immuno", "Immu\u200bno").encode(), UTF8),
    "NUL": (HTML.replace("Immuno", "Immuno\0").encode(), UTF8),
    "half a surrogate pair": (HTML.replace("Immuno", "Immuno&#xD800;").encode(), UTF8),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_same_page_in_other_bytes_is_no_news_and_its_bytes_are_kept(shown, spelling):
    body, headers = SPELLINGS[spelling]
    assert look(shown, body, times=4, headers=headers) == {Verdict.OK}

    assert shown.types() == []
    assert shown.service.watcher.snapshots.get(digest_of(body)) == body


def noisy(number):
    token = f'<meta name="csrf-token" content="{number}"><script src="/app.{number:x}.js"></script>'
    session = f'class="main-content-wrapper" id="block-{number}" data-session="{number}"'
    html = HTML.replace("</head>", f"{token}</head>")
    return html.replace('class="main-content-wrapper"', session).encode()


def test_a_nonce_a_build_and_a_session_are_no_news(shown):
    for number in range(5):
        assert look(shown, noisy(number), after=HOUR) == {Verdict.OK}

    assert shown.types() == []


def test_what_flaps_is_told_each_time_and_every_payload_is_kept(shown):
    """Critical news does not wait for a second look, so a flap is told both ways."""
    for _ in range(2):
        look(shown, WITHDRAWN.encode())

    endings = [
        each for each in news(shown) if each.startswith(("authorisation.w", "authorisation.r"))
    ]
    assert endings == ["authorisation.withdrawn", "authorisation.reinstated"] * 2
    for body in (HTML, WITHDRAWN):
        assert shown.service.watcher.snapshots.get(digest_of(body.encode())) == body.encode()


def test_a_site_made_anew_is_the_operator_s_news_and_no_one_else_s(shown):
    anew = re.sub(r' (class|id|data-[a-z-]+)="[^"]*"', "", HTML)
    anew = re.sub(r"<(/?)(dl|dt|dd|h1|h2|h3)\b", r"<\1div", anew)
    assert look(shown, anew.encode(), times=5) == {Verdict.UNREADABLE}

    assert news(shown) == []
    assert told(shown) == ["source.schema_drifted", "source.recovered"]


@pytest.mark.parametrize(
    "renamed",
    [("ema-file-wrapper", "bcl-file"), ("medicine-status", "status-title", "status-message")],
    ids=["documents", "status"],
)
def test_a_part_of_a_page_made_anew_removes_nothing(shown, renamed):
    html = HTML
    for number, name in enumerate(renamed):
        html = html.replace(name, f"part-{number}")
    look(shown, html.encode(), times=5)

    assert news(shown) == []
