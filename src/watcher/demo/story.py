"""What happened to Alofisel, in scenes: the date, what the site answers, what a viewer is told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from watcher.demo.pages import MAINTENANCE, Document, Page

_SUMMARY = Document(
    title="Alofisel : EPAR - Summary for the public",
    kind="overview",
    first="04/04/2018",
    reference="EMA/1380/2018",
)
_REPORT = Document(
    title="Alofisel : EPAR - Public assessment report",
    kind="assessment-report",
    first="04/04/2018",
    reference="EMA/CHMP/64055/2018",
)
_OPINION = Document(
    title="CHMP summary of positive opinion for Alofisel",
    kind="smop-initial",
    first="15/12/2017",
    reference="EMA/CHMP/815767/2017",
)
_STEPS = Document(
    title="Alofisel : EPAR - Procedural steps taken and scientific information",
    kind="procedural-steps-after",
    first="30/05/2018",
)
_RISK = Document(
    title="Alofisel : EPAR - Risk-management-plan summary", kind="rmp-summary", first="29/07/2019"
)

_AUTHORISED = Page(
    status="Authorised",
    sentence="This medicine is authorised for use in the European Union",
    overview=("Alofisel is a medicine for complex anal fistulas in adults with Crohn's disease.",),
    dates=(
        ("Opinion adopted", "14/12/2017"),
        ("Marketing authorisation issued", "23/03/2018"),
        ("Revision", "1"),
    ),
    documents=(_SUMMARY, _REPORT, _OPINION),
    updated="04/04/2018",
)
BEFORE = replace(
    _AUTHORISED, documents=(*_AUTHORISED.documents, _STEPS, _RISK), updated="29/07/2019"
)
"""The page before the authorisation was withdrawn."""
_REORDERED = replace(
    BEFORE,
    documents=BEFORE.documents[::-1],
    noise="<div class='banner'>On Monday, between 07:00 and 10:00 CET, this website will be "
    "unavailable due to scheduled maintenance.</div>",
)
AFTER = replace(
    BEFORE,
    status="Withdrawn",
    sentence="This medicine's authorisation has been withdrawn",
    overview=(
        "On 13 December 2024, the European Commission withdrew the marketing authorisation for "
        "Alofisel (darvadstrocel) in the European Union (EU). The withdrawal was at the request "
        "of the marketing authorisation holder, Takeda Pharma A/S, which notified the European "
        "Commission of its decision to permanently stop the marketing of the product in the EU.",
        "Alofisel was granted marketing authorisation in the EU on 23 March 2018 for the "
        "treatment of complex perianal fistulas.",
    ),
    dates=(
        ("Opinion adopted", "14/12/2017"),
        ("Marketing authorisation issued", "23/03/2018"),
        ("Withdrawal of marketing authorisation", "13/12/2024"),
        ("Revision", "11"),
    ),
    updated="21/01/2025",
)
"""The page since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One look at the page.

    Attributes:
        at: When.
        title: What the viewer is told.
        body: What the site answers, with status 200.
    """

    at: datetime
    title: str
    body: str


def _on(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 6, 21, 7, tzinfo=UTC)


SCENES = (
    Scene(
        at=_on(2018, 4, 4),
        title="The page appears: authorised since 23 March 2018. A first look is a baseline.",
        body=_AUTHORISED.html(),
    ),
    Scene(at=_on(2018, 5, 2), title="Nothing has changed.", body=_AUTHORISED.html()),
    Scene(at=_on(2019, 7, 30), title="Two documents are added.", body=BEFORE.html()),
    Scene(
        at=_on(2021, 3, 8),
        title="The site is under maintenance, and says so with status 200.",
        body=MAINTENANCE,
    ),
    Scene(at=_on(2021, 3, 9), title="The page is back.", body=BEFORE.html()),
    Scene(
        at=_on(2022, 9, 14),
        title="The documents stand in another order, below a new banner.",
        body=_REORDERED.html(),
    ),
    Scene(
        at=_on(2025, 1, 21),
        title="Withdrawn: on 13 December 2024 in law, on the page five weeks later.",
        body=AFTER.html(),
    ),
    Scene(at=_on(2025, 1, 22), title="The same page again.", body=AFTER.html()),
)
