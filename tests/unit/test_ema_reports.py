"""EMA's smaller reports: what their columns say, under which name, and what has drifted."""

from __future__ import annotations

import re

import pytest

from kit.ema_tables import a_list, only, read
from watcher.core.facts import Record, State, Subject, split_path
from watcher.core.watch_list import WatchList, judge, matches
from watcher.errors import ReadError
from watcher.readers.registry import reader
from watcher.readers.report_columns import REPORTS

PAGE = "https://www.ema.europa.eu/en/medicines"
ROWS: dict[str, dict[str, object]] = {
    "ema_post_authorisation": {
        "category": "Human",
        "name_of_medicine": "Example",
        "ema_product_number": "EMEA/H/C/001241",
        "post_authorisation_procedure_status": "Opinion",
        "post_authorisation_opinion_status": "Positive",
        "post_authorisation_opinion_date": "25/01/2024",
        "medicine_url": f"{PAGE}/human/variation/example",
    },
    "ema_orphan_designations": {
        "medicine_name": "Example",
        "related_ema_product_number": "EMEA/H/C/004258",
        "active_substance": "an example",
        "date_of_designation_or_refusal": "08/10/2009",
        "intended_use": "Treatment of anal fistula",
        "eu_designation_number": "EU/3/09/667",
        "status": "Positive",
        "orphan_designation_url": f"{PAGE}/human/orphan-designations/eu309667",
    },
    "ema_referrals": {
        "category": "Human",
        "referral_name": "Examples",
        "current_status": "Under evaluation",
        "safety_referral": "Yes",
        "reference_number": "EMEA/H/A-31/1291",
        "procedure_start_date": "11/01/2012",
        "associated_names_centrally_authorised_medicines": "Other;Example",
        "referral_url": f"{PAGE}/human/referrals/examples",
    },
    "ema_shortages": {
        "category": "Human",
        "medicine_affected": "Example",
        "supply_shortage_status": "Ongoing",
        "availability_of_alternatives": "Yes",
        "start_of_shortage_date": "01/02/2026",
        "expected_resolution_date": "",
        "shortage_url": f"{PAGE}/human/shortages/example",
    },
    "ema_dhpc": {
        "category": "Human",
        "name_of_medicine": "Example",
        "dhpc_type": "Adverse event",
        "regulatory_outcome": "Variation",
        "dissemination_date": "12/06/2026",
        "dhpc_url": f"{PAGE}/dhpc/example-0",
    },
    "ema_psusa": {
        "procedure_number": "PSUSA/00002696/202203",
        "regulatory_outcome": "Maintenance",
        "active_substances_in_scope_of_procedure": "an example",
        "psusa_url": f"{PAGE}/psusa/psusa-00002696-202203",
    },
    "ema_pip": {
        "decision_number": "P/0123/2026",
        "pip_number": "EMEA-000001-PIP01-26",
        "decision_type": "P: decision agreeing on an investigation plan",
        "decision_date": "30/04/2026",
        "pip_url": f"{PAGE}/human/paediatric-investigation-plans/emea-000001-pip01-26",
    },
}


def record(report: str, **more: object) -> Record:
    return only(read(reader(report), a_list([{**ROWS[report], **more}])))


def told(report: str, **more: object) -> State:
    return record(report, **more).state()


@pytest.mark.parametrize(
    ("report", "subject", "said"),
    [
        (
            "ema_post_authorisation",
            "procedure:example",
            {
                "product.number": "EMEA/H/C/001241",
                "post_authorisation.status": "Opinion",
                "post_authorisation.opinion_outcome": "Positive",
                "post_authorisation.opinion_adopted": "2024-01-25",
            },
        ),
        (
            "ema_orphan_designations",
            "orphan_designation:EU/3/09/667",
            {
                "orphan_designation.status": "positive",
                "orphan_designation.granted": "2009-10-08",
                "orphan_designation.products": ["EMEA/H/C/004258"],
                "orphan_designation.intended_use": "Treatment of anal fistula",
            },
        ),
        (
            "ema_referrals",
            "referral:EMEA/H/A-31/1291",
            {
                "referral.status": "Under evaluation",
                "referral.started": "2012-01-11",
                "referral.is_on_safety": True,
                "referral.centrally_authorised": ["Example", "Other"],
            },
        ),
        (
            "ema_shortages",
            "shortage:example",
            {"shortage.status": "ongoing", "shortage.started": "2026-02-01"},
        ),
        (
            "ema_dhpc",
            "dhpc:example-0",
            {"dhpc.regulatory_outcome": "Variation", "dhpc.disseminated": "2026-06-12"},
        ),
        (
            "ema_psusa",
            "psusa:PSUSA/00002696/202203",
            {"psusa.regulatory_outcome": "Maintenance", "psusa.in_scope": ["an example"]},
        ),
        (
            "ema_pip",
            "pip:P/0123/2026",
            {"pip.number": "EMEA-000001-PIP01-26", "pip.decided": "2026-04-30"},
        ),
    ],
)
def test_each_report_tells_its_own_facts_of_its_own_subject(report: str, subject: str, said: State):
    read_as = record(report)

    assert read_as.subject == Subject.parse(subject)
    assert said.items() <= read_as.state().items()
    assert all(fact.quote and fact.place for fact in read_as.facts)


NAMING = [
    (
        "ema_post_authorisation",
        "name_of_medicine",
        "international_non_proprietary_name_common_name",
    ),
    ("ema_orphan_designations", "medicine_name", "active_substance"),
    ("ema_orphan_designations", "related_ema_product_number", "active_substance"),
    (
        "ema_referrals",
        "associated_names_centrally_authorised_medicines",
        "international_non_proprietary_name_inn_common_name",
    ),
    (
        "ema_referrals",
        "associated_names_non_centrally_authorised_medicines",
        "international_non_proprietary_name_inn_common_name",
    ),
    (
        "ema_shortages",
        "medicine_affected",
        "international_non_proprietary_name_inn_or_common_name",
    ),
    ("ema_dhpc", "name_of_medicine", "active_substances"),
    ("ema_dhpc", "other_related_medicines_nationally_authorised", "active_substances"),
    ("ema_psusa", "related_medicines", "active_substances_in_scope_of_procedure"),
    ("ema_psusa", "related_medicines", "active_substance"),
    ("ema_pip", "invented_name", "active_substance"),
]
"""Each column that names medicines, with one of the same report that names substances."""


@pytest.mark.parametrize(("report", "medicine", "substance"), NAMING)
def test_whoever_watches_a_medicine_or_substance_hears_of_each_row_that_names_it(
    report: str, medicine: str, substance: str
):
    named = "EMEA/H/C/004258" if "number" in medicine else "Testol"
    row = record(report, **{medicine: named, substance: "darvadstrocel"})

    def reasons(**filters: tuple[str, ...]) -> str:
        return str(judge(WatchList(id="mine", **filters), row.subject, row.state()))

    assert reasons(products=(named,)) == f"product: {named}"
    assert reasons(substances=("darvadstrocel",)) == "substance: darvadstrocel"
    assert reasons(products=("Test",)).startswith("not on watch list")


@pytest.mark.parametrize(
    "affected",
    ["Testol", "Testol (darvadstrocel)", "Testol 20 mg tablets", "TESTOL supply shortage"],
)
def test_a_shortage_of_one_strength_is_one_of_the_medicine(affected: str):
    row = record("ema_shortages", medicine_affected=affected)

    assert matches(WatchList(id="mine", products=("Testol",)), row.subject, row.state())
    assert not matches(WatchList(id="mine", products=("Testol Forte",)), row.subject, row.state())


def test_every_column_that_names_medicines_or_substances_is_one_that_watch_lists_look_at():
    looked_at = {column for _, *columns in NAMING for column in columns}
    naming = re.compile(r"medicine|invented_name|active_substance|non_proprietary")
    other = re.compile(r"_url$|^ema_product_number$|medicine_type|^orphan|^prime")
    found = {
        column.field
        for report in REPORTS.values()
        for column in report.columns
        if column.path and naming.search(column.field) and not other.search(column.field)
    }

    assert found <= looked_at


@pytest.mark.parametrize("report", REPORTS)
def test_every_path_of_every_report_is_a_path_and_every_row_has_its_page(report: str):
    paths = [column.path for column in REPORTS[report].columns if column.path]

    assert all(split_path(path).leaf for path in paths)
    assert len(paths) == len(set(paths))
    assert str(told(report)["page.url"]).startswith(PAGE)


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_lists_all_and_knows_all_its_columns(report: str):
    reading = read(reader(report), a_list([ROWS[report]]))

    assert (reading.lists_all, reading.unknown) == (True, ())
    assert reading.reader == f"{report}@1"


@pytest.mark.parametrize(
    ("report", "today", "formerly", "path"),
    [
        (
            "ema_orphan_designations",
            {"date_of_designation_or_refusal": "08/10/2009"},
            {"date_of_designation_refusal": "08/10/2009"},
            "orphan_designation.granted",
        ),
        (
            "ema_referrals",
            {"safety_referral": "Yes"},
            {"safety_referral": "Sì"},
            "referral.is_on_safety",
        ),
        (
            "ema_shortages",
            {"supply_shortage_status": "Ongoing"},
            {"supply_shortage_status": "Shortage ongoing"},
            "shortage.status",
        ),
        (
            "ema_shortages",
            {"supply_shortage_status": "Resolved"},
            {"supply_shortage_status": "Shortage resolved"},
            "shortage.status",
        ),
    ],
)
def test_names_and_words_that_have_drifted_mean_what_they_meant(
    report: str, today: dict[str, object], formerly: dict[str, object], path: str
):
    rows = [
        {key: cell for key, cell in ROWS[report].items() if key not in today} | changed
        for changed in (today, formerly)
    ]
    one, other = (only(read(reader(report), a_list([row]))).state()[path] for row in rows)

    assert one == other


def test_the_one_date_of_an_orphan_designation_is_that_of_its_refusal_if_it_was_refused():
    refused = told("ema_orphan_designations", status="Negative", eu_designation_number="")

    assert refused["orphan_designation.refused"] == "2009-10-08"
    assert "orphan_designation.granted" not in refused


def test_a_row_without_a_number_is_known_by_its_page():
    without = record("ema_orphan_designations", eu_designation_number="")

    assert without.subject == Subject("orphan_designation", "eu309667")


def test_a_variation_that_is_withdrawn_is_no_withdrawn_application_for_the_medicine():
    state = told("ema_post_authorisation", withdrawal_of_application_date="12/03/2025")

    assert state["variation_application.withdrawn"] == "2025-03-12"
    assert "application.withdrawn" not in state


def test_rows_that_share_a_number_are_told_apart_and_their_order_does_not_matter():
    row = ROWS["ema_pip"]
    rows = [row, {**row, "pip_url": f"{row['pip_url']}-0"}]
    one, other = (
        {record.subject: record.state()["page.url"] for record in reading.records}
        for reading in (
            read(reader("ema_pip"), a_list(rows)),
            read(reader("ema_pip"), a_list(rows[::-1])),
        )
    )

    assert len(one) == 2
    assert one == other


@pytest.mark.parametrize(
    ("report", "field", "words"),
    [
        ("ema_shortages", "supply_shortage_status", "Paused"),
        ("ema_orphan_designations", "status", "Pending"),
        ("ema_referrals", "current_status", "Somewhere"),
        ("ema_dhpc", "regulatory_outcome", "Nothing"),
        ("ema_psusa", "regulatory_outcome", "Nothing"),
        ("ema_pip", "decision_date", "soon"),
    ],
)
def test_an_unknown_word_leaves_out_its_row_and_is_named(report: str, field: str, words: str):
    page = REPORTS[report].page
    rows = [{**ROWS[report], page: f"{PAGE}/{number}"} for number in range(3)]
    rows[2][field] = words
    reading = read(reader(report), a_list(rows))

    assert len(reading.records) == 2
    [note] = reading.unknown
    assert f"{field} {words!r} at /data/2/{field}" in note


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_whose_rows_are_all_unreadable_is_no_reading(report: str):
    with pytest.raises(ReadError, match="1 of 1 rows are unreadable"):
        read(reader(report), a_list([{**ROWS[report], "last_updated_date": "soon"}]))


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_in_place_of_another_is_refused(report: str):
    other = "ema_dhpc" if report != "ema_dhpc" else "ema_psusa"

    with pytest.raises(ReadError, match="expected a column"):
        read(reader(report), a_list([ROWS[other]]))
