"""Every word a message is made of, in one place, so that another language is one more such module.

Nothing here decides anything: `phrases`, `sections` and `message` choose, this module and
`wording_events` say it. Templates are filled with `str.format`.
"""

from __future__ import annotations

from watcher.core.taxonomy import Severity

NO_CONCLUSION = "Nothing about medicines is concluded from this."

NATURE = {
    "added": "stated for the first time",
    "removed": "no longer stated",
    "changed": "changed",
    "refined": "stated more precisely",
    "respelled": "spelled differently",
    "backfilled": "filled in",
    "": "changed",
}

SEVERITY = {
    Severity.CRITICAL: "CRITICAL",
    Severity.HIGH: "HIGH",
    Severity.NORMAL: "NORMAL",
    Severity.LOW: "LOW",
}
OPERATOR = "OPERATOR"
DIGEST = "DIGEST"
UNCONFIRMED = "UNCONFIRMED"
CONFLICT = "CONFLICT"
CORRECTION = "CORRECTION"

WHY_UNCONFIRMED = (
    "Only {sources} said so; no authority has confirmed it. Check the official source before "
    "you act on it."
)
WHY_CORRECTION = "We told you something wrong earlier; this message replaces it."
WHY_CONFLICT = "{name} states another date: {theirs}, not {ours}."
RARE = "An unusual step for an authorisation: have it checked before you act on it."

PLACES = {
    "EU": "EU",
    "UK": "UK",
    "US": "US",
    "JP": "Japanese",
    "CH": "Swiss",
    "CA": "Canadian",
    "AU": "Australian",
    "IL": "Israeli",
    "RS": "Serbian",
    "NO": "Norwegian",
}
"""Jurisdictions as they stand before a noun; an unknown code stands for itself."""
TERRITORIES = {
    "EU": "the EU",
    "UK": "the United Kingdom",
    "US": "the United States",
    "JP": "Japan",
    "CH": "Switzerland",
    "CA": "Canada",
    "AU": "Australia",
    "IL": "Israel",
    "RS": "Serbia",
    "NO": "Norway",
}
"""Jurisdictions as places; an unknown code stands for itself."""
SOME_TERRITORY = "a territory not stated"
COMMITTEES = {"EMEA/H/": "CHMP", "EMEA/V/": "CVMP"}
SOME_COMMITTEE = "EMA committee"

TIERS = {
    1: "an authority",
    2: "the holder or another agency",
    3: "an aggregator",
    4: "an encyclopaedia",
}
CONFIDENCE = {
    "A": "two authorities say so",
    "B": "one authority says so",
    "C": "the holder, or an aggregator that names the authority, says so",
    "D": "an encyclopaedia or a lone aggregator says so",
}
PRECISION = {"day": "to the day", "month": "to the month, no day stated", "year": "to the year"}
ON = {"day": "on", "month": "in", "year": "in"}

DATE_ROLES = {
    "opinion": "adopted",
    "application": "on",
    "market": "since",
    "authorisation.withdrawal_announced": "to end",
    "authorisation.date_corrected": "now stated",
}
"""What the effective date of a type or family is called, where it is not one of legal effect."""
EFFECTIVE = "effective"

PATHS = {
    "product.brand_name": "invented name",
    "product.inn": "international non-proprietary name",
    "product.number": "product number",
    "product.atc_code": "ATC code",
    "product.url": "address of the page",
    "page.first_published": "date the page was first published",
    "page.last_updated": "date the page was last updated",
    "indication.text": "therapeutic indication",
    "product_information.revision": "product information, revision",
    "decided": "latest Commission decision",
    "granted": "date of authorisation",
    "withdrawn": "date of withdrawal",
    "revoked": "date of revocation",
    "suspended": "date of suspension",
    "refused": "date of refusal",
    "expired": "date of expiry",
    "lapsed": "date of lapse",
    "ended": "date of its end",
    "discontinued": "date of discontinuation",
    "supply_status": "legal status of supply",
    "holder": "holder",
    "last_updated": "last updated",
    "first_published": "first published",
    "reference_number": "reference number",
    "requested_by": "requested by",
    "requested_by_role": "role of who requested it",
    "reason_text": "stated reason",
    "url": "address",
}
"""Paths, their last parts and keys of details in words; others have their underscores taken out."""

NOT_STATED = "not stated"
NOT_KNOWN = "not known"
EMPTY = "stated as empty"
NO_LONGER = "no longer stated"
YES, NO = "Yes", "No"

FACTS = {
    "authorisation.status": "authorisation status: {value}",
    "authorisation.granted": "authorised {value}",
    "authorisation.withdrawn": "authorisation withdrawn {value}",
    "authorisation.suspended": "authorisation suspended {value}",
    "authorisation.revoked": "authorisation revoked {value}",
    "authorisation.expired": "authorisation expired {value}",
    "authorisation.lapsed": "authorisation lapsed {value}",
    "market.withdrawn": "withdrawn from the market {value}",
    "market.discontinued": "marketing discontinued {value}",
}
"""Facts of other jurisdictions that are worth a line, by family and last part of their path."""

SECTIONS = {
    "what": "WHAT CHANGED",
    "happened": "WHAT HAPPENED",
    "product": "PRODUCT",
    "source": "SOURCE",
    "dates": "DATES",
    "who": "WHO ASKED",
    "reason": "REASON",
    "evidence": "EVIDENCE",
    "documents": "DOCUMENTS",
    "corroboration": "CORROBORATION",
    "elsewhere": "ELSEWHERE",
    "why": "WHY YOU",
    "do": "DO",
    "looked": "WE LOOKED",
    "was_wrong": "WRONG",
    "is_so": "RIGHT",
    "stands": "STILL RIGHT",
    "corrected": "CORRECTED",
    "trial": "IT LOOKS SO",
}

NO_REASON = "not stated by {source}"
NOT_COMMERCIAL = "Do not read it as commercial: check EMA's public statement."
NOT_COMMERCIAL_WHY = (
    "A holder must declare reasons of safety and efficacy too (Regulation 726/2004, Art. 14b)."
)
TIER = "tier {tier}, {kind}"
DOCUMENT_SIGNS = {"added": "+ added", "removed": "− no longer listed"}
DOCUMENT_CHANGED = "± {happened}"
MORE = "and {count} more: {command}"
NOT_CHECKED = "not yet checked"
SAYS_SAME = "says the same: {value}"
SAYS_OTHERWISE = "says otherwise, as last seen: {value}"
SAYS_NOTHING = "says nothing of it, as last seen"
NO_OTHER = "No other source we watch has said so yet."
NO_AUTHORITY = "No authority is among the sources we watch."
AGREES = "agrees"
UNDATED = "date not stated"
OTHER_DATE = "another date than {source}"
OTHER_ACTOR = "names another actor: {actor}"
NOTHING_ELSEWHERE = "{source} states nothing of other jurisdictions."
NO_WHY = "A rule of yours asked for it."

SEEN = "seen by us on {when}"
NOTICED = "noticed on {when}"
AS_STATED = "as stated by {source}"
STATED_TIER = "as stated by {source}, tier {tier}"
BY = ", by {actor}"
DATE_NOT_STATED = "date not stated by {source}"
PREVIOUS = "previous good capture {when}"
NO_PREVIOUS = "no good capture before it"
PUBLISHED_BY = "the date {source} puts on it"

SHOW = "watcher show {event}"
VERIFY = "watcher verify {event}"
EVIDENCE = "watcher evidence {event} -o evidence.zip"
EVIDENCE_NOTE = "the page, the proof and a verifier, for people without this program"
ACKNOWLEDGE = "watcher acknowledge {event}"
ACKNOWLEDGE_NOTE = "say that you have seen it and answer for it"
ACTIONS = {
    "acknowledge": "Acknowledge: I have seen it and answer for it",
    "assign": "Give it to somebody",
    "irrelevant": "Not relevant to us",
    "wrong": "This is wrong",
}
"""One-time links by what they do; each leads to a page that asks before it does anything."""
ESCALATED = "ESCALATED"
UNANSWERED = "Nobody has acknowledged this."
UNANSWERED_SINCE = "Nobody has acknowledged this since {when}."
WHO_HAD_IT = "It was told to {names}."
GIVEN_TO = "It was given to {name}, who has not acknowledged it."
DELIVERED = "{name} (delivered {when})"
NOT_DELIVERED = "{name} (not delivered)"
OTHERS = "and {count} more"
SHOW_NOTE = "every source, date and document of this"
CHECK = "Check the official source before you act:"
OFFICIAL = {"EU": "https://www.ema.europa.eu/en/medicines"}
"""Where the official word of a jurisdiction is found, when no page of the medicine is known."""

FOOT_EVENT = "Event {event}, position {position} in the log, recorded {recorded}."
FOOT_RULE = "Rule {rule}; read by {reader}."
FOOT_VERIFY = "Re-verify it yourself: {command}"
FOOT_DISCLAIMER = "Informational; check the official source. Its adopted text always prevails."
FOOT_EMA = "Source: European Medicines Agency (EMA), acknowledged as such; accessed {month}."
FOOT_ORIGIN = (
    "EU regulatory information originates from the European Medicines Agency (EMA), acknowledged "
    "as the source."
)
FOOT_GENERAL = f"{FOOT_ORIGIN} {FOOT_DISCLAIMER}"
"""Both, for what tells of several sources at once."""
FOOT_THROUGH = (
    "EU regulatory information originates from the European Medicines Agency (EMA), acknowledged "
    "as the source; read through {source}, accessed {month}."
)
FOOT_OTHERS = "Read at {hosts}, accessed {month}; what stands there remains its owner's."
FOOT_BRIEF = "EU data: EMA, acknowledged; informational, check the official source"
"""The same where there is room for a few words: chats."""
FOOT_WIKIPEDIA = "Text of Wikipedia: CC BY-SA 4.0, its authors; the address is given above."
FOOT_KEY = "Message key {key}"

CORRECTION_SUBJECT = "wrong was "
TOLD_ON = "We told you on {when} that {what}. That was wrong."
MAYBE_TOLD = (
    "On {when} we tried to tell you that {what}; we do not know whether it reached you. It was "
    "wrong."
)
TOLD_FACT = "the {topic} was {happened}"
TOLD_OTHER = "“{what}”"
TOLD_CORRECTION = "something we had told you before was wrong"
STILL_SAYS = "{source} still says so. We do not."
TAKEN_BACK = "We take it back; what was known before it stands."
NOT_STATED_AT_ALL = "Not taken as stated any more: {facts}."
HAD_SAID = "we had said: {value}"
OTHER_EVENT = "The rest of that message stands:"
OTHER_SOURCE = "as stated by {source}, and not corrected by this"
LEFT_ALONE = "changed since, and left as it is"
WHY_CORRECTED_TO_YOU = (
    "You were told of it. This goes to everyone who was, in the same way, and to no one else."
)
UNDO = "If you acted on it, see whether that has to be undone."
SHOW_CORRECTION = "who put it right, and what changed by it"
SHOW_WRONG = "what we had told you, with its evidence"
FOOT_CORRECTS = "It corrects event {event}, position {position}."

DIGEST_TITLE = "Digest for {period}"
DIGEST_EMPTY = "Nothing changed in what we watch."
DIGEST_SOME = "{count}: {by_severity}."
LEFT_OUT = "and {count} more, not listed here"
HAPPENINGS = ("1 happening", "{count} happenings")

FEED_TITLE = "Watched medicines: {watch_list}"
FEED_ABOUT = "What happened to the medicines of a watch list, as regulatory sources tell it."
FEED_AUTHOR = "watcher"
FEED_WHY = "It is on the watch list of this feed."
FEED_CORRECTED = "this was wrong. {why}"
FEED_EXTENSION = "what the item tells, as values: dates in EDTF, statuses in EMA's words"
CALENDAR_OF_CASE = "Dates of a case"
CALENDAR_SUMMARY = "{name}: {what} ({role})"
CALENDAR_ROLES = {
    "announced": "announced",
    "expected_resolution": "expected end of the shortage",
}
"""What dates are called that are not the effective one."""

CHANGES_TITLE = "What changed"
CHANGES_QUOTE = "quote"
NOT_ATTACHED = "These files could not go with the message:"
NOT_ATTACHED_SIZE = "{name}: {size} bytes, and all files together may have {most}"

TRIAL = "TEST"
TRIAL_SUBJECT = "[TEST] watcher: the channel {channel} works"
TRIAL_TITLE = "A test of the channel {channel}"
TRIAL_HEADLINE = "This is a test, sent on {when}. Nothing has happened to any medicine."
TRIAL_TOPIC = "What a change will look like, of a medicine that does not exist"
TRIAL_CHANGE = ("Authorised", "Withdrawn")
TRIAL_EXAMPLE = "Examplinib (no such medicine): Authorised → Withdrawn"
TRIAL_CHARACTERS = "é ß → “quotes” 日本 & <tags> *stars* _lines_ @nobody"
TRIAL_QUOTE = "No source has said this; the sentence is made up."
TRIAL_COMMAND_NOTE = "a command stays on one line, so that it can be copied"
TRIAL_WHY = "Somebody ran `watcher test-channel {channel}`."
TRIAL_DO = "Nothing. If anything of it looks wrong, tell whoever runs the watcher."
TRIAL_FOOT = "A test; it stands in no log and tells of nothing."
