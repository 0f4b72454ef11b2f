"""A damaged cell of EMA's list hides neither the status nor the rest of its row."""

from __future__ import annotations

import pytest

from kit.ema_tables import (
    a_list,
    a_medicine,
    medicine,
    read,
)
from watcher.readers.ema_medicines import READER

ENDED = "withdrawal_expiry_revocation_lapse_of_marketing_authorisation_date"
HOLDER = "marketing_authorisation_developer_applicant_holder"


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("category", "Herbal"),
        ("orphan_medicine", "Perhaps"),
        ("opinion_status", "Mixed"),
        ("marketing_authorisation_date", "31/02/2020"),
        ("revision_number", "twelve"),
    ],
)
def test_a_cell_that_cannot_be_read_hides_neither_the_status_nor_the_rest(field: str, words: str):
    whole = a_medicine(10, medicine_status="Withdrawn")
    rows = [a_medicine(number) for number in range(1, 10)] + [{**whole, field: words}]
    reading = read(READER, a_list(rows))

    record = next(each for each in reading.records if each.subject == medicine(10))
    assert record.state()["authorisation[EU].status"] == "withdrawn"
    assert record.state()["product.brand_name"] == "Medicine 10"
    [note] = reading.unknown
    assert note.startswith(
        f"cell left out: EMEA/H/C/000010 Medicine 10: {field} {words!r} at /data/9/"
    )
