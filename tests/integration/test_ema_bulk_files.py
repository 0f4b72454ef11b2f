"""EMA's real bulk files of seven years, in both layouts, against figures counted by others."""

from __future__ import annotations

import gzip
import json
import tarfile
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import pytest

from kit.ema_tables import FIELDS, a_list
from watcher.core.diff import changes, diff
from watcher.core.events import Event
from watcher.core.facts import Reading, State, Subject
from watcher.readers.reader import Payload
from watcher.readers.registry import reader

pytestmark = pytest.mark.realdata

STATUSES = {
    "authorised": "A",
    "withdrawn": "W",
    "application_withdrawn": "AppW",
    "opinion": "Op",
    "opinion_under_reexamination": "ReEx",
    "expired": "Exp",
    "lapsed": "Lap",
    "refused": "R",
    "revoked": "Rev",
    "rolling_review_withdrawn": "RR",
    "suspended": "S",
    None: "-",
}
IN_2024 = "Exp 17 Lap 25 R 59 Rev 7 RR 2 S 1"
INVENTORY = {
    "2018-12-23_Medicines_output_EPAR": (1562, "A 1272 W 243 R 46 S 1"),
    "2019-11-25_Medicines_output_EPAR": (1644, "A 1326 W 266 R 51 S 1"),
    "2021-12-12_0200_Medicines_output_EPAR": (1860, "A 1484 W 321 R 54 - 1"),
    "2022-11-17_Medicines_output_EPAR": (1959, "A 1552 W 349 R 57 - 1"),
    "2024-08-15_0400_medicines_output_medicines_en": (
        2433,
        f"A 1680 W 354 AppW 249 Op 37 ReEx 2 {IN_2024}",
    ),
    "2024-08-16_0400_ea93aad_medicines_output_medicines_en": (
        2433,
        f"A 1680 W 354 AppW 249 Op 37 ReEx 2 {IN_2024}",
    ),
    "2024-08-22_1506_245eb08_medicines_output_medicines_en": (
        2433,
        f"A 1680 W 355 AppW 249 Op 36 ReEx 2 {IN_2024}",
    ),
    "2024-08-22_1506_3e5bdb8_resaved_medicines_output_medicines_en": (
        2433,
        f"A 1680 W 355 AppW 249 Op 36 ReEx 2 {IN_2024}",
    ),
    "2025-03-24_1041_medicines_output_medicines_en": (
        2515,
        "A 1741 W 373 AppW 258 Op 27 ReEx 1 Exp 17 Lap 25 R 61 Rev 8 RR 2 S 2",
    ),
    "2025-07-15_1800_medicines_output_medicines_en": (
        2576,
        "A 1762 W 380 AppW 262 Op 50 ReEx 4 Exp 19 Lap 26 R 61 Rev 8 RR 2 S 2",
    ),
}
"""Rows and statuses of each workbook, as counted by two scripts that are not ours."""

States = Mapping[Subject, State]


def body(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def reading(path: Path, name: str = "ema_medicines") -> Reading:
    return reader(name).read(Payload(body=body(path)))


@lru_cache(maxsize=3)
def states_in(path: Path) -> States:
    return {record.subject: record.state() for record in reading(path).records}


def workbook(shared_data: Path, begin: str) -> Path:
    [path] = (shared_data / "ema_bulk_xlsx").glob(f"{begin}*.xlsx")
    return path


def events(before: States, after: States) -> Iterator[tuple[str, Event]]:
    for subject in before.keys() & after.keys():
        for event in diff(subject, before[subject], after[subject]):
            yield str(after[subject]["product.brand_name"]), event


def medicines(told: list[tuple[str, Event]], kind: str) -> set[str]:
    return {name for name, event in told if event.type == kind}


@pytest.mark.parametrize("name", INVENTORY)
def test_rows_and_statuses_of_every_workbook_are_those_of_the_inventory(
    name: str, shared_data: Path
):
    found = states_in(shared_data / "ema_bulk_xlsx" / f"{name}.xlsx")
    rows, inventory = INVENTORY[name]
    statuses = Counter(STATUSES[state.get("authorisation[EU].status")] for state in found.values())

    words = inventory.split()
    assert len(found) == rows
    assert statuses == {
        word: int(count) for word, count in zip(words[::2], words[1::2], strict=True)
    }


@pytest.mark.parametrize(
    ("begin", "published", "notes"),
    [
        ("2018-12-23", "2018-12-23T01:08:00Z", []),
        ("2019-11-25", "2019-11-25T01:10:00Z", []),
        ("2021-12-12", "2021-12-12T01:00:00Z", ["no status: EMEA/H/C/004354 Aplidin"]),
        (
            "2024-08-15",
            "2024-08-15T02:00:00Z",
            [
                "damaged product number: H/C/002840/N/0049 Xydalba",
                "damaged product number: H/C/PSUSA/00001187/202308 Duloxetine Lilly",
                "damaged product number: H/C/WS2451 Bondronat",
                "damaged product number: R/0023 Xromi",
            ],
        ),
        ("2025-07-15", "2025-07-15T16:00:00Z", []),
    ],
)
def test_stamps_and_notes_of_the_workbooks_are_these_and_no_more(
    begin: str, published: str, notes: list[str], shared_data: Path
):
    read = reading(workbook(shared_data, begin))

    assert read.published == published
    assert sorted(note.partition(" at ")[0] for note in read.unknown) == notes


@pytest.mark.parametrize("day", ["2025-03-24", "2025-07-15"])
def test_the_json_file_says_what_the_workbook_of_the_same_hour_says(day: str, shared_data: Path):
    path = shared_data / "ema_bulk_json" / f"medicines_{day}.json.gz"

    assert states_in(path) == states_in(workbook(shared_data, day))


def test_real_rows_of_2026_are_read_without_a_note(shared_data: Path):
    read = reading(shared_data / "ema_bulk_json" / "ema-sample.SUBSET.json")
    told = {record.state()["product.brand_name"]: record.state() for record in read.records}

    assert (read.unknown, read.published) == ((), "2026-09-26T04:02:29Z")
    assert {name: state["authorisation[EU].status"] for name, state in told.items()} == {
        "Suboxone": "withdrawn",
        "Tolvaptan Accord": "authorised",
        "Fintepla": "authorised",
        "Tacquell": "refused",
        "Frehemgo": "opinion",
    }
    assert told["Suboxone"]["authorisation[EU].withdrawn"] == "2026-09-11"
    assert told["Fintepla"]["authorisation[EU].holder"] == {
        "name": "UCB Pharma S.A.",
        "text": "UCB Pharma S.A.",
    }
    assert str(told["Tacquell"]["indication.text"]).endswith("therapy.")


def test_real_documents_of_2026_are_read_without_a_note(shared_data: Path):
    read = reading(
        shared_data / "ema_bulk_json" / "epar-documents-sample.SUBSET.json", "ema_documents"
    )

    assert (read.unknown, read.published) == ((), "2026-09-26T03:49:47Z")
    assert {record.subject.id: len(record.facts) for record in read.records} == {
        "EMEA/H/C/000112": 2,
        "EMEA/H/C/000804": 1,
        "EMEA/H/C/004090": 2,
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [("2024-08-15", "2024-08-16"), ("2024-08-22_1506_245eb08", "2024-08-22_1506_3e5bdb8")],
)
def test_files_of_one_content_and_other_bytes_differ_in_nothing(
    one: str, other: str, shared_data: Path
):
    before, after = (states_in(workbook(shared_data, begin)) for begin in (one, other))

    assert before.keys() == after.keys()
    assert not any(changes(before[subject], after[subject]) for subject in before)


@pytest.mark.parametrize("begin", ["2018", "2019", "2021", "2022", "2024-08-22_1506_2", "2025-07"])
def test_alofisel_says_the_same_in_every_layout(begin: str, shared_data: Path):
    told = states_in(workbook(shared_data, begin))[Subject("medicine", "EMEA/H/C/004258")]

    assert told["product.brand_name"] == "Alofisel"
    assert told["product.inn"] == ["darvadstrocel"]
    assert told["authorisation[EU].granted"] == "2018-03-23"
    assert told["page.first_published"] == "2018-05-08"
    assert told["product.url"] == "https://www.ema.europa.eu/en/medicines/human/EPAR/alofisel"
    ended = begin == "2025-07"
    assert told["authorisation[EU].status"] == ("withdrawn" if ended else "authorised")
    assert told.get("authorisation[EU].withdrawn") == ("2024-12-13" if ended else None)


@pytest.mark.parametrize(
    ("begin", "path", "equal", "by_a_day"),
    [
        ("2019", "authorisation[EU].granted", 1465, 27),
        ("2019", "page.first_published", 1638, 0),
        ("2022", "authorisation[EU].granted", 1778, 8),
        ("2022", "page.first_published", 1946, 9),
    ],
)
def test_days_of_the_older_layout_are_the_days_of_the_newer_one(
    begin: str, path: str, equal: int, by_a_day: int, shared_data: Path
):
    older, newer = (states_in(workbook(shared_data, day)) for day in (begin, "2025-03"))
    pairs = [
        (str(older[subject][path]), str(newer[subject][path]))
        for subject in older.keys() & newer.keys()
        if path in older[subject] and path in newer[subject]
    ]

    # EMA itself corrected a few by a day; a clock read wrongly would shift hundreds.
    near = [(one, other) for one, other in pairs if one != other and one[:7] == other[:7]]
    assert (sum(one == other for one, other in pairs), len(near)) == (equal, by_a_day)


def test_the_week_of_august_2024_holds_one_withdrawal_one_grant_and_two_transfers(
    shared_data: Path,
):
    before, after = (
        states_in(workbook(shared_data, d)) for d in ("2024-08-16", "2024-08-22_1506_2")
    )
    told = list(events(before, after))

    assert before.keys() == after.keys()
    assert {event.type for _, event in told if event.type.startswith("authorisation.")} == {
        "authorisation.granted",
        "authorisation.withdrawn",
        "authorisation.holder_transferred",
    }
    assert medicines(told, "authorisation.granted") == {"GalliaPharm"}
    assert medicines(told, "authorisation.withdrawn") == {"Tremelimumab AstraZeneca"}
    assert medicines(told, "authorisation.holder_transferred") == {
        "Prometax",
        "Atazanavir Viatris (previously Atazanavir Mylan)",
    }


def test_the_spring_of_2025_holds_the_endings_of_the_inventory(shared_data: Path):
    before, after = (
        states_in(shared_data / "ema_bulk_json" / f"medicines_{day}.json.gz")
        for day in ("2025-03-24", "2025-07-15")
    )
    told = list(events(before, after))

    assert (len(after.keys() - before.keys()), before.keys() - after.keys()) == (61, set())
    assert medicines(told, "authorisation.withdrawn") == {
        "Extavia",
        "Pirsue",
        "Arsenic trioxide Mylan",
        "BroPair Spiromax",
        "Beqvez (previously Durveqtix)",
        "Jetrea",
        "Regkirona",
        "Zostavax",
    }
    assert len(medicines(told, "authorisation.granted")) == 25
    assert medicines(told, "authorisation.lapsed") == {"Ontilyv"}
    assert medicines(told, "authorisation.expired") == {"Translarna"}
    assert medicines(told, "authorisation.relabelled") == {"Blenrep"}
    assert medicines(told, "application.withdrawn") == {"Cinainu"}
    assert not medicines(told, "authorisation.reinstated")


def as_ema_s(published: Mapping[str, object]) -> bytes:
    """A third party's file, made of EMA's, in EMA's columns again: without numbers and statuses."""
    renamed = {
        "name": "name_of_medicine",
        "inn": "international_non_proprietary_name_common_name",
        "areas": "therapeutic_area_mesh",
        "groups": "pharmacotherapeutic_group_human",
        "indication": "therapeutic_indication",
        "holder": "marketing_authorisation_developer_applicant_holder",
        "authorisationDate": "marketing_authorisation_date",
        "url": "medicine_url",
    }
    rows, meta = published["medicines"], published["meta"]
    assert isinstance(rows, list)
    assert isinstance(meta, dict)
    common = dict.fromkeys(FIELDS, "") | {"category": "Human", "medicine_status": "Authorised"}
    told = [{**common, **{renamed[key]: cell for key, cell in row.items()}} for row in rows]
    return a_list(told, timestamp=meta["sourceTimestamp"], total_records=meta["count"])


def test_a_week_of_twice_daily_files_holds_one_indication_and_one_change_of_schema(
    shared_data: Path,
):
    archive = shared_data / "ema_bulk_json" / "authorised_subset_2026-08-11_to_17.tar.xz"
    steps: list[Counter[str]] = []
    before: States = {}
    with tarfile.open(archive) as packed:
        files = (member for member in packed.getmembers() if member.isfile())
        for member in sorted(files, key=lambda found: found.name):
            file = packed.extractfile(member)
            assert file is not None
            payload = Payload(body=as_ema_s(json.load(file)))
            read = reader("ema_medicines").read(payload)
            after = {record.subject: record.state() for record in read.records}
            assert len(after) == 1563
            found = [changes(before[s], after[s]) for s in after] if before else []
            steps.append(Counter(change.path for each in found for change in each))
            before = after

    assert steps[1] == {"indication.text": 1}
    assert steps[3].keys() == {
        "authorisation[EU].granted",
        "authorisation[EU].holder",
        "product.pharmacotherapeutic_group",
    }
    assert not any(step for at, step in enumerate(steps) if at not in {1, 3})
