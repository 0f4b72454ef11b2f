"""The table of event types: name, default severity and what each means.

Names are `family.past_participle`, are never renamed, and jurisdiction is an attribute, not part of
the name: a British cancellation is an `authorisation.withdrawn` in `UK`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How soon a person has to know."""

    CRITICAL = "critical"
    """Now: ignores quiet hours and needs an acknowledgement."""
    HIGH = "high"
    """The same working day."""
    NORMAL = "normal"
    """The daily digest."""
    LOW = "low"
    """The weekly digest, or the log alone."""

    @property
    def rank(self) -> int:
        """Return 3 for critical down to 0 for low, to compare by."""
        return _RANKS[self]


_RANKS = {Severity.CRITICAL: 3, Severity.HIGH: 2, Severity.NORMAL: 1, Severity.LOW: 0}


@dataclass(frozen=True, slots=True)
class EventType:
    """One row of the taxonomy."""

    name: str
    severity: Severity
    meaning: str

    @property
    def family(self) -> str:
        """Return the part before the dot: `authorisation`."""
        return self.name.partition(".")[0]

    @property
    def is_operational(self) -> bool:
        """Return whether it is about watching itself: for operators, never regulatory news."""
        return self.family in OPERATIONAL


OPERATIONAL = frozenset(
    {"source", "watch", "heartbeat", "alert", "event", "history", "captures", "snapshot", "batch"}
    | {"configuration", "storage", "clock", "fetch", "user", "token"}
)

_TABLE = """
# A. Product and application, before an authorisation
product.listed                                  normal   A product number the list did not hold
                                                         before.
product.delisted                                high     A product row is gone from the bulk list.
product.renamed                                 normal   Invented-name change of the same product
                                                         number.
product.identifier_changed                      high     EMA product number, EU number or slug
                                                         reassigned.
application.evaluation_started                  low      MAA validated, evaluation started.
application.rolling_review_started              normal   Rolling review (public-health emergency).
application.rolling_review_withdrawn            normal   Applicant stops a rolling review.
application.withdrawn                           normal   The applicant withdrew the initial
                                                         application; there never was an
                                                         authorisation.
variation_application.withdrawn                 normal   MAH withdraws an application for a
                                                         variation or extension of indication; the
                                                         authorisation itself stands.
opinion.positive_adopted                        high     CHMP positive opinion on the initial MAA.
opinion.negative_adopted                        high     CHMP negative opinion (recommends
                                                         refusal).
opinion.adopted                                 normal   CHMP opinion on the initial application;
                                                         the source does not state the outcome.
opinion.post_authorisation_adopted              normal   CHMP opinion on a variation, extension,
                                                         renewal or annual re-assessment (outcome
                                                         in payload: positive/negative).
opinion.reexamination_requested                 high     Applicant/MAH asked for re-examination.
opinion.reexamination_concluded                 high     Final CHMP opinion after re-examination
                                                         (confirmed or reversed).
opinion.returned_by_commission                  high     EC does not follow the opinion and asks
                                                         CHMP to review it.
authorisation.refused                           high     EC refuses the marketing authorisation.
authorisation.granted                           high     EC grants the marketing authorisation (or
                                                         another agency approves).

# B. Authorisation
authorisation.status_changed                    critical The authorisation status changed in a way
                                                         no specific type names; severity as for
                                                         an ending.
authorisation.relabelled                        normal   A source renamed how an ended
                                                         authorisation ended: a vocabulary change,
                                                         no legal event.
authorisation.withdrawal_announced              critical MAH/EMA announces that the MA will be
                                                         withdrawn; MA still legally valid.
authorisation.withdrawn                         critical EC withdraws the MA at the request of the
                                                         MAH (SPOR: Withdrawn/Surrendered).
authorisation.revoked                           critical EC/NCA revokes against the MAH's will
                                                         (negative B/R, Art. 20).
authorisation.suspended                         critical MA suspended; product must not be
                                                         supplied.
authorisation.suspension_lifted                 high     Suspension ended.
authorisation.not_renewed                       critical Renewal refused, or MAH did not apply for
                                                         renewal (payload cause).
authorisation.expired                           critical Validity ended without a known cause.
authorisation.lapsed                            high     Sunset clause: not marketed within 3
                                                         years of grant or for 3 consecutive
                                                         years.
authorisation.renewed                           normal   Five-year or annual (conditional MA)
                                                         renewal granted.
authorisation.annual_reassessment_completed     low      Annual re-assessment (exceptional
                                                         circumstances) concluded.
authorisation.reinstated                        critical MA valid again (cancellation revoked,
                                                         decision annulled, new decision).
authorisation.decision_stayed                   critical Court suspends the operation of an EC
                                                         decision.
authorisation.stay_ended                        critical Interim stay lifted; decision bites
                                                         again.
authorisation.converted_to_standard             high     Conditional MA switched to a standard MA.
authorisation.exceptional_circumstances_changed normal   Exceptional-circumstances basis
                                                         added/removed.
authorisation.holder_transferred                normal   MAH transfer to another legal entity.
authorisation.holder_details_changed            low      Name/address of the same holder changed.
presentation.added                              low      New strength/pack/device (EU sub-number).
presentation.withdrawn                          high     One or more presentations removed,
                                                         product stays authorised.
authorisation.date_corrected                    normal   Source corrects an already reported
                                                         regulatory date.

# C. Market and supply
market.placed                                   low      First placing on the market in a
                                                         territory.
market.cessation_announced                      high     MAH notifies intended permanent or
                                                         temporary cessation.
market.ceased                                   high     Permanent end of marketing/sales in a
                                                         territory; authorisation may remain.
market.suspended_temporarily                    high     Temporary suspension of marketing.
market.resumed                                  normal   Marketing resumed.
shortage.started                                high     Supply shortage assessed at EU/national
                                                         level.
shortage.updated                                normal   Expected resolution, extent or
                                                         alternatives changed.
shortage.resolved                               normal   Shortage closed.
recall.issued                                   critical Batch recall / quality defect (class in
                                                         payload).

# D. Safety procedures
referral.started                                high     EU referral opened (Art. 20; 31; 107i;
                                                         also 29(4), 30, 13, 5(3)). 107i =
                                                         critical.
referral.status_changed                         normal   Step reached: Under evaluation, PRAC
                                                         recommendation, CMDh final position, CHMP
                                                         opinion.
referral.recommendation_adopted                 high     PRAC recommendation / CHMP opinion with
                                                         outcome.
referral.concluded                              high     EC final decision or CMDh final position.
safety_measure.provisional                      critical Interim measure during a referral (e.g.
                                                         provisional suspension, no new patients).
signal.listed                                   normal   PRAC discusses a safety signal.
signal.recommendation_published                 high     PRAC recommends action (PI update, RMP,
                                                         DHPC, referral).
dhpc.issued                                     high     Direct healthcare professional
                                                         communication. Outcome Suspension,
                                                         Revocation or Withdrawal: critical.
shortage_communication.issued                   normal   Medicine shortage communication (not
                                                         quality/safety/efficacy related).
psusa.outcome_published                         normal   PSUR single assessment outcome: Variation.
                                                         Maintenance: low; Suspension, Revocation
                                                         or Withdrawal: critical.
additional_monitoring.added                     normal   Black triangle ▼ assigned.
additional_monitoring.removed                   low      Black triangle removed (after 5 years or
                                                         conditions met).
obligation.changed                              normal   Specific obligation, PASS/PAES, Annex II
                                                         condition added/fulfilled/overdue.
rmp.updated                                     normal   RMP (summary) new version.
patient_safety.flag_changed                     normal   EMA 'Patient safety' flag toggled.

# E. Product information
product_information.updated                     normal   New PI revision.
product_information.section_changed             normal   The text of a section of the product
                                                         information changed (4.1, 4.3 … in the
                                                         payload).
indication.extended                             high     New indication/population.
indication.restricted                           critical Indication removed or narrowed.
contraindication.changed                        high     4.3 added/removed.
supply_status.changed                           high     Legal status of supply (Rx, restricted
                                                         Rx, special Rx, OTC).
epi.published                                   low      Electronic product information
                                                         available/updated (FHIR).

# F. Documents
document.added                                  normal   Logical document not seen before.
document.revised                                normal   Same identity, new content hash.
document.revised_silently                       normal   Content changed but stated dates did not.
document.date_changed                           low      Stated date changed, content same.
document.removed                                normal   Listed document gone in ≥3 complete
                                                         captures.
document.restored                               low      Removed document is back.
document.moved                                  low      Same bytes/id, new URL.
document.renamed                                low      Same identity, new title.
document.recategorised                          low      Category set changed.
document.watermarked                            high     'Medicinal product no longer authorised'
                                                         stamped on PI.
document.translation_changed                    low      Language version added/updated/removed.

# G. Designations, classification, flags
orphan_designation.granted                      normal   EC orphan designation.
orphan_designation.refused                      normal   Negative COMP opinion/refusal.
orphan_designation.withdrawn                    normal   Removed from the Union Register at the
                                                         sponsor's request (irreversible).
orphan_designation.expired                      normal   End of market exclusivity / not
                                                         maintained.
orphan_designation.transferred                  low      Sponsor change.
orphan_status.assessed                          normal   Orphan maintenance assessment at MA.
pip.decision_published                          normal   Paediatric investigation plan decision.
classification.atc_changed                      low      ATC code changed.
classification.therapeutic_area_changed         low      MeSH area changed.
flag.changed                                    low      Any Yes/No flag: biosimilar, generic,
                                                         hybrid, prime, advanced_therapy,
                                                         accelerated_assessment (payload flag).
competitor.generic_authorised                   normal   Generic/hybrid/biosimilar of a watched
                                                         reference authorised.
substance.renamed                               low      INN/common-name correction.

# H. Corroboration and knowledge
corroboration.added                             low      Another source now states the same event;
                                                         attaches to it, updates confidence.
conflict.detected                               high     Two sources (or one page) disagree on
                                                         status, date or actor beyond precision.
conflict.resolved                               low      Conflict closed by evidence or by a user.
claim.retracted                                 normal   A source no longer states a fact.
encyclopedia.statement_changed                  low      Wiki sentence/infobox on legal status
                                                         added/changed (revision id in payload).
study.added                                     low      New study on the library page.
study.changed                                   low      Title/author/abstract edited.
study.removed                                   low      Study card gone ≥3 captures.
study.retracted                                 high     Publication retracted/expression of
                                                         concern.

# I. Operations: for the operator, never mailed as regulatory news
source.unreachable                              normal   Fetch failed after retries.
source.blocked                                  normal   403/429/captcha/consent wall.
source.stale                                    high     Source does not advance:
                                                         meta.timestamp/Last-Modified older than
                                                         allowed.
source.schema_drifted                           high     Unknown field/status/enum, missing
                                                         required field, count mismatch.
source.truncated                                high     Meta.total_records ≠ rows, or size drop >
                                                         5 %.
source.changed_in_bulk                          high     So many subjects changed alike in one
                                                         pass that they are held back.
source.recovered                                low      Back to normal.
watch.overdue                                   critical A scheduled check did not happen (dead
                                                         man's switch).
watch.slowed                                    high     Fetching slows or stops: what was found
                                                         is not told as fast.
heartbeat.sent                                  low      Periodic 'we looked, nothing changed'
                                                         proof.
alert.sent                                      low      Delivery record per channel/recipient.
alert.acknowledged                              low      Named user acknowledged, with comment.
alert.assigned                                  low      Named user gave a case to somebody, with
                                                         comment.
alert.judged                                    normal   Named user said a case is not relevant, or
                                                         wrong, and why.
alert.given_up                                  high     A message was given up: its receiver never
                                                         took it.
alert.escalated                                 normal   No ack within the limit.
event.corrected                                 high     We sent something wrong: supersedes an
                                                         earlier event, same recipients.
history.amended                                 low      Older captures were added or old ones read
                                                         anew: which events count no longer, and
                                                         which count again.
captures.sealed                                 low      The ledger of looks up to here, sealed into
                                                         the log by its root.
snapshot.redacted                               high     A person had a payload's bytes dropped; its
                                                         digest stays.
snapshot.expired                                low      Payloads no event rests on went when their
                                                         time was over; their digests stay.
batch.released                                  normal   A person let a held batch be told.
batch.dismissed                                 normal   A person let a held batch be told to no
                                                         one.
alert.resent                                    low      A person had a message sent again.
configuration.changed                           normal   The configuration the service started with
                                                         is not the one it ran with before.
storage.low                                     high     Little room is left on the disk.
storage.full                                    critical A write failed for want of room.
storage.restored                                high     The store was put back from a backup.
clock.jumped                                    high     The machine's clock moved by itself.
fetch.refused                                   high     An address was not asked, because it must
                                                         not be.
user.added                                      normal   A person let somebody sign in to the pages.
user.role_changed                               normal   A person changed what a user may do.
user.password_changed                           low      A user's password was changed; all their
                                                         sessions ended.
user.disabled                                   normal   A person let a user sign in no more.
user.enabled                                    normal   A person let a disabled user sign in again.
user.removed                                    normal   A person took a user away.
token.added                                     normal   A person let a program in, by a token.
token.revoked                                   normal   A person let a token be used no more.

# J. Facts without an event of their own
fact.recorded                                   low      The first reading of a subject: known when
                                                         watching began.
fact.changed                                    low      A stated fact appeared, changed, was
                                                         refined, respelled or is gone.
"""


def _rows() -> dict[str, EventType]:
    """Return the table by name; an indented line goes on with the meaning above it."""
    rows: dict[str, EventType] = {}
    for line in _TABLE.replace("\n    ", " ").splitlines():
        if line and not line.startswith("#"):
            name, severity, meaning = line.split(maxsplit=2)
            rows[name] = EventType(name, Severity(severity), " ".join(meaning.split()))
    return rows


TYPES = _rows()
"""Every event type by its name: the closed list."""
