"""The real pages of the Union Register are read whole."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from kit.register import a_product, authorisation, line, name_line
from watcher.core.facts import Reading, Subject
from watcher.readers.reader import Payload
from watcher.readers.union_register import READER

HTML = "https://ec.europa.eu/health/documents/community-register/html/"


def read(body: bytes, page_name: str = "h1261.htm") -> Reading:
    return READER.read(Payload(body=body, url=HTML + page_name))


@pytest.mark.realdata
def test_the_real_list_holds_1504_products(shared_data: Path):
    body = (shared_data / "union_register" / "register_p1.html").read_bytes()
    reading = read(body, "reg_hum_act.htm")

    states = [record.state() for record in reading.records]
    assert len(states) == 1504
    assert (reading.lists_all, reading.unknown) == (True, ())
    assert all(told["product.brand_name"] and told["product.inn"] for told in states)
    assert not any(re.search(r"&#\d+;|&amp;|<br", str(told)) for told in states)


@pytest.mark.realdata
def test_the_real_page_of_gonal_f_holds_120_procedures(shared_data: Path):
    body = (shared_data / "union_register" / "product_oldest.html").read_bytes()
    reading = read(body, "h001.htm")

    [record] = reading.records
    told = record.state()
    kinds = Counter(
        str(fact.value["type"])
        for fact in record.facts
        if fact.path.startswith("procedure[") and isinstance(fact.value, dict)
    )
    assert record.subject == Subject("medicine", "EMEA/H/C/000071")
    assert kinds.total() == 120
    assert kinds["Centralised - Variation (no change in Commission Decision)"] == 50
    assert told["authorisation[EU].granted"] == "1995-10-20"
    assert told["authorisation[EU].decided"] == "2024-09-27"
    assert reading.unknown == ()


def rebuilt(record: dict[str, str]) -> bytes:
    """The product's page that a scraped record was made from, as far as the record tells."""
    number = record.get("eu_pnumber", "")
    number = number if number.startswith("EU/") else record["eu_od_number"]
    pre = "o" if number.startswith("EU/3") else "h"
    own = (number, pre, number.rpartition("/")[2])
    lines = [
        name_line(record["eu_brand_name_current"], record["eu_aut_status"], pre, own[2]),
        line("eu_num", number),
        line("inn", record["active_substance"]),
        line("mah", record.get("eu_mah_current") or record["eu_od_sponsor"]),
    ]
    ema = record.get("ema_number")
    return a_product(lines, [authorisation(ema, record["eu_aut_date"])] if ema else [])


@pytest.mark.realdata
def test_the_31_scraped_products_are_read_as_they_were_scraped(shared_data: Path):
    files = sorted((shared_data / "union_register").glob("*_webdata.json"))
    records = [json.loads(file.read_text(encoding="utf-8")) for file in files]

    read_as: Counter[str] = Counter()
    for record in records:
        [product] = read(rebuilt(record)).records
        told = product.state()
        status = told.get("authorisation[EU].status") or told["orphan_designation.status"]
        read_as[f"{product.subject.kind} {status}"] += 1
        assert told.get("authorisation[EU].granted", record["eu_aut_date"]) == record["eu_aut_date"]

    assert len(records) == 31
    assert read_as == {
        "medicine authorised": 14,
        "medicine withdrawn": 4,
        "euregister active": 11,
        "euregister withdrawn": 1,
        "euregister expired": 1,
    }
