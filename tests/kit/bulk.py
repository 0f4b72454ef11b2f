"""Bulk files as EMA publishes them, of medicines that do not exist."""

from __future__ import annotations

import json
from collections.abc import Mapping

_EMPTY = dict.fromkeys(
    (
        *("species_veterinary", "atcvet_code_veterinary", "pharmacotherapeutic_group_veterinary"),
        *("opinion_status", "latest_procedure_affecting_product_information"),
        *("european_commission_decision_date", "start_of_rolling_review_date"),
        *("start_of_evaluation_date", "withdrawal_of_application_date"),
        *("refusal_of_marketing_authorisation_date", "revision_number"),
        "withdrawal_expiry_revocation_lapse_of_marketing_authorisation_date",
        "suspension_of_marketing_authorisation_date",
    ),
    "",
)
_FLAGS = dict.fromkeys(
    (
        *("patient_safety", "accelerated_assessment", "additional_monitoring", "advanced_therapy"),
        *("biosimilar", "conditional_approval", "exceptional_circumstances", "generic"),
        *("orphan_medicine", "prime_priority_medicine"),
    ),
    "No",
)


def row(number: int, **changed: str) -> dict[str, str]:
    """Return the row of an authorised medicine; `changed` overrides columns."""
    name = f"Medicine {number}"
    return {
        "category": "Human",
        "name_of_medicine": name,
        "ema_product_number": f"EMEA/H/C/{number:06d}",
        "medicine_status": "Authorised",
        "international_non_proprietary_name_common_name": f"substance{number}",
        "active_substance": f"substance{number}",
        "therapeutic_area_mesh": "Crohn Disease",
        "atc_code_human": "L04AX08",
        "pharmacotherapeutic_group_human": "Immunosuppressants",
        "therapeutic_indication": f"{name} is indicated for nothing at all.",
        "marketing_authorisation_developer_applicant_holder": "Somebody Pharma GmbH",
        "opinion_adopted_date": "14/12/2017",
        "marketing_authorisation_date": "23/03/2018",
        "first_published_date": "04/04/2018",
        "last_updated_date": "04/04/2018",
        "medicine_url": f"https://www.ema.europa.eu/en/medicines/human/EPAR/medicine-{number}",
        **_EMPTY,
        **_FLAGS,
        **changed,
    }


def withdrawn(number: int) -> dict[str, str]:
    """Return the row of the same medicine, withdrawn."""
    ended = "withdrawal_expiry_revocation_lapse_of_marketing_authorisation_date"
    return row(number, medicine_status="Withdrawn", last_updated_date="21/01/2025") | {
        ended: "13/12/2024"
    }


def bulk(*rows: Mapping[str, str], at: str = "2026-11-22T06:02:29Z") -> str:
    """Return the file of these rows."""
    return json.dumps({"meta": {"total_records": len(rows), "timestamp": at}, "data": rows})
