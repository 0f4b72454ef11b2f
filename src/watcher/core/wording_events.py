"""How each type of event is told: the half of `wording` that follows the taxonomy line by line."""

from __future__ import annotations

from typing import NamedTuple


class Phrase(NamedTuple):
    """How a type of event is told: `EU marketing authorisation` + `withdrawn`."""

    topic: str
    happened: str


_TABLE = """
product.listed                         | product                               | listed for the first time
product.delisted                       | product                               | no longer listed
product.renamed                        | invented name                         | changed
product.identifier_changed             | product number                        | changed
application.evaluation_started         | evaluation of the application         | started
application.rolling_review_started     | rolling review                        | started
application.rolling_review_withdrawn   | rolling review                        | withdrawn by the applicant
application.withdrawn                  | application for authorisation         | withdrawn by the applicant
variation_application.withdrawn        | application for a variation           | withdrawn
opinion.positive_adopted               | positive {committee} opinion          | adopted
opinion.negative_adopted               | negative {committee} opinion          | adopted
opinion.adopted                        | {committee} opinion                   | adopted, outcome not stated
opinion.post_authorisation_adopted     | {committee} opinion on a variation    | adopted
opinion.reexamination_requested        | re-examination of the opinion         | requested
opinion.reexamination_concluded        | re-examination of the opinion         | concluded
opinion.returned_by_commission         | opinion                               | returned by the Commission
authorisation.refused                  | {place} marketing authorisation       | refused
authorisation.granted                  | {place} marketing authorisation       | granted
authorisation.status_changed           | {place} marketing authorisation       | changed its status
authorisation.relabelled               | end of the {place} authorisation      | named anew by the source
authorisation.withdrawal_announced     | withdrawal of the {place} authorisation | announced
authorisation.withdrawn                | {place} marketing authorisation       | withdrawn
authorisation.revoked                  | {place} marketing authorisation       | revoked
authorisation.suspended                | {place} marketing authorisation       | suspended
authorisation.suspension_lifted        | suspension of the {place} authorisation | lifted
authorisation.not_renewed              | {place} marketing authorisation       | not renewed
authorisation.expired                  | {place} marketing authorisation       | expired
authorisation.lapsed                   | {place} marketing authorisation       | lapsed
authorisation.renewed                  | {place} marketing authorisation       | renewed
authorisation.annual_reassessment_completed | annual re-assessment             | completed
authorisation.reinstated               | {place} marketing authorisation       | reinstated
authorisation.decision_stayed          | {place} authorisation decision        | stayed by a court
authorisation.stay_ended               | stay of the {place} decision          | ended
authorisation.converted_to_standard    | conditional {place} authorisation     | converted to a standard one
authorisation.exceptional_circumstances_changed | exceptional circumstances    | changed
authorisation.holder_transferred       | {place} marketing authorisation holder | changed
authorisation.holder_details_changed   | details of the {place} holder         | changed
presentation.added                     | presentation                          | added
presentation.withdrawn                 | presentation                          | withdrawn
authorisation.date_corrected           | {path}                                | corrected by the source
market.placed                          | marketing in {territory}              | started
market.cessation_announced             | end of marketing in {territory}       | announced
market.ceased                          | marketing in {territory}              | ended
market.suspended_temporarily           | marketing in {territory}              | suspended for a time
market.resumed                         | marketing in {territory}              | resumed
shortage.started                       | shortage                              | started
shortage.updated                       | shortage                              | updated
shortage.resolved                      | shortage                              | resolved
recall.issued                          | recall                                | issued
referral.started                       | referral                              | started
referral.status_changed                | referral                              | moved on
referral.recommendation_adopted        | recommendation in the referral        | adopted
referral.concluded                     | referral                              | concluded
safety_measure.provisional             | provisional safety measure            | taken
signal.listed                          | safety signal                         | listed for discussion
signal.recommendation_published        | recommendation on a safety signal     | published
dhpc.issued                            | letter to healthcare professionals    | issued
shortage_communication.issued          | shortage communication                | issued
psusa.outcome_published                | outcome of the periodic safety assessment | published
additional_monitoring.added            | additional monitoring (black triangle) | added
additional_monitoring.removed          | additional monitoring (black triangle) | removed
obligation.changed                     | obligation of the holder              | changed
rmp.updated                            | risk management plan                  | updated
patient_safety.flag_changed            | patient safety flag                   | changed
product_information.updated            | product information, revision         | updated
product_information.section_changed    | product information, section {section} | changed
indication.extended                    | indication                            | extended
indication.restricted                  | indication                            | restricted
contraindication.changed               | contraindications                     | changed
supply_status.changed                  | {place} legal status of supply        | changed
epi.published                          | electronic product information        | published
document.added                         | document                              | added
document.revised                       | document                              | revised
document.revised_silently              | document                              | revised without a new date
document.date_changed                  | date of a document                    | changed
document.removed                       | document                              | no longer listed
document.restored                      | document                              | listed again
document.moved                         | document                              | moved to another address
document.renamed                       | document                              | renamed
document.recategorised                 | document                              | put in another category
document.watermarked                   | document                              | stamped as no longer authorised
document.translation_changed           | translations of a document            | changed
orphan_designation.granted             | orphan designation                    | granted
orphan_designation.refused             | orphan designation                    | refused
orphan_designation.withdrawn           | orphan designation                    | withdrawn
orphan_designation.expired             | orphan designation                    | expired
orphan_designation.transferred         | orphan designation                    | transferred
orphan_status.assessed                 | orphan status                         | assessed
pip.decision_published                 | paediatric investigation plan decision | published
classification.atc_changed             | ATC code                              | changed
classification.therapeutic_area_changed | therapeutic area                     | changed
flag.changed                           | {path}                                | changed
competitor.generic_authorised          | generic of a watched medicine         | authorised
substance.renamed                      | name of the substance                 | changed
corroboration.added                    | another source                        | says the same
conflict.detected                      | sources                               | disagree
conflict.resolved                      | disagreement of sources               | resolved
claim.retracted                        | statement                             | no longer made by its source
encyclopedia.statement_changed         | encyclopaedia on the legal status     | changed
study.added                            | study                                 | added
study.changed                          | study                                 | changed
study.removed                          | study                                 | no longer listed
study.retracted                        | study                                 | retracted
source.unreachable                     | source                                | does not answer
source.blocked                         | source                                | blocks us
source.stale                           | source                                | does not advance
source.schema_drifted                  | source                                | changed its form
source.truncated                       | source                                | came incomplete
source.changed_in_bulk                 | source                                | changed in so many places at once that it is held back
source.recovered                       | source                                | is back to normal
watch.overdue                          | scheduled check                       | did not happen
watch.slowed                           | watching                              | was slowed, since what was found is not told as fast
heartbeat.sent                         | sign of life                          | sent
alert.sent                             | alert                                 | sent
alert.acknowledged                     | alert                                 | acknowledged
alert.assigned                         | case                                  | given to somebody
alert.judged                           | case                                  | judged by a person
alert.given_up                         | message                               | was given up: its receiver never took it
alert.escalated                        | alert                                 | escalated, nobody acknowledged it
event.corrected                        | what we told you                      | was wrong and is put right
history.amended                        | history                               | was amended by what was read late or read anew
captures.sealed                        | ledger of looks                       | sealed into the log
snapshot.redacted                      | payload                               | was dropped by a person; its digest stays
snapshot.expired                       | payloads                              | went when their time was over
batch.released                         | held changes                          | released by a person
batch.dismissed                        | held changes                          | dismissed by a person
alert.resent                           | message                               | sent again
configuration.changed                  | configuration                         | is another than before
storage.low                            | disk                                  | has little room left
storage.full                           | disk                                  | is full
storage.restored                       | store                                 | was put back from a backup
clock.jumped                           | clock of the machine                  | moved by itself
fetch.refused                          | address                               | was not asked, because it must not be
user.added                             | user of the pages                     | added: may sign in
user.role_changed                      | user of the pages                     | may do something else from now on
user.password_changed                  | user of the pages                     | has a new password; all sessions ended
user.disabled                          | user of the pages                     | may sign in no more
user.enabled                           | user of the pages                     | may sign in again
user.removed                           | user of the pages                     | taken away
token.added                            | token of a program                    | added: it may ask the API
token.revoked                          | token of a program                    | can be used no more
fact.recorded                          | subject                               | first read
fact.changed                           | {path}                                | {nature}
"""  # noqa: E501  a row is easier to compare with its neighbours than with its own second half


def _rows() -> dict[str, Phrase]:
    rows = (line.split("|") for line in _TABLE.strip().splitlines())
    return {name.strip(): Phrase(topic.strip(), happened.strip()) for name, topic, happened in rows}


PHRASES = _rows()
"""How each type of the taxonomy is told."""

NOTES = {
    "product.delisted": "A row missing from a list is not a withdrawal: look at the official page.",
    "application.withdrawn": "There never was a marketing authorisation on this application.",
    "application.rolling_review_withdrawn": "There never was a marketing authorisation.",
    "variation_application.withdrawn": "The marketing authorisation itself stands.",
    "opinion.positive_adopted": "A recommendation only: the European Commission decides.",
    "opinion.negative_adopted": "A recommendation only: the European Commission decides.",
    "opinion.reexamination_requested": "Nothing is decided by this request.",
    "authorisation.withdrawal_announced": "Announced only: the authorisation is still valid.",
    "authorisation.status_changed": "A move that no type of event names: have it checked.",
    "authorisation.relabelled": "The source changed its vocabulary; nothing legal happened.",
    "authorisation.converted_to_standard": "The medicine stays authorised.",
    "authorisation.date_corrected": "The source corrected a date it had stated before.",
    "market.ceased": "The marketing authorisation may remain valid.",
    "presentation.withdrawn": "The medicine stays authorised in its other presentations.",
    "document.removed": "No longer listed in several complete captures in a row.",
    "document.watermarked": "Sections of the text are not compared while the stamp is on it.",
}
"""What a type is easily mistaken for, said plainly beside it."""

ADVICE = {
    "source.unreachable": "It is asked again by itself. If this lasts, check address and network.",
    "source.blocked": "Do not work round the block: check our contact and pace, or ask them.",
    "source.stale": "What it says may be out of date: look for a notice on its own page.",
    "source.schema_drifted": "What the reader does not know it does not read: it needs a look.",
    "source.truncated": "Nothing was read from it. See whether its next edition is complete.",
    "source.changed_in_bulk": (
        "See what was held back with `watcher held`, then release it or dismiss it."
    ),
    "source.recovered": "Nothing to do.",
    "watch.overdue": "See whether the program runs: its scheduler, the disk, the network.",
    "watch.slowed": "See `watcher cluster status`: what tells or sends, and why it does not.",
    "storage.low": "Make room: `watcher snapshots stats` tells what takes it.",
    "storage.full": "Make room at once: nothing new is kept until there is some.",
    "storage.restored": "See `watcher verify`, and what was seen after the backup was made.",
    "clock.jumped": "See that the machine's clock is kept by a time service.",
    "fetch.refused": "See where the address leads: it may be an attack, or a mistake of ours.",
    "configuration.changed": "See that it is what you wanted: `watcher config show`.",
    "alert.escalated": "Somebody has to acknowledge it.",
}
"""What an operator does about a notice."""
