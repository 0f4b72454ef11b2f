"""The reference pages with a study gone, documents in another order, a block not rendered."""

from __future__ import annotations

import re

import pytest

from kit.faulty_server import FaultyServer
from kit.station import settings, station
from watcher.core.taxonomy import Severity
from watcher.core.verdict import Verdict

LIBRARY = "/clinical-research-overview/crohns-disease"
MEDPATH = "/drug/approvals/ema/476c5a1bcef2d710"
TITLE = "A phase 2 study of allogeneic mesenchymal stromal cells for luminal"

pytestmark = pytest.mark.realdata


@pytest.fixture
def watching(tmp_path):
    with FaultyServer() as site:
        sources = [
            ("library", "research_library", LIBRARY, 4),
            ("medpath", "medpath_approval", MEDPATH, 3),
        ]
        path = settings(
            tmp_path,
            [
                {"id": name, "title": name, "reader": reader, "url": site.url(at), "tier": tier}
                for name, reader, at, tier in sources
            ],
            channels={"f": f"folder:{tmp_path}"},
        )
        with station(path) as station_:
            station_.site = site
            yield station_


def see(watching, source, path, page):
    watching.site.page(path, page, media_type="text/plain; charset=utf-8")
    (look,) = watching.look(source)
    return look.capture.verdict, [told.event.type for told in look.events]


def without_a_study(library):
    start = library.index(TITLE)
    return library[:start] + library[library.index("Read study", start) + len("Read study") :]


def test_a_study_gone_for_two_looks_is_nothing_and_for_three_is_gone(watching, seeds):
    library = (seeds / "002_5fd57e98103617e8.txt").read_text(encoding="utf-8")
    fewer = without_a_study(library)
    looks = [library, fewer, fewer, library, fewer, fewer, fewer, library]

    told = [see(watching, "library", LIBRARY, page)[1] for page in looks]

    assert told == [[], [], [], [], [], [], ["study.removed"], ["study.added"]]
    (removed,) = watching.log(types=("study.removed",))
    assert removed.event.severity is Severity.LOW


def test_documents_in_another_order_and_a_block_not_rendered_are_no_events(watching, seeds):
    page = (seeds / "001_92b3e7aa0e55c78f.txt").read_text(encoding="utf-8")
    start, end = page.index("Alofisel : EPAR - Public"), page.index("Overview Q&A (8)")
    cards = re.findall(r"(?:[^\n]+\n\n){3}", page[start:end])
    reordered = page[:start] + "".join(cards[::-1]) + page[end:]
    block = page[page.index("Authorisations (1)") : page.index("Active Substances (1)")]

    assert see(watching, "medpath", MEDPATH, page) == (Verdict.OK, [])
    assert see(watching, "medpath", MEDPATH, reordered) == (Verdict.OK, [])
    without = [see(watching, "medpath", MEDPATH, page.replace(block, "")) for _ in range(3)]
    back = see(watching, "medpath", MEDPATH, page)

    assert [verdict for verdict, _ in without] == [Verdict.UNREADABLE] * 3
    assert [events for _, events in without] == [[], [], ["source.schema_drifted"]]
    assert back == (Verdict.OK, ["source.recovered"])
