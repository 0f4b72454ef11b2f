"""EMA's list of all medicines: the JSON file, and the Excel file in its two layouts.

Source of the layouts: EMA's "Medicines" reports; 39 columns since the new website of December 2023,
30 before it. One date column serves four endings of an authorisation (withdrawal, expiry,
revocation, lapse); only the status says which.
"""

from __future__ import annotations

from collections.abc import Iterator

from watcher.core.facts import Fact, Reading, Record, Subject
from watcher.core.identity import product_number, slug
from watcher.core.status import ENDED, NEVER, VALID, AuthorisationStatus, authorisation_status
from watcher.readers.bulk import read_table
from watcher.readers.cells import (
    Cell,
    codes,
    day,
    flag,
    joined,
    names,
    names_by_comma,
    one_of,
    organisation,
    text,
    whole_number,
)
from watcher.readers.reader import Payload, Reader
from watcher.readers.tables import (
    Column,
    Layout,
    Row,
    Table,
    UnreadableRowError,
    fact_of,
    facts_of,
    refuse_many,
    value_of,
)


def _status(cell: Cell) -> str:
    status = authorisation_status(text(cell))
    if status is None:
        message = "a status of EMA's list"
        raise ValueError(message)
    return status.value


_NUMBER = Column("ema_product_number", "", text, spellings=("Product number",), is_required=True)
_STATUS = Column(
    "medicine_status",
    "authorisation[EU].status",
    _status,
    spellings=("Authorisation status",),
    is_required=True,
)
_ENDED = Column("withdrawal_expiry_revocation_lapse_of_marketing_authorisation_date", "", day)
_HOLDER = Column(
    "marketing_authorisation_developer_applicant_holder",
    "",
    organisation,
    spellings=("Marketing authorisation holder/company name",),
)
_URL = Column("medicine_url", "product.url", text, spellings=("URL",), is_required=True)

_PRODUCT = (
    Column("category", "product.category", one_of("Human", "Veterinary"), is_required=True),
    Column(
        "name_of_medicine",
        "product.brand_name",
        text,
        spellings=("Medicine name",),
        is_required=True,
    ),
    Column(
        "international_non_proprietary_name_common_name",
        "product.inn",
        names,
        spellings=("International non-proprietary name (INN) / common name",),
    ),
    Column("active_substance", "product.active_substance", names),
    Column(
        "therapeutic_area_mesh", "product.therapeutic_area", names, spellings=("Therapeutic area",)
    ),
    Column("species_veterinary", "product.species", names, spellings=("Species",)),
    Column("atc_code_human", "product.atc_code", codes, spellings=("ATC code",)),
    Column("atcvet_code_veterinary", "product.atcvet_code", codes, spellings=("ATCvet code",)),
    Column(
        "pharmacotherapeutic_group_human",
        "product.pharmacotherapeutic_group",
        joined,
        spellings=("Human pharmacotherapeutic group",),
    ),
    Column(
        "pharmacotherapeutic_group_veterinary",
        "product.pharmacotherapeutic_group",
        joined,
        spellings=("Vet pharmacotherapeutic group",),
    ),
    Column(
        "therapeutic_indication", "indication.text", text, spellings=("Condition / indication",)
    ),
    _URL,
)
_AUTHORISATION = (
    Column("opinion_status", "opinion.outcome", one_of("Positive", "Negative")),
    Column("opinion_adopted_date", "opinion.adopted", day, spellings=("Date of opinion",)),
    Column("start_of_rolling_review_date", "application.rolling_review_started", day),
    Column("start_of_evaluation_date", "application.evaluation_started", day),
    Column("withdrawal_of_application_date", "application.withdrawn", day),
    Column("marketing_authorisation_date", "authorisation[EU].granted", day),
    Column(
        "refusal_of_marketing_authorisation_date",
        "authorisation[EU].refused",
        day,
        spellings=("Date of refusal of marketing authorisation",),
    ),
    Column("suspension_of_marketing_authorisation_date", "authorisation[EU].suspended", day),
    Column(
        "european_commission_decision_date",
        "authorisation[EU].decided",
        day,
        spellings=("Decision date",),
    ),
)
_PRODUCT_INFORMATION = (
    Column("revision_number", "product_information.revision", whole_number),
    Column(
        "latest_procedure_affecting_product_information",
        "product_information.latest_procedure",
        text,
    ),
    Column("first_published_date", "page.first_published", day, spellings=("First published",)),
    Column("last_updated_date", "page.last_updated", day, spellings=("Revision date",)),
)
_FLAGS = (
    Column("patient_safety", "flag[patient_safety]", flag),
    Column("accelerated_assessment", "flag[accelerated_assessment]", flag),
    Column("additional_monitoring", "flag[additional_monitoring]", flag),
    Column("advanced_therapy", "flag[advanced_therapy]", flag),
    Column("biosimilar", "flag[biosimilar]", flag),
    Column("conditional_approval", "flag[conditional_approval]", flag),
    Column("exceptional_circumstances", "flag[exceptional_circumstances]", flag),
    Column("generic", "flag[generic]", flag, spellings=("generic_or_hybrid",)),
    Column("orphan_medicine", "flag[orphan]", flag),
    Column("prime_priority_medicine", "flag[prime]", flag),
)
_TOLD = (*_PRODUCT, *_AUTHORISATION, *_PRODUCT_INFORMATION, *_FLAGS)
_BY_COMMA = {"product.inn", "product.active_substance", "product.species"}
_TOLD_BY_COMMA = tuple(
    Column(column.field, column.path, names_by_comma) if column.path in _BY_COMMA else column
    for column in _TOLD
)
"""The columns as they are read in the layout from before December 2023."""

LAYOUT = Layout(
    reader="ema_medicines@1",
    columns=(_NUMBER, _STATUS, _ENDED, _HOLDER, *_TOLD),
    keys=(("ema_product_number",), ("medicine_url",)),
)


def read(payload: Payload) -> Reading:
    """Return one record a medicine.

    Raises:
        ReadError: It is not the whole list, or too many of its rows cannot be read.
    """
    table = read_table(payload, LAYOUT)
    is_old = "opinion_status" not in table.fields
    told = _TOLD_BY_COMMA if is_old else _TOLD
    notes = list(table.unknown) + ([] if is_old else _missing(table))
    records: dict[Subject, Record] = {}
    unreadable: list[UnreadableRowError] = []
    for row in table.rows:
        damaged: list[UnreadableRowError] = []
        try:
            record = _medicine(row, told, damaged)
        except UnreadableRowError as error:
            unreadable.append(error)
            notes.append(f"unreadable: {_name(row)}: {error}")
            continue
        if record.subject in records:
            raise LAYOUT.error(expected=f"{record.subject} in one row", found="two rows")
        records[record.subject] = record
        unreadable += damaged[:1]
        notes += (f"cell left out: {_name(row)}: {error}" for error in damaged)
        notes += _remarks(row)
    refuse_many(LAYOUT, unreadable, len(table.rows))
    return Reading(
        reader=LAYOUT.reader,
        records=tuple(records.values()),
        lists_all=True,
        published=table.published,
        unknown=tuple(notes),
    )


def _missing(table: Table) -> list[str]:
    """Return a note for each column that the layout since December 2023 has and this lacks."""
    return [f"no column: {each.field}" for each in LAYOUT.columns if each.field not in table.fields]


def _name(row: Row) -> str:
    return f"{row.printed(_NUMBER.field)} {row.printed('name_of_medicine')}".strip()


def _remarks(row: Row) -> Iterator[str]:
    number = row.printed(_NUMBER.field)
    if product_number(number) is None:
        kind = "damaged product number" if number else "no product number"
        yield f"{kind}: {_name(row)} at {row.place(_NUMBER.field)}"
    if _STATUS.field not in row.cells:
        yield f"no status: {_name(row)} at {row.place(_STATUS.field)}"


def _medicine(row: Row, told: tuple[Column, ...], damaged: list[UnreadableRowError]) -> Record:
    """Return what the row says of its medicine.

    A damaged cell is left out and noted, and the rest stands: one impossible date must not hide
    that the medicine beside it was withdrawn.

    Raises:
        UnreadableRowError: Its number or its status does not say what its column says.
    """
    subject, identity = _identity(row)
    status: AuthorisationStatus | None = None
    facts = list(identity)
    if _STATUS.field in row.cells:
        status = AuthorisationStatus(str(value_of(row, _STATUS)))
        facts.append(fact_of(row, _STATUS.field, _STATUS.path, status.value))
    facts += _readable(facts_of(row, told), damaged)
    if damaged:
        # once more, cell by cell, since a damaged one ends the walk over all of them
        damaged.clear()
        found = [fact for column in told for fact in _readable(facts_of(row, (column,)), damaged)]
        facts = list({fact.path: fact for fact in [*facts, *found]}.values())
    known = {fact.path for fact in facts}
    facts += (
        fact for fact in _readable(_by_status(row, status), damaged) if fact.path not in known
    )
    return Record(subject, tuple(facts))


def _readable(cells: Iterator[Fact], damaged: list[UnreadableRowError]) -> list[Fact]:
    """Return the facts of some cells up to the first damaged one, which is noted."""
    facts: list[Fact] = []
    try:
        for fact in cells:
            facts.append(fact)  # noqa: PERF402  what was read before a damaged cell stands
    except UnreadableRowError as error:
        damaged.append(error)
    return facts


def _identity(row: Row) -> tuple[Subject, tuple[Fact, ...]]:
    """Return the medicine and the fact of its number; a damaged number is not repaired.

    In August 2024 five medicines had a procedure in place of their number, for months; such a row
    is known by its address until the number is back.
    """
    words = row.printed(_NUMBER.field)
    if number := product_number(words):
        fact = fact_of(row, _NUMBER.field, "product.number", number)
        return Subject("medicine", number), (fact,)
    page = slug(row.printed(_URL.field))
    if not page:
        raise UnreadableRowError(row, _NUMBER.field, "a product number or an address beside it")
    if not words:
        return Subject("medicine", f"slug:{page}"), ()
    fact = fact_of(row, _NUMBER.field, "product.number_as_printed", words)
    return Subject("medicine", f"slug:{page}"), (fact,)


_ENDINGS: dict[AuthorisationStatus | None, str] = {
    **{status: f"authorisation[EU].{status.value}" for status in ENDED},
    **dict.fromkeys(NEVER - {AuthorisationStatus.REFUSED}, "application.withdrawn"),
}


def _by_status(row: Row, status: AuthorisationStatus | None) -> Iterator[Fact]:
    """Yield the facts whose path the status decides: how it ended, holder or applicant."""
    if _HOLDER.field in row.cells:
        role = "holder" if status in VALID | ENDED else "applicant"
        yield fact_of(row, _HOLDER.field, f"authorisation[EU].{role}", value_of(row, _HOLDER))
    if _ENDED.field in row.cells:
        path = _ENDINGS.get(status, "authorisation[EU].ended")
        yield fact_of(row, _ENDED.field, path, value_of(row, _ENDED))


READER = Reader(
    name="ema_medicines",
    version=1,
    about="EMA's list of all medicines, human and veterinary: JSON, or Excel of either layout",
    read=read,
    markers=('"medicine_status"', "xl/workbook.xml"),
)
