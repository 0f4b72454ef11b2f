"""Every medicine page EMA had on one day, and the histories of 75, as real copies in Markdown."""

from __future__ import annotations

import json
import re
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from watcher.core.facts import Reading, State, Value
from watcher.core.identity import same_holder
from watcher.readers.ema_medicine_page import read
from watcher.readers.reader import Payload

pytestmark = pytest.mark.realdata

STATUSES = {
    "authorised": 1529,
    "withdrawn": 335,
    "application_withdrawn": 260,
    "refused": 61,
    "opinion": 31,
    "lapsed": 26,
    "expired": 17,
    "revoked": 8,
    "rolling_review_withdrawn": 2,
    "opinion_under_reexamination": 1,
    "suspended": 1,
}
HOME = "https://www.ema.europa.eu"
VIEW = re.compile(rb"\[View\]\((/[a-z]{2}/documents/[^)]+)\)")


def members(archive: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(archive, "r:xz") as tar:
        for member in tar:
            if member.name.endswith(".md") and (file := tar.extractfile(member)):
                yield member.name, file.read()


def of(body: bytes) -> Reading:
    return read(Payload(body=body, media_type="text/markdown"))


@pytest.fixture(scope="module")
def pages(shared_data: Path) -> dict[str, tuple[bytes, Reading]]:
    archive = shared_data / "ema_pages" / "all_2026-01-03.tar.xz"
    return {name: (body, of(body)) for name, body in members(archive)}


def state(reading: Reading) -> dict[str, Value]:
    return reading.records[0].state()


def test_every_page_of_a_day_is_read_with_the_status_it_has(pages):
    statuses = Counter(state(reading)["authorisation[EU].status"] for _, reading in pages.values())

    assert statuses == STATUSES


def test_all_pages_have_a_name_and_a_product_number_or_the_number_that_is_damaged(pages):
    states = [state(reading) for _, reading in pages.values()]
    numbered = [found for found in states if found.get("product.number")]
    damaged = [found for found in states if "product.number_as_printed" in found]

    assert all(found["product.brand_name"] for found in states)
    assert len(numbered) == len(states) - 1
    assert [found["product.number_as_printed"] for found in damaged] == ["EMEA/H/C005201"]


def test_the_substance_is_read_wherever_the_page_has_one(pages):
    without = [
        name
        for name, (body, reading) in pages.items()
        if not {"product.active_substance", "product.inn"} & state(reading).keys()
        and b"Active substance" in body
    ]

    assert without == []


def test_no_file_of_a_document_is_lost(pages):
    """Some pages list a document twice; it is one document, but no address may be missing."""
    for name, (body, reading) in pages.items():
        printed = {address.decode() for address in VIEW.findall(body)}
        found: set[Value] = set()
        for path, value in state(reading).items():
            if path.startswith("document[") and isinstance(value, dict):
                translations = value.get("translations", {})
                assert isinstance(translations, dict)
                found.add(value.get("url"))
                found.update(each["url"] for each in translations.values() if "url" in each)

        assert printed == {str(url).removeprefix(HOME) for url in found - {None}}, name


def test_each_document_has_a_title_a_type_an_address_and_a_date(pages):
    documents = [
        value
        for _, reading in pages.values()
        for path, value in state(reading).items()
        if path.startswith("document[")
    ]
    complete = [
        value
        for value in documents
        if isinstance(value, dict) and {"title", "type", "url", "first_published"} <= value.keys()
    ]

    assert len(documents) > 21_000
    assert len(documents) - len(complete) <= 5


def test_what_was_not_understood_is_little_and_named(pages):
    """Contradictions within pages, three malformed ATC codes, a damaged number, a bad date."""
    noted = Counter(
        re.sub(r"['\"].*", "", note).strip()
        for _, reading in pages.values()
        for note in reading.unknown
    )

    assert sum(noted.values()) < 45
    assert noted["key facts: expected an EMA product number, found"] == 1


def test_withdrawn_pages_tell_who_asked_and_why_in_their_own_words(pages):
    withdrawn = [
        found
        for _, reading in pages.values()
        if (found := state(reading))["authorisation[EU].status"] == "withdrawn"
    ]
    reasons = [found.get("authorisation[EU].withdrawn.reason_text") for found in withdrawn]
    names = [found.get("authorisation[EU].withdrawn.requested_by") for found in withdrawn]
    dates = [found for found in withdrawn if "authorisation[EU].withdrawn" in found]

    assert len(dates) >= 315
    assert sum(reason is not None for reason in reasons) >= 285
    assert sum(name is not None for name in names) >= 210
    assert all(reason is None or reason.startswith(("decision", "due to")) for reason in reasons)


def test_every_version_of_every_history_is_read(shared_data):
    folder = shared_data / "ema_pages" / "versions"
    numbers: dict[str, set[Value]] = {}
    for page in sorted(folder.glob("*/*.md")):
        found = state(of(page.read_bytes()))
        numbers.setdefault(page.parent.name, set()).add(found.get("product.number"))

    assert sum(1 for _ in folder.glob("*/*.md")) == 213
    assert all(len(each) == 1 for each in numbers.values())
    assert numbers["blenrep"] != numbers["blenrep1"]  # one name, two products


def test_alofisel_is_what_ema_says_it_is(shared_data):
    page = max((shared_data / "ema_pages" / "versions" / "alofisel").glob("*.md"))
    reading = of(page.read_bytes())
    found = state(reading)

    assert str(reading.records[0].subject) == "medicine:EMEA/H/C/004258"
    assert found["authorisation[EU].status"] == "withdrawn"
    assert found["authorisation[EU].granted"] == "2018-03-23"
    assert found["opinion.adopted"] == "2017-12-14"
    assert found["authorisation[EU].withdrawn"] == "2024-12-13"
    assert found["product_information.revision"] == 12
    assert found["product.node_id"] == "66619"
    assert found["product.atc_code"] == "L04"
    assert found["page.last_updated"] == "2025-04-29"
    assert sum(path.startswith("document[") for path in found) == 9
    overview = found["document[EMA/1380/2018]"]
    assert isinstance(overview, dict)
    assert isinstance(overview["translations"], dict)
    assert len(overview["translations"]) == 22
    assert reading.unknown == ()


@pytest.mark.parametrize(
    "slug", ["atazanavir-krka", "copiktra", "fluad-tetra", "lumark", "lyxumia"]
)
def test_a_medicine_that_was_withdrawn_was_authorised_before(shared_data, slug):
    pages = sorted((shared_data / "ema_pages" / "versions" / slug).glob("*.md"))
    statuses = [state(of(page.read_bytes()))["authorisation[EU].status"] for page in pages]

    assert statuses[0] == "authorised"
    assert statuses[-1] == "withdrawn"


def pairs(shared_data: Path) -> Iterator[tuple[str, dict[str, object], State, State]]:
    """Yield the pairs of versions of which a third party said what changed, and what it said."""
    folder = shared_data / "ema_pages"
    for listing in sorted((folder / "expected").glob("*.jsonl")):
        for line in listing.read_text(encoding="utf-8").splitlines():
            told = json.loads(line)
            before, after = (
                next((folder / "versions" / told["slug"]).glob(f"*_{told[end]}.md"))
                for end in ("from", "to")
            )
            states = [state(of(page.read_bytes())) for page in (before, after)]
            yield told["slug"], told["changes"], states[0], states[1]


def test_status_and_holder_change_where_they_did_and_nowhere_else(shared_data):
    path = "authorisation[EU]"
    statuses, holders = Counter[str](), Counter[str]()
    for slug, told, before, after in pairs(shared_data):
        moved = before[f"{path}.status"] != after[f"{path}.status"]
        one, other = (each.get(f"{path}.holder") for each in (before, after))
        transferred = one is not None and other is not None and not same_holder(one, other)

        assert moved == ("status" in told), slug
        assert not transferred or "mah" in told, slug
        statuses[slug] += moved
        holders[slug] += "mah" in told and not transferred

    assert statuses.total() == 23
    assert +holders == {"aerius": 1}  # N.V. Organon, then Organon N.V.


def test_where_nothing_was_said_to_change_only_a_translation_did(shared_data):
    differing = {
        (slug, path.partition("[")[0])
        for slug, told, before, after in pairs(shared_data)
        for path in before.keys() | after.keys()
        if not told and before.get(path) != after.get(path)
    }

    assert differing == {("abilify-maintena", "document")}
