"""EMA's bulk files for tests: the real columns around medicines of our own invention."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO

from openpyxl import Workbook

from watcher.core.facts import Reading, Record, Subject
from watcher.readers.reader import Payload, Reader

Row = Mapping[str, object]

FIELDS = """
category
name_of_medicine
ema_product_number
medicine_status
opinion_status
latest_procedure_affecting_product_information
international_non_proprietary_name_common_name
active_substance
therapeutic_area_mesh
species_veterinary
patient_safety
atc_code_human
atcvet_code_veterinary
pharmacotherapeutic_group_human
pharmacotherapeutic_group_veterinary
therapeutic_indication
accelerated_assessment
additional_monitoring
advanced_therapy
biosimilar
conditional_approval
exceptional_circumstances
generic
orphan_medicine
prime_priority_medicine
marketing_authorisation_developer_applicant_holder
european_commission_decision_date
start_of_rolling_review_date
start_of_evaluation_date
opinion_adopted_date
withdrawal_of_application_date
marketing_authorisation_date
refusal_of_marketing_authorisation_date
withdrawal_expiry_revocation_lapse_of_marketing_authorisation_date
suspension_of_marketing_authorisation_date
revision_number
first_published_date
last_updated_date
medicine_url
""".strip().splitlines()
"""The 39 columns of the list of medicines, as its JSON file spells them."""


def _pairs(text: str) -> dict[str, str]:
    """Return the headings that stand below their fields, by field."""
    lines = text.strip().splitlines()
    return {field: heading.strip() for field, heading in zip(lines[::2], lines[1::2], strict=True)}


NEW_HEADINGS = _pairs(
    """
category
    Category
name_of_medicine
    Name of medicine
ema_product_number
    EMA product number
medicine_status
    Medicine status
opinion_status
    Opinion status
international_non_proprietary_name_common_name
    International non-proprietary name (INN) / common name
active_substance
    Active substance
species_veterinary
    Species (veterinary)
generic
    Generic or hybrid
prime_priority_medicine
    PRIME: priority medicine
marketing_authorisation_developer_applicant_holder
    Marketing authorisation developer / applicant / holder
marketing_authorisation_date
    Marketing authorisation date
withdrawal_expiry_revocation_lapse_of_marketing_authorisation_date
    Withdrawal / expiry / revocation / lapse of marketing authorisation date
revision_number
    Revision number
last_updated_date
    Last updated date
medicine_url
    Medicine URL
"""
)
"""Some of the workbook's headings since December 2023, by field."""

OLD_HEADINGS = _pairs(
    """
category
    Category
name_of_medicine
    Medicine name
therapeutic_area_mesh
    Therapeutic area
international_non_proprietary_name_common_name
    International non-proprietary name (INN) / common name
active_substance
    Active substance
ema_product_number
    Product number
medicine_status
    Authorisation status
atc_code_human
    ATC code
generic
    Generic
marketing_authorisation_date
    Marketing authorisation date
refusal_of_marketing_authorisation_date
    Date of refusal of marketing authorisation
marketing_authorisation_developer_applicant_holder
    Marketing authorisation holder/company name
pharmacotherapeutic_group_human
    Human pharmacotherapeutic group
opinion_adopted_date
    Date of opinion
european_commission_decision_date
    Decision date
revision_number
    Revision number
therapeutic_indication
    Condition / indication
first_published_date
    First published
last_updated_date
    Revision date
medicine_url
    URL
"""
)
"""Some of the workbook's headings before December 2023, by field."""


def a_medicine(number: int = 4258, **more: object) -> dict[str, object]:
    """A row of the list with all 39 columns, most of them empty."""
    return dict.fromkeys(FIELDS, "") | {
        "category": "Human",
        "name_of_medicine": f"Medicine {number}",
        "ema_product_number": f"EMEA/H/C/{number:06d}",
        "medicine_status": "Authorised",
        "orphan_medicine": "No",
        "medicine_url": f"https://www.ema.europa.eu/en/medicines/human/EPAR/medicine-{number}",
        **more,
    }


def a_list(rows: Sequence[Row], **meta: object) -> bytes:
    """The file as it is today: an envelope with a count and a time of Amsterdam's clock."""
    said = {"total_records": len(rows), "timestamp": "2026-09-26T06:02:29Z", **meta}
    return json.dumps({"meta": said, "data": rows}, ensure_ascii=False).encode()


NEW_PREAMBLE = (
    ["Content type:", "Medicine", "Output automatically generated on:", "15/08/2024 - 04:00"],
    *([] for _ in range(7)),
)
OLD_PREAMBLE = (
    ["Content type:", "EPARs", "Output generated at:", "Mon, 25/11/2019 - 02:10"],
    *([] for _ in range(7)),
)


def a_workbook(
    rows: Iterable[Row],
    headings: Mapping[str, str],
    preamble: Sequence[Sequence[object]] = NEW_PREAMBLE,
    sheet: str = "Medicine",
    first: tuple[str, Sequence[Sequence[object]]] | None = None,
) -> bytes:
    """A workbook with one table below a preamble, and another sheet before it if asked."""
    book = Workbook()
    page = book.active
    assert page is not None
    if first:
        page.title = first[0]
        for line in first[1]:
            page.append(list(line))
        page = book.create_sheet(sheet)
    page.title = sheet
    for line in (*preamble, list(headings.values())):
        page.append(list(line))
    for row in rows:
        page.append([row.get(field, "") for field in headings])
    packed = BytesIO()
    book.save(packed)
    return packed.getvalue()


def repacked(
    workbook: bytes, changed: Mapping[str, bytes], *, by: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """The workbook with some of its parts replaced."""
    packed = BytesIO()
    with zipfile.ZipFile(BytesIO(workbook)) as old, zipfile.ZipFile(packed, "w", by) as new:
        parts = {name: old.read(name) for name in old.namelist()} | dict(changed)
        for name, content in parts.items():
            new.writestr(name, content)
    return packed.getvalue()


def read(reader: Reader, body: bytes) -> Reading:
    return reader.read(Payload(body=body))


def only(reading: Reading) -> Record:
    [record] = reading.records
    return record


def medicine(number: int = 4258) -> Subject:
    return Subject("medicine", f"EMEA/H/C/{number:06d}")
