"""What the Union Register says of its products, and what it does not."""

from __future__ import annotations

import pytest

from kit.register import (
    Row,
    a_list,
    a_product,
    authorisation,
    dataset,
    line,
    listed,
    name_line,
    page,
    procedure,
)
from watcher.core.facts import Reading, Subject, Value
from watcher.errors import ReadError
from watcher.readers.reader import Payload
from watcher.readers.union_register import MAX_BYTES, READER

HTML = "https://ec.europa.eu/health/documents/community-register/html/"
ALOFISEL = [name_line("Alofisel"), line("eu_num", "EU/1/17/1261")]


def read(body: bytes, page_name: str = "h1261.htm") -> Reading:
    return READER.read(Payload(body=body, url=HTML + page_name))


def state(body: bytes) -> dict[str, Value]:
    [record] = read(body).records
    return record.state()


def test_a_list_names_its_products_by_the_registers_number():
    reading = read(a_list([listed("EU/1/17/1261", "Alofisel")]), "reg_hum_act.htm")

    [record] = reading.records
    assert record.subject == Subject("euregister", "EU/1/17/1261")
    assert record.state() == {
        "product.eu_number": "EU/1/17/1261",
        "product.category": "Human",
        "register.url": f"{HTML}h1261.htm",
        "register.list": "active",
        "product.brand_name": "Alofisel",
        "product.inn": ["inn"],
        "indication.text": "For tests.",
        "authorisation[EU].holder": {"name": "Holder & Co. KG", "text": "Holder & Co. KG"},
    }
    assert (reading.lists_all, reading.published) == (True, "2025-11-12")


def test_a_list_says_no_status():
    reading = read(a_list([listed("EU/1/17/1261", "Alofisel")]), "reg_hum_nact.htm")

    states = reading.records[0].state()
    assert states["register.list"] == "no longer active"
    assert "authorisation[EU].status" not in states


def test_a_row_that_cannot_be_read_is_noted_and_the_list_is_not_complete():
    rows: list[Row] = [listed("EU/1/17/1261", "Alofisel"), {"name": "Nameless"}]
    reading = read(a_list(rows))

    assert len(reading.records) == 1
    assert not reading.lists_all
    assert reading.unknown == ("dataSet[1]: expected one row a product with its number",)


def test_a_product_without_an_eu_number_is_known_by_its_page():
    row = {**listed("EU/1/17/1", "Refused one"), "eu_num": {"pre": "ho", "id": "26270"}}

    assert read(a_list([row])).records[0].subject == Subject("euregister", "ho26270")


def test_a_column_that_is_new_is_noted():
    reading = read(a_list([listed("EU/1/17/1261", "Alofisel", shelf="3")]))

    assert reading.unknown == ("dataSet: shelf",)


def test_a_list_of_nothing_we_know_is_an_error():
    with pytest.raises(ReadError, match="expected products"):
        read(a_list([{"name": "Nameless"}]))


def test_a_list_of_orphan_designations_speaks_of_sponsors():
    reading = read(a_list([listed("EU/3/22/2680", "EU/3/22/2680", pre="o")]))

    states = reading.records[0].state()
    assert states["orphan_designation.sponsor"] == {
        "name": "Holder & Co. KG",
        "text": "Holder & Co. KG",
    }
    assert "authorisation[EU].holder" not in states


def test_a_product_page_says_what_the_product_is():
    told = state(
        a_product(
            [
                *ALOFISEL,
                line("inn", "Lutetium (<sup>177</sup>Lu) / &#185;&#179;C-urea"),
                line("indication", "<u>Adults</u><br/>aged < 18 years<new indication>."),
                line("mah", "Takeda A/S", {"pre": "mh", "address": "Delta Park 45, 2665 Vallens"}),
                line("atc", None, [[{"code": "L04"}, {"code": "L04AX08"}, {"code": "none"}]]),
                line("ema_links", None, [{"url": "https://www.ema.europa.eu/x"}]),
            ],
            [authorisation("EMEA/H/C/4258", "2018-03-23")],
        )
    )

    assert told["product.number"] == "EMEA/H/C/004258"
    assert told["product.inn"] == ["Lutetium (177Lu)", "¹³C-urea"]
    assert told["indication.text"] == "Adults aged < 18 years<new indication>."
    assert told["product.atc_code"] == "L04AX08"
    assert told["product.url"] == "https://www.ema.europa.eu/x"
    assert told["authorisation[EU].granted"] == "2018-03-23"
    assert told["authorisation[EU].holder"] == {
        "name": "Takeda A/S",
        "text": "Takeda A/S, Delta Park 45, 2665 Vallens",
    }


def test_the_subject_is_the_medicine_the_first_authorisation_names():
    reading = read(
        a_product(
            ALOFISEL,
            [
                procedure("2", ema="EMEA/H/V/4258/I/5"),
                authorisation("EMEA/H/C/4258", "2018-03-23"),
                procedure("3", "Centralised - Authorisation", "EMEA/H/C/4258/X/15"),
            ],
        )
    )

    assert reading.records[0].subject == Subject("medicine", "EMEA/H/C/004258")


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [procedure("2", ema="EMEA/H/C/4258/II/5")],
        [authorisation("EMEA/H/C/1", "2018-03-23"), {**authorisation("EMEA/H/C/2", ""), "id": "9"}],
    ],
)
def test_without_one_clear_product_number_the_registers_own_number_stands(rows: list[Row]):
    reading = read(a_product(ALOFISEL, rows))

    assert reading.records[0].subject == Subject("euregister", "EU/1/17/1261")
    assert reading.records[0].fact("product.number") is None


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("ACTIVE", "authorised"),
        ("Withdrawn", "withdrawn"),
        ("REVOKED", "revoked"),
        ("Suspended", "suspended"),
        ("REFUSED", "refused"),
        ("Not renewed", "not_renewed"),
        ("EXPIRED", "expired"),
        ("Expired / Sunset clause", "expired"),
    ],
)
def test_the_registers_words_have_a_place_on_the_axis_of_authorisation(words: str, status: str):
    told = state(a_product([name_line("Alofisel", words), ALOFISEL[1]]))

    assert told["authorisation[EU].status"] == status
    assert told["register.status"] == words.casefold()


def test_an_annulled_decision_is_told_in_the_registers_word_alone():
    told = state(a_product([name_line("Alofisel", "ANNULLED"), ALOFISEL[1]]))

    assert told["register.status"] == "annulled"
    assert "authorisation[EU].status" not in told


@pytest.mark.parametrize("words", ["", "DORMANT", "WITHDRAWN FROM THE MARKET"])
def test_a_status_in_other_words_is_an_error(words: str):
    with pytest.raises(ReadError, match="expected a status of the Register"):
        read(a_product([name_line("Alofisel", words), ALOFISEL[1]]))


def test_an_orphan_designation_is_never_authorised():
    told = state(
        a_product(
            [name_line("EU/3/22/2680", "ACTIVE", "o", "2680"), line("eu_num", "EU/3/22/2680")]
        )
    )

    assert told["orphan_designation.status"] == "active"
    assert "authorisation[EU].status" not in told


def test_a_procedure_is_a_fact_of_its_own_and_what_is_not_stated_is_left_out():
    full = procedure(
        "2832",
        ema="EMEA/H/C/71/I/1",
        closed="1996-07-01",
        decision={"number": "(96)1748", "date": "1996-06-28"},
        oj={"date": "1996-07-26", "number": "216", "page": "7", "series": "C"},
        files_dec=[{"code": "en", "code_oj": None}, {"code": "da", "code_oj": None}],
    )
    told = state(a_product(ALOFISEL, [full, procedure("2833", closed="1997-01-21")]))

    assert told["procedure[2832]"] == {
        "type": "Centralised - Variation",
        "closed": "1996-07-01",
        "ema_number": "EMEA/H/C/71/I/1",
        "decision_date": "1996-06-28",
        "decision_number": "(96)1748",
        "official_journal": {"date": "1996-07-26", "series": "C", "number": "216", "page": "7"},
        "files": {"decision": ["da", "en"]},
    }
    assert told["procedure[2833]"] == {"type": "Centralised - Variation", "closed": "1997-01-21"}
    assert told["authorisation[EU].decided"] == "1996-06-28"


@pytest.mark.parametrize(
    ("row", "note"),
    [
        (procedure("2", closed="soon"), "not an EDTF level 0 date: 'soon'"),
        (procedure("2", closed=1996), "expected a date, found 1996"),
        (procedure("", closed="1996-07-01"), "expected an id and a type"),
        (procedure("1", ema="EMEA/H/C/1"), "the id 1 stands there twice"),
    ],
)
def test_a_procedure_that_cannot_be_read_is_noted_and_the_others_are_read(row: Row, note: str):
    reading = read(a_product(ALOFISEL, [authorisation("EMEA/H/C/4258", "2018-03-23"), row]))

    assert [fact.path for fact in reading.records[0].facts if "procedure" in fact.path] == [
        "procedure[1]"
    ]
    assert reading.unknown == (f"dataSet_proc[1]: {note}",)


def test_a_line_that_is_new_is_noted():
    reading = read(a_product([*ALOFISEL, line("shelf", "3")]))

    assert reading.unknown == ("dataSet_product_information: shelf",)


def test_two_pages_that_differ_in_their_footer_alone_say_the_same():
    one = read(a_product(ALOFISEL, [], "12/11/2025"))
    other = read(a_product(ALOFISEL, [], "13/11/2025"))

    assert one.records == other.records
    assert (one.published, other.published) == ("2025-11-12", "2025-11-13")


def test_control_characters_within_the_data_do_not_stop_the_reading():
    body = a_product(ALOFISEL).replace(b"Alofisel", b"Alo\x02\tfisel")

    assert state(body)["product.brand_name"] == "Alo fisel"


def cut(body: bytes) -> bytes:
    return body[: body.index(b"EU/1/17/1261")]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "expected a list .var dataSet. or a product"),
        (b"<html>Just a moment...</html>", "found <html>Just a moment"),
        (cut(a_product(ALOFISEL)), "expected a closing bracket, found none"),
        (cut(a_list([listed("EU/1/17/1261", "Alofisel")])), "expected a closing bracket"),
        (page("var dataSet = oops;"), "expected a list, found oops"),
        (page('var dataSet = {"a": 1};'), "expected a list, found dict"),
        (page("var dataSet = [NaN];"), "NaN is no value"),
        (page("var dataSet = [1,,2];"), "well-formed JSON"),
        (page("var dataSet = " + "[" * 1_000_000), "at most 20 levels"),
        (page('var dataSet = ["' + '\\"' * 1_000_000), "expected a closing bracket"),
        (page(dataset("dataSet_product_information", [])), "lines"),
        (page(dataset("dataSet_product_information", ALOFISEL)), "var dataSet_proc"),
        (a_product([name_line("Alofisel", number="x"), line("eu_num", "none")]), "an EU number"),
        (b" " * (MAX_BYTES + 1), "at most 30000000 bytes"),
    ],
)
def test_what_is_no_page_of_the_register_is_an_error(body: bytes, said: str):
    with pytest.raises(ReadError, match=said):
        read(body)


def test_a_line_without_a_type_and_a_procedure_that_is_no_object_say_nothing():
    rows = [*ALOFISEL, {"type": "", "value": "x"}, "not a line"]
    decision = procedure("2", decision="none")
    reading = read(a_product(rows, ["not a procedure", decision]))

    assert reading.unknown == ("dataSet_proc[0]: expected an object",)
    assert reading.records[0].state()["procedure[2]"]["type"] == "Centralised - Variation"
    assert "decision_date" not in reading.records[0].state()["procedure[2]"]


def test_entries_of_a_version_are_noted_since_none_has_been_seen():
    body = a_product(ALOFISEL).replace(
        dataset("dataSet_version", []).encode(), dataset("dataSet_version", [{"id": 1}]).encode()
    )

    assert "dataSet_version: entries" in read(body).unknown


def test_an_entry_without_a_value_says_nothing():
    told = state(a_product([*ALOFISEL, line("inn", ""), line("indication", "")]))

    assert told["product.brand_name"] == "Alofisel"
    assert not {"product.inn", "indication.text"} & told.keys()


def test_a_footer_whose_day_there_is_not_tells_no_freshness():
    reading = read(a_product(ALOFISEL, [], "31/02/2025"))

    assert reading.published == ""
    assert reading.records == read(a_product(ALOFISEL, [])).records
