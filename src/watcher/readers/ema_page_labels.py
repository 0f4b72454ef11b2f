"""The words EMA's medicine pages label things with, in the current design and the one before it."""

from __future__ import annotations

from typing import Literal, NamedTuple

from watcher.core.text import squash

Form = Literal["text", "names", "number", "atc", "day", "whole", "outcome", "organisation", "flag"]


class Label(NamedTuple):
    """What a label announces: the path of the fact and how its value is written."""

    path: str
    form: Form


_LABELS: dict[str, Label] = {
    "Name of medicine": Label("product.brand_name", "text"),
    "EMA product number": Label("product.number", "number"),
    "Active substance": Label("product.active_substance", "names"),
    "International non-proprietary name (INN) or common name": Label("product.inn", "names"),
    "Therapeutic area (MeSH)": Label("product.therapeutic_area", "names"),
    "Anatomical therapeutic chemical (ATC) code": Label("product.atc_code", "atc"),
    "Marketing authorisation holder": Label("authorisation[EU].holder", "organisation"),
    "Marketing authorisation applicant": Label("authorisation[EU].applicant", "organisation"),
    "Developer": Label("authorisation[EU].applicant", "organisation"),
    "Start of rolling review": Label("application.rolling_review_started", "day"),
    "Withdrawal from rolling review": Label("application.rolling_review_withdrawn", "day"),
    "Start of evaluation": Label("application.evaluation_started", "day"),
    "Withdrawal of application": Label("application.withdrawn", "day"),
    "Opinion adopted": Label("opinion.adopted", "day"),
    "Opinion status": Label("opinion.outcome", "outcome"),
    "European Commission decision": Label("authorisation[EU].decided", "day"),
    "Marketing authorisation issued": Label("authorisation[EU].granted", "day"),
    "Refusal of marketing authorisation": Label("authorisation[EU].refused", "day"),
    "Suspension of marketing authorisation": Label("authorisation[EU].suspended", "day"),
    "Withdrawal of marketing authorisation": Label("authorisation[EU].withdrawn", "day"),
    "Revocation of marketing authorisation": Label("authorisation[EU].revoked", "day"),
    "Expiry of marketing authorisation": Label("authorisation[EU].expired", "day"),
    "Lapse of marketing authorisation": Label("authorisation[EU].lapsed", "day"),
    "Non-renewal of marketing authorisation": Label("authorisation[EU].not_renewed", "day"),
    "Revision": Label("product_information.revision", "whole"),
}
"""Labels of the current design, which Markdown may run on in one line."""

_EARLIER: dict[str, Label] = {
    "Name": Label("product.brand_name", "text"),
    "Agency product number": Label("product.number", "number"),
    "ATC code": Label("product.atc_code", "atc"),
    "Date of issue of marketing authorisation valid throughout the European Union": Label(
        "authorisation[EU].granted", "day"
    ),
    "Date of refusal of marketing authorisation": Label("authorisation[EU].refused", "day"),
    "Contact address": Label("authorisation[EU].holder_address", "text"),
}
"""Labels of the design before December 2023, each in a table row of its own."""

_FLAGS = {
    "Accelerated assessment": "accelerated_assessment",
    "Additional monitoring": "additional_monitoring",
    "Advanced therapy": "advanced_therapy",
    "Biosimilar": "biosimilar",
    "Conditional approval": "conditional_approval",
    "Exceptional circumstances": "exceptional_circumstances",
    "Generic": "generic",
    "Hybrid": "hybrid",
    "Orphan": "orphan",
    "PRIME: priority medicine": "prime",
    "Patient safety": "patient_safety",
}
"""Labels that say something by being there; a set sentence follows each."""

ALWAYS_STATED = tuple(
    f"flag[{name}]" for name in sorted(_FLAGS.values()) if name not in {"hybrid", "patient_safety"}
)
"""Flags that a page with authorisation details prints wherever they hold."""

RUN_ON = tuple(sorted(_LABELS, key=len, reverse=True))
"""Labels that may stand in the middle of a line, the longest first."""

_BY_KEY = {squash(words): label for words, label in (_LABELS | _EARLIER).items()} | {
    squash(words): Label(f"flag[{name}]", "flag") for words, name in _FLAGS.items()
}


CAPTIONS = frozenset({"Product details", "Publication details"})
"""Captions of tables in the earlier design: they label nothing."""


def label_of(words: str) -> Label | None:
    """Return what `words` announce, hyphens and colons aside; None: no label we know."""
    return _BY_KEY.get(squash(words)) if len(words) < 90 else None
