"""What the self-test's site serves when it is well: a bulk file of medicines that do not exist."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

MEDICINES: Final = 12
WITHDRAWN: Final = 7
"""The number of the medicine that is withdrawn in the end."""

_ENDED = "withdrawal_expiry_revocation_lapse_of_marketing_authorisation_date"


def table(*, withdrawn: bool = False, rows: int = MEDICINES) -> bytes:
    """Return the file: all authorised, or with the one withdrawal in it; `rows` cuts it short."""
    data = [_row(number, is_withdrawn=withdrawn and number == WITHDRAWN) for number in _numbers()]
    kept = data[:rows]
    meta = {"total_records": len(kept), "timestamp": "2026-11-22T06:02:29Z"}
    return json.dumps({"meta": meta, "data": kept}, indent=1).encode()


def _numbers() -> range:
    return range(1, MEDICINES + 1)


def _row(number: int, *, is_withdrawn: bool) -> Mapping[str, str]:
    return {
        "category": "Human",
        "name_of_medicine": f"Exampla {number}",
        "ema_product_number": f"EMEA/H/C/{number:06d}",
        "medicine_status": "Withdrawn" if is_withdrawn else "Authorised",
        "international_non_proprietary_name_common_name": f"examplamab {number}",
        "active_substance": f"examplamab {number}",
        "marketing_authorisation_developer_applicant_holder": "Nobody's Pharma",
        "marketing_authorisation_date": "23/03/2018",
        _ENDED: "13/12/2024" if is_withdrawn else "",
        "revision_number": "2",
        "first_published_date": "04/04/2018",
        "last_updated_date": "21/01/2025" if is_withdrawn else "04/04/2018",
        "medicine_url": f"https://www.ema.europa.eu/en/medicines/human/EPAR/exampla-{number}",
    }
