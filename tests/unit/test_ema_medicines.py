"""EMA's list of medicines: one record a medicine, nothing claimed that a row does not say."""

from __future__ import annotations

import pytest

from kit.ema_tables import (
    NEW_HEADINGS,
    OLD_HEADINGS,
    OLD_PREAMBLE,
    Row,
    a_list,
    a_medicine,
    a_workbook,
    medicine,
    only,
    read,
)
from watcher.core.facts import Fact, Record, State, Subject
from watcher.errors import ReadError
from watcher.readers.ema_medicines import READER

ENDED = "withdrawal_expiry_revocation_lapse_of_marketing_authorisation_date"
HOLDER = "marketing_authorisation_developer_applicant_holder"


def record(**row: object) -> Record:
    return only(read(READER, a_list([a_medicine(**row)])))


def told(**row: object) -> State:
    return record(**row).state()


def fact(path: str, **row: object) -> Fact:
    found = record(**row).fact(path)
    assert found is not None
    return found


def old(row: Row) -> State:
    return only(read(READER, a_workbook([row], OLD_HEADINGS, OLD_PREAMBLE))).state()


def test_a_row_becomes_the_facts_of_its_medicine():
    reading = read(READER, a_list([a_medicine(4258, name_of_medicine="Alofisel")]))

    assert only(reading).subject == medicine(4258)
    assert only(reading).state() == {
        "product.number": "EMEA/H/C/004258",
        "product.category": "Human",
        "product.brand_name": "Alofisel",
        "product.url": "https://www.ema.europa.eu/en/medicines/human/EPAR/medicine-4258",
        "authorisation[EU].status": "authorised",
        "flag[orphan]": False,
    }
    assert (reading.reader, reading.lists_all, reading.unknown) == ("ema_medicines@1", True, ())
    assert reading.published == "2026-09-26T04:02:29Z"


def test_every_fact_has_its_words_and_their_place():
    status = fact("authorisation[EU].status", medicine_status="Withdrawn ")

    assert status == Fact(
        "authorisation[EU].status", "withdrawn", "Withdrawn", "/data/0/medicine_status"
    )


def test_an_empty_cell_is_no_fact_and_a_no_is_false():
    state = told(orphan_medicine="No", biosimilar="", revision_number="", atc_code_human=" ")

    assert state["flag[orphan]"] is False
    assert not {"flag[biosimilar]", "product_information.revision", "product.atc_code"} & set(state)


@pytest.mark.parametrize(
    ("status", "path"),
    [
        ("Withdrawn", "authorisation[EU].withdrawn"),
        ("Revoked", "authorisation[EU].revoked"),
        ("Expired", "authorisation[EU].expired"),
        ("Lapsed", "authorisation[EU].lapsed"),
        ("Not renewed", "authorisation[EU].not_renewed"),
        ("Authorised", "authorisation[EU].ended"),
        ("Suspended", "authorisation[EU].ended"),
        ("Opinion", "authorisation[EU].ended"),
        ("Refused", "authorisation[EU].ended"),
        ("Application withdrawn", "application.withdrawn"),
        ("Withdrawn from rolling review", "application.withdrawn"),
        ("", "authorisation[EU].ended"),
    ],
)
def test_the_one_end_date_column_means_what_the_status_says(status: str, path: str):
    state = told(medicine_status=status, **{ENDED: "13/12/2024"})

    assert state[path] == "2024-12-13"
    assert [at for at, value in state.items() if value == "2024-12-13"] == [path]


def test_a_withdrawn_application_is_no_withdrawn_authorisation():
    state = told(
        medicine_status="Application withdrawn", withdrawal_of_application_date="12/03/2025"
    )

    assert state["application.withdrawn"] == "2025-03-12"
    assert state["authorisation[EU].status"] == "application_withdrawn"
    assert "authorisation[EU].withdrawn" not in state


def test_the_application_s_own_date_column_comes_before_the_shared_one():
    state = told(
        medicine_status="Withdrawn from rolling review",
        withdrawal_of_application_date="02/11/2021",
        **{ENDED: "03/11/2021"},
    )

    assert state["application.withdrawn"] == "2021-11-02"


@pytest.mark.parametrize(
    ("status", "role"),
    [
        ("Authorised", "holder"),
        ("Suspended", "holder"),
        ("Withdrawn", "holder"),
        ("Opinion", "applicant"),
        ("Refused", "applicant"),
        ("Application withdrawn", "applicant"),
        ("", "applicant"),
    ],
)
def test_one_column_names_a_holder_or_an_applicant_as_the_status_says(status: str, role: str):
    state = told(medicine_status=status, **{HOLDER: "Pfizer Europe MA EEIG\xa0"})

    name = "Pfizer Europe MA EEIG"
    assert state[f"authorisation[EU].{role}"] == {"name": name, "text": name}
    assert {"holder", "applicant"} & {path.rpartition(".")[2] for path in state} == {role}


def test_lists_texts_and_numbers_are_read_as_what_they_are():
    state = told(
        international_non_proprietary_name_common_name="insulin, human;glargine",
        therapeutic_area_mesh="Psoriasis;Arthritis, Psoriatic",
        species_veterinary="Pigs;Cattle",
        atc_code_human="L04AX08",
        pharmacotherapeutic_group_human="Drugs used in diabetes;A10",
        therapeutic_indication="type&nbsp;2 diabetes",
        revision_number="12",
        latest_procedure_affecting_product_information="II/0051/G",
        opinion_status="Positive",
    )

    assert state["product.inn"] == ["glargine", "insulin, human"]
    assert state["product.therapeutic_area"] == ["Arthritis, Psoriatic", "Psoriasis"]
    assert state["product.species"] == ["Cattle", "Pigs"]
    assert state["product.atc_code"] == "L04AX08"
    assert state["product.pharmacotherapeutic_group"] == "A10; Drugs used in diabetes"
    assert state["indication.text"] == "type 2 diabetes"
    assert state["product_information.revision"] == 12
    assert state["product_information.latest_procedure"] == "II/0051/G"
    assert state["opinion.outcome"] == "Positive"


def test_the_veterinary_group_stands_where_the_human_one_does():
    state = told(category="Veterinary", pharmacotherapeutic_group_veterinary="QI01")

    assert state["product.pharmacotherapeutic_group"] == "QI01"


@pytest.mark.parametrize(
    ("number", "printed"),
    [
        ("EMEA/H/C/002691            ", None),
        ("H/C/005084", None),
        ("H/C/002840/N/0049", "H/C/002840/N/0049"),
        ("H/C/PSUSA/00001187/202308", "H/C/PSUSA/00001187/202308"),
        ("R/0023", "R/0023"),
        ("H/C/WS2451", "H/C/WS2451"),
        ("EMEA/H/C005201", "EMEA/H/C005201"),
    ],
)
def test_a_damaged_number_is_kept_as_printed_and_the_address_stands_in(
    number: str, printed: str | None
):
    reading = read(READER, a_list([a_medicine(ema_product_number=number)]))
    state = only(reading).state()

    assert state.get("product.number_as_printed") == printed
    assert ("product.number" in state) is (printed is None)
    if printed:
        assert only(reading).subject == Subject("medicine", "slug:medicine-4258")
        place = "/data/0/ema_product_number"
        note = f"damaged product number: {printed} Medicine 4258 at {place}"
        assert reading.unknown == (note,)


def test_a_row_without_a_number_is_known_by_its_address():
    reading = read(READER, a_list([a_medicine(ema_product_number="")]))

    assert only(reading).subject == Subject("medicine", "slug:medicine-4258")
    assert reading.unknown == ("no product number: Medicine 4258 at /data/0/ema_product_number",)


def test_a_row_with_a_damaged_number_and_no_address_is_nobody_s():
    rows = [a_medicine(4258), a_medicine(ema_product_number="R/0023", medicine_url="")]
    reading = read(READER, a_list(rows))

    assert only(reading).subject == medicine(4258)
    [note] = reading.unknown
    assert note.endswith("expected a product number or an address beside it")


def test_a_row_without_a_status_keeps_its_other_facts_and_is_noted():
    reading = read(READER, a_list([a_medicine(medicine_status="")]))

    assert "authorisation[EU].status" not in only(reading).state()
    assert reading.unknown == (
        "no status: EMEA/H/C/004258 Medicine 4258 at /data/0/medicine_status",
    )


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("medicine_status", "Paused"),
        ("medicine_status", "withdrawn by somebody"),
    ],
)
def test_one_row_that_cannot_be_read_hides_no_other_and_claims_nothing(field: str, words: str):
    rows = [a_medicine(number) for number in range(1, 10)] + [a_medicine(10, **{field: words})]
    reading = read(READER, a_list(rows))

    assert {record.subject for record in reading.records} == {medicine(n) for n in range(1, 10)}
    [note] = reading.unknown
    assert note.startswith(
        f"unreadable: EMEA/H/C/000010 Medicine 10: {field} {words!r} at /data/9/"
    )


def paused(bad: int, rows: int) -> bytes:
    states = ["Paused"] * bad + ["Authorised"] * (rows - bad)
    return a_list([a_medicine(n, medicine_status=state) for n, state in enumerate(states, 1)])


@pytest.mark.parametrize(("bad", "rows"), [(5, 100), (7, 700), (1, 2)])
def test_up_to_five_or_one_in_a_hundred_unreadable_rows_are_left_out(bad: int, rows: int):
    assert len(read(READER, paused(bad, rows)).records) == rows - bad


@pytest.mark.parametrize(("bad", "rows"), [(6, 100), (8, 700), (2, 3), (1, 1)])
def test_more_unreadable_rows_than_that_are_a_drift_and_no_reading(bad: int, rows: int):
    with pytest.raises(ReadError) as caught:
        read(READER, paused(bad, rows))

    assert caught.value.expected == "a status of EMA's list as medicine_status"
    assert caught.value.found == f"'Paused' ({bad} of {rows} rows are unreadable)"
    assert caught.value.place == "/data/0/medicine_status"


def test_two_spellings_of_one_number_are_one_medicine_twice():
    rows = [a_medicine(4258), a_medicine(4258, ema_product_number="H-C-4258")]

    with pytest.raises(ReadError, match="medicine:EMEA/H/C/004258 in one row"):
        read(READER, a_list(rows))


def test_a_column_that_vanished_is_told_while_the_list_is_read():
    rows = [{key: cell for key, cell in a_medicine().items() if key != "patient_safety"}]

    assert read(READER, a_list(rows)).unknown == ("no column: patient_safety",)


def test_the_older_name_of_a_flag_is_the_same_flag():
    rows = [a_medicine() | {"generic_or_hybrid": "Yes"}]
    del rows[0]["generic"]

    assert only(read(READER, a_list(rows))).state()["flag[generic]"] is True


SHARED = {
    "name_of_medicine": "Incresync",
    "international_non_proprietary_name_common_name": "alogliptin;pioglitazone",
    "active_substance": "alogliptin benzoate;pioglitazone hydrochloride",
    "marketing_authorisation_date": "19/09/2013",
    "revision_number": "17",
    "last_updated_date": "14/08/2024",
    "generic": "No",
    HOLDER: "Takeda Pharma A/S",
}


def test_both_layouts_of_one_medicine_say_the_same_where_both_have_the_field():
    new = only(read(READER, a_workbook([a_medicine(2178, **SHARED)], NEW_HEADINGS))).state()
    before = old(
        a_medicine(2178, **{key: str(cell).replace(";", ", ") for key, cell in SHARED.items()})
    )

    both = new.keys() & before.keys()
    assert {path: new[path] for path in both} == {path: before[path] for path in both}
    assert len(both) == 12


def test_the_older_layout_lacks_columns_and_nothing_is_said_of_them():
    workbook = a_workbook([a_medicine(opinion_status="Positive")], OLD_HEADINGS, OLD_PREAMBLE)
    reading = read(READER, workbook)

    assert not {"opinion.outcome", "flag[prime]", "authorisation[EU].ended"} & set(
        only(reading).state()
    )
    assert reading.unknown == ()


def test_the_older_layout_parts_substances_by_commas_but_not_areas():
    state = old(
        a_medicine(
            international_non_proprietary_name_common_name="bimatoprost, timolol",
            active_substance="insulin, human",
            therapeutic_area_mesh="Leukemia, Myeloid",
            first_published_date=", ,   02/07/2018, , ",
            therapeutic_indication="Treatment of gout., ",
        )
    )

    assert state["product.inn"] == ["bimatoprost", "timolol"]
    assert state["product.active_substance"] == ["insulin, human"]
    assert state["product.therapeutic_area"] == ["Leukemia, Myeloid"]
    assert state["page.first_published"] == "2018-07-02"
    assert state["indication.text"] == "Treatment of gout."
