from __future__ import annotations

import pytest

from factories import ALOFISEL, a_state
from watcher.core.diff import diff
from watcher.core.taxonomy import Severity

WITHDRAWN = {
    "authorisation[EU].status": "withdrawn",
    "authorisation[EU].withdrawn": "2024-12-13",
    "authorisation[EU].withdrawn.actor": "European Commission",
    "authorisation[EU].withdrawn.requested_by": "Takeda Pharma A/S",
    "authorisation[EU].withdrawn.requested_by_role": "marketing authorisation holder",
    "authorisation[EU].withdrawn.reason_text": "decision to permanently stop the marketing",
    "authorisation[EU].validity": "no longer valid",
}


def types(before, after):
    return [event.type for event in diff(ALOFISEL, before, after)]


def test_a_withdrawal_is_told_once_with_all_that_was_stated_with_it():
    (event,) = diff(ALOFISEL, a_state(), a_state(**WITHDRAWN))

    assert event.type == "authorisation.withdrawn"
    assert event.severity is Severity.CRITICAL
    assert (event.jurisdiction, event.effective) == ("EU", "2024-12-13")
    assert event.details == {
        "before": "authorised",
        "after": "withdrawn",
        "actor": "European Commission",
        "requested_by": "Takeda Pharma A/S",
        "requested_by_role": "marketing authorisation holder",
        "reason_text": "decision to permanently stop the marketing",
        "reason_category": "not_stated",
    }


def test_a_withdrawal_without_a_date_is_a_withdrawal_and_its_date_is_not_made_up():
    (event,) = diff(ALOFISEL, a_state(), a_state(**{"authorisation[EU].status": "withdrawn"}))

    assert (event.type, event.effective) == ("authorisation.withdrawn", "")


def test_a_wrong_grant_date_on_a_withdrawn_page_is_part_of_the_story_and_not_its_date():
    after = a_state(
        **{"authorisation[EU].status": "withdrawn", "authorisation[EU].granted": "2026-02-18"}
    )

    (event,) = diff(ALOFISEL, a_state(), after)

    assert (event.type, event.effective) == ("authorisation.withdrawn", "")


def test_each_jurisdiction_has_its_own_end():
    before = a_state(**{"authorisation[JP].status": "authorised"})
    after = {**before, **WITHDRAWN}

    assert [(event.type, event.jurisdiction) for event in diff(ALOFISEL, before, after)] == [
        ("authorisation.withdrawn", "EU")
    ]


def test_the_end_of_sales_in_japan_is_no_withdrawal():
    after = a_state(**{"market[JP].discontinued": "2026-01"})

    (event,) = diff(ALOFISEL, a_state(), after)

    assert (event.type, event.jurisdiction, event.effective) == ("market.ceased", "JP", "2026-01")


def test_who_ended_the_sales_is_told_with_it_and_twice_said_is_once_told():
    after = a_state(
        **{"market[JP].discontinued": "2026-01", "market[JP].discontinued.actor": "Takeda Pharma"}
    )

    (event,) = diff(ALOFISEL, a_state(), after)

    assert event.details == {"actor": "Takeda Pharma"}


def test_withdrawn_from_the_market_beside_a_withdrawn_authorisation_is_one_event():
    before = {"product.brand_name": "Alofisel"}
    after = {
        **before,
        "authorisation[EU].withdrawn": "2024-12",
        "market[EU].withdrawn": "2024-12",
        "market[JP].discontinued": "2026-01",
    }

    assert types(before, after) == ["authorisation.withdrawn", "market.ceased"]


def test_a_source_without_a_status_tells_an_ending_in_words():
    before = {"product.brand_name": "Alofisel"}
    after = {**before, "authorisation[EU].withdrawn": "2024-12"}

    (event,) = diff(ALOFISEL, before, after)

    assert (event.type, event.effective) == ("authorisation.withdrawn", "2024-12")
    assert event.details["before"] == "unknown"


def test_a_withdrawal_date_on_a_medicine_still_authorised_is_an_announcement():
    assert types(a_state(), a_state(**{"authorisation[EU].withdrawn": "2027-01-01"})) == [
        "authorisation.withdrawal_announced"
    ]


def test_a_date_filled_in_long_after_the_end_is_no_alarm():
    ended = a_state(**{"authorisation[EU].status": "withdrawn"})

    (event,) = diff(ALOFISEL, ended, {**ended, "authorisation[EU].withdrawn": "2010-05-01"})

    assert (event.type, event.severity) == ("fact.changed", Severity.LOW)
    assert event.nature == "backfilled"


@pytest.mark.parametrize(
    ("path", "before", "after", "event", "nature"),
    [
        ("authorisation[EU].granted", "2018-03", "2018-03-23", "fact.changed", "refined"),
        (
            "authorisation[EU].granted",
            "2018-03-23",
            "2018-03-24",
            "authorisation.date_corrected",
            "changed",
        ),
        ("product.atc_code", "L04", "L04AX08", "fact.changed", "refined"),
        ("product.atc_code", "L04", "N02", "classification.atc_changed", "changed"),
        ("product.brand_name", "ALOFISEL", "Alofisel", "fact.changed", "respelled"),
        ("product.brand_name", "Alofisel", "Evfraxy", "product.renamed", "changed"),
        ("product.inn", ["Tirzepatide"], ["tirzepatide"], "fact.changed", "respelled"),
        ("product.inn", ["a", "b"], ["a", "c"], "substance.renamed", "changed"),
        (
            "indication.text",
            "Plaque psoriasisYesintek is",
            "Plaque psoriasis: Yesintek is",
            "fact.changed",
            "respelled",
        ),
        (
            "indication.text",
            "adults",
            "adults and children",
            "product_information.section_changed",
            "changed",
        ),
        ("flag[orphan]", True, False, "flag.changed", "changed"),
        ("flag[additional_monitoring]", False, True, "additional_monitoring.added", "changed"),
        ("flag[additional_monitoring]", True, False, "additional_monitoring.removed", "changed"),
        ("supply_status[EU]", "POM", "P", "supply_status.changed", "changed"),
        ("page.last_updated", "2025-01-21", "2025-04-29", "fact.changed", "changed"),
    ],
)
def test_a_fact_that_changes_alone_has_its_own_kind_of_event(path, before, after, event, nature):
    (told,) = diff(ALOFISEL, a_state(**{path: before}), a_state(**{path: after}))

    assert (told.type, told.nature) == (event, nature)


def test_a_conditional_authorisation_that_ends_was_not_converted():
    before = a_state(**{"flag[conditional_approval]": True})
    ended = a_state(**WITHDRAWN, **{"flag[conditional_approval]": False})
    standard = a_state(**{"flag[conditional_approval]": False})

    assert types(before, ended) == ["authorisation.withdrawn", "flag.changed"]
    assert types(before, standard) == ["authorisation.converted_to_standard"]


@pytest.mark.parametrize(
    ("before", "after", "event"),
    [
        ("Takeda Pharma A/S", "Takeda Pharma", "fact.changed"),
        ("N.V. Organon", "Organon N. V.", "fact.changed"),
        ("Médicament Santé SAS", "Medicament Sante S.A.S.", "fact.changed"),
        ("Eisai Limited", "Eisai Ltd", "fact.changed"),
        ("Eisai Ltd", "Eisai GmbH", "authorisation.holder_transferred"),
        ("Evolus Limited", "Evolus B.V.", "authorisation.holder_transferred"),
        ("Neurocrine Netherlands B.V.", "Immedica Pharma AB", "authorisation.holder_transferred"),
    ],
)
def test_a_holder_spelled_otherwise_is_the_same_holder(before, after, event):
    path = "authorisation[EU].holder"
    states = [a_state(**{path: {"name": name, "text": name}}) for name in (before, after)]

    assert types(*states) == [event]


def test_a_holder_whose_name_runs_into_the_address_is_the_same_holder():
    path = "authorisation[EU].holder"
    name = "Takeda Pharmaceuticals International AG Ireland Branch"
    before = a_state(**{path: {"name": name, "text": f"{name}, Block 2 Miesian Plaza"}})
    joined = f"{name} Block 2 Miesian Plaza 50-58 Baggot Street"
    after = a_state(**{path: {"name": "Takeda Pharmaceuticals International AG", "text": joined}})

    assert types(before, after) == ["fact.changed"]


@pytest.mark.parametrize(
    ("before", "after", "event"),
    [
        ({"title": "A", "url": "u"}, {"title": "B", "url": "u"}, "document.renamed"),
        ({"title": "A", "url": "u"}, {"title": "A", "url": "v"}, "document.moved"),
        (
            {"title": "A", "last_updated": "2025-01-21"},
            {"title": "A", "last_updated": "2025-04-29"},
            "document.revised",
        ),
        (
            {"title": "A", "first_published": "2018-04-03"},
            {"title": "A", "first_published": "2018-04-04"},
            "document.date_changed",
        ),
        ({"title": "A", "size": "1 MB"}, {"title": "A", "size": "2 MB"}, "document.revised"),
        (
            {"title": "A", "categories": ["X"]},
            {"title": "A", "categories": ["X", "Y"]},
            "document.recategorised",
        ),
        ({"title": "A : B"}, {"title": "A: B"}, "fact.changed"),
        (
            {"title": "A", "translations": {"fi": {"size": "1 KB"}}},
            {"title": "A", "translations": {}},
            "document.translation_changed",
        ),
    ],
)
def test_what_changed_about_a_document_names_the_event(before, after, event):
    assert types(a_state(**{"document[x]": before}), a_state(**{"document[x]": after})) == [event]


def test_a_revision_is_one_event_with_its_procedure_and_dates():
    before = a_state(
        **{"product_information.revision": 11, "product_information.latest_procedure": "IB/0044"}
    )
    after = a_state(
        **{
            "product_information.revision": 12,
            "product_information.latest_procedure": "II/0051/G",
            "page.last_updated": "2025-04-29",
        }
    )

    assert types(before, after) == ["product_information.updated"]
    assert types(a_state(), a_state(**{"product_information.revision": 1})) == [
        "product_information.updated"
    ]


def test_a_grant_is_told_with_what_it_begins_with():
    before = {
        "product.brand_name": "New",
        "authorisation[EU].status": "opinion",
        "authorisation[EU].applicant": {"name": "A", "text": "A"},
        "flag[additional_monitoring]": False,
    }
    after = {
        "product.brand_name": "New",
        "authorisation[EU].status": "authorised",
        "authorisation[EU].granted": "2026-08-20",
        "authorisation[EU].holder": {"name": "A", "text": "A"},
        "flag[additional_monitoring]": True,
    }

    assert types(before, after) == ["authorisation.granted"]


def test_a_status_stated_for_the_first_time_is_no_grant_but_an_ending_is_told():
    before = {"product.brand_name": "Aplidin"}

    assert types(before, {**before, "authorisation[EU].status": "authorised"}) == ["fact.changed"]
    assert types(before, {**before, "authorisation[EU].status": "withdrawn"}) == [
        "authorisation.withdrawn"
    ]


def test_a_list_cut_otherwise_is_the_same_list():
    before = a_state(**{"product.therapeutic_area": ["Carcinoma, Hepatocellular, Pain"]})
    after = a_state(**{"product.therapeutic_area": ["Carcinoma, Hepatocellular", "Pain"]})

    (event,) = diff(ALOFISEL, before, after)

    assert (event.type, event.nature) == ("fact.changed", "respelled")


def test_a_medicine_renamed_has_no_new_indication():
    text = "{} is indicated for nothing."
    before = a_state(**{"product.brand_name": "Old", "indication.text": text.format("Old")})
    after = a_state(**{"product.brand_name": "New", "indication.text": text.format("New")})

    assert sorted(types(before, after)) == ["fact.changed", "product.renamed"]


def test_a_document_whose_key_changed_is_one_document():
    before = a_state(**{"document[old]": {"title": "A", "reference_number": "EMA/1/2024"}})
    after = a_state(
        **{"document[new]": {"title": "A", "reference_number": "EMA/1/2024", "url": "u"}}
    )

    assert types(before, after) == ["document.moved"]


def test_an_old_document_with_a_new_reference_number_is_the_old_document():
    before = {"title": "A", "url": "https://x/a_en.pdf", "reference_number": "EMA/1/2020"}
    after = {**before, "reference_number": "EMA/2/2026"}

    assert types(
        a_state(**{"document[EMA/1/2020]": before}), a_state(**{"document[EMA/2/2026]": after})
    ) == ["fact.changed"]


def test_documents_are_added_and_removed():
    before = a_state(**{"document[x]": {"title": "Gone", "first_published": "2018-04-04"}})
    after = a_state(**{"document[y]": {"title": "New", "first_published": "2025-03-26"}})

    assert types(before, after) == ["document.removed", "document.added"]


def test_an_address_that_leads_to_another_title_without_any_number_is_the_same_document():
    old, new = ({"title": title, "url": "https://ema.example/a.pdf"} for title in ("One", "Other"))

    (told,) = diff(ALOFISEL, {"document[1]": old}, {"document[2]": new})

    assert told.type == "document.renamed"
