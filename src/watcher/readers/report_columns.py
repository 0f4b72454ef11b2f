"""What EMA's smaller reports list, and which fact each of their columns makes.

Source: the column lists of EMA's JSON reports as their public users read them in 2026. The words a
column may hold are listed only where they are a closed list; elsewhere the column is text.
"""

from __future__ import annotations

from dataclasses import dataclass

from watcher.readers.cells import (
    day,
    flag,
    names,
    number_of_product,
    numbers_of_products,
    one_of,
    text,
)
from watcher.readers.tables import Column


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report: whose rows it has and what their columns say.

    Attributes:
        name: The reader's name in `sources.yaml`.
        about: What it lists, in one line.
        kind: The kind of subject a row is.
        number: The field that names the subject; where it is empty, the page's address does.
        page: The field with the address of the row's page.
        columns: Its columns; those without a path are known, and told by another report.
        apart: What else tells rows of one number apart.
    """

    name: str
    about: str
    kind: str
    number: str
    page: str
    columns: tuple[Column, ...]
    apart: tuple[str, ...] = ()


def _told_elsewhere(fields: str) -> tuple[Column, ...]:
    return tuple(Column(field, "", text) for field in fields.split())


_CATEGORY = Column("category", "product.category", one_of("Human", "Veterinary"))
_AREA = Column("therapeutic_area_mesh", "product.therapeutic_area", names)
_PUBLISHED = (
    Column("first_published_date", "page.first_published", day),
    Column("last_updated_date", "page.last_updated", day),
)
_OUTCOME = one_of("Maintenance", "Variation", "Suspension", "Revocation", "Withdrawal")

_POST_AUTHORISATION = Report(
    name="ema_post_authorisation",
    about="EMA's list of procedures after an authorisation: variations, extensions, renewals",
    kind="procedure",
    number="medicine_url",
    page="medicine_url",
    apart=(
        "ema_product_number",
        "post_authorisation_opinion_date",
        "withdrawal_of_application_date",
    ),
    columns=(
        _CATEGORY,
        Column("name_of_medicine", "product.brand_name", text, is_required=True),
        Column("ema_product_number", "product.number", number_of_product, is_required=True),
        Column("active_substance", "product.active_substance", names),
        Column("international_non_proprietary_name_common_name", "product.inn", names),
        Column(
            "post_authorisation_procedure_status",
            "post_authorisation.status",
            text,
            is_required=True,
        ),
        Column("post_authorisation_opinion_status", "post_authorisation.opinion_outcome", text),
        Column("post_authorisation_opinion_date", "post_authorisation.opinion_adopted", day),
        Column("withdrawal_of_application_date", "variation_application.withdrawn", day),
        *_PUBLISHED,
        Column("medicine_url", "page.url", text, is_required=True),
        *_told_elsewhere(
            "therapeutic_area_mesh atc_code_human atcvet_code_veterinary species_veterinary "
            "accelerated_assessment additional_monitoring advanced_therapy biosimilar "
            "conditional_approval exceptional_circumstances generic generic_or_hybrid "
            "orphan_medicine prime_priority_medicine marketing_authorisation_date "
            "marketing_authorisation_developer_applicant_holder"
        ),
    ),
)

_ORPHAN_DESIGNATIONS = Report(
    name="ema_orphan_designations",
    about="EMA's list of orphan designations, granted, refused and withdrawn",
    kind="orphan_designation",
    number="eu_designation_number",
    page="orphan_designation_url",
    apart=("orphan_designation_url",),
    columns=(
        Column("eu_designation_number", "orphan_designation.number", text, is_required=True),
        Column(
            "status",
            "orphan_designation.status",
            one_of("positive", "negative", "withdrawn", "expired"),
            is_required=True,
        ),
        Column(
            "date_of_designation_or_refusal",
            "orphan_designation.decided",
            day,
            ("date_of_designation_refusal", "date_of_designation"),
            is_required=True,
        ),
        Column("intended_use", "orphan_designation.intended_use", text, is_required=True),
        Column("medicine_name", "product.brand_name", names),
        Column("related_ema_product_number", "orphan_designation.products", numbers_of_products),
        Column("active_substance", "product.active_substance", names),
        *_PUBLISHED,
        Column("orphan_designation_url", "page.url", text, is_required=True),
    ),
)

_REFERRALS = Report(
    name="ema_referrals",
    about="EMA's list of referrals: questions on a medicine or class settled for the whole EU",
    kind="referral",
    number="reference_number",
    page="referral_url",
    apart=("referral_url",),
    columns=(
        _CATEGORY,
        Column("referral_name", "referral.name", text, is_required=True),
        Column("reference_number", "referral.number", text),
        Column(
            "current_status",
            "referral.status",
            one_of(
                "Procedure started",
                "Under evaluation",
                "PRAC recommendation",
                "CMDh final position",
                "CHMP opinion",
                "CVMP opinion",
                "European Commission final decision",
            ),
            is_required=True,
        ),
        Column("referral_type", "referral.type", text),
        Column("safety_referral", "referral.is_on_safety", flag),
        Column("class", "referral.class", text),
        Column("international_non_proprietary_name_inn_common_name", "product.inn", names),
        Column(
            "associated_names_centrally_authorised_medicines",
            "referral.centrally_authorised",
            names,
        ),
        Column(
            "associated_names_non_centrally_authorised_medicines",
            "referral.nationally_authorised",
            names,
        ),
        Column("prac_recommendation", "referral.prac_recommendation", text),
        Column("procedure_start_date", "referral.started", day),
        Column("prac_recommendation_date", "referral.prac_recommended", day),
        Column("cmdh_position_date", "referral.cmdh_position", day),
        Column("chmp_cvmp_opinion_date", "referral.opinion_adopted", day),
        Column("european_commission_decision_date", "referral.decided", day),
        Column("authorisation_model", "referral.authorisation_model", text),
        *_PUBLISHED,
        Column("referral_url", "page.url", text, is_required=True),
        *_told_elsewhere("non_prac_decision_making_model prac_decision_making_model"),
    ),
)

_SHORTAGES = Report(
    name="ema_shortages",
    about="EMA's list of medicine shortages it monitors",
    kind="shortage",
    number="shortage_url",
    page="shortage_url",
    columns=(
        _CATEGORY,
        Column("medicine_affected", "shortage.medicine", text, is_required=True),
        Column(
            "supply_shortage_status",
            "shortage.status",
            one_of(
                "ongoing",
                "resolved",
                also={"Shortage ongoing": "ongoing", "Shortage resolved": "resolved"},
            ),
            is_required=True,
        ),
        Column("international_non_proprietary_name_inn_or_common_name", "product.inn", names),
        _AREA,
        Column("pharmaceutical_forms_affected", "shortage.forms", names),
        Column("strengths_affected", "shortage.strengths", names),
        Column("availability_of_alternatives", "shortage.alternatives", text),
        Column("start_of_shortage_date", "shortage.started", day),
        Column("expected_resolution_date", "shortage.expected_resolution", day),
        Column("expected_resolution", "shortage.expected_resolution_text", text),
        *_PUBLISHED,
        Column("shortage_url", "page.url", text, is_required=True),
    ),
)

_DHPC = Report(
    name="ema_dhpc",
    about="EMA's list of direct healthcare professional communications",
    kind="dhpc",
    number="dhpc_url",
    page="dhpc_url",
    columns=(
        _CATEGORY,
        Column("name_of_medicine", "dhpc.medicine", names, is_required=True),
        Column("active_substances", "dhpc.active_substance", names),
        Column("dhpc_type", "dhpc.type", text, is_required=True),
        Column("regulatory_outcome", "dhpc.regulatory_outcome", _OUTCOME, is_required=True),
        Column("procedure_number", "dhpc.procedure_number", text),
        Column("referral_name", "dhpc.referral", text),
        Column("dissemination_date", "dhpc.disseminated", day, is_required=True),
        Column(
            "other_related_medicines_nationally_authorised", "dhpc.nationally_authorised", names
        ),
        _AREA,
        *_PUBLISHED,
        Column("dhpc_url", "page.url", text, is_required=True),
        *_told_elsewhere("atc_code_human atcvet_code_veterinary species"),
    ),
)

_PSUSA = Report(
    name="ema_psusa",
    about="EMA's list of single assessments of periodic safety update reports",
    kind="psusa",
    number="procedure_number",
    page="psusa_url",
    apart=("psusa_url",),
    columns=(
        _CATEGORY,
        Column("procedure_number", "psusa.procedure_number", text, is_required=True),
        Column("regulatory_outcome", "psusa.regulatory_outcome", _OUTCOME, is_required=True),
        Column("active_substances_in_scope_of_procedure", "psusa.in_scope", names),
        Column("active_substance", "psusa.active_substance", names),
        Column("related_medicines", "psusa.medicines", names),
        *_PUBLISHED,
        Column("psusa_url", "page.url", text, is_required=True),
    ),
)

_PIP = Report(
    name="ema_pip",
    about="EMA's list of decisions on paediatric investigation plans",
    kind="pip",
    number="decision_number",
    page="pip_url",
    apart=("pip_number", "pip_url"),
    columns=(
        Column("decision_number", "pip.decision_number", text, is_required=True),
        Column("pip_number", "pip.number", text),
        Column("decision_type", "pip.decision_type", text, is_required=True),
        Column("decision_date", "pip.decided", day, is_required=True),
        Column("active_substance", "pip.active_substance", names),
        Column("invented_name", "pip.brand_name", names),
        Column("therapeutic_area", "pip.therapeutic_area", names),
        Column("condition_indication", "pip.condition", text),
        Column("pharmaceutical_forms", "pip.forms", names),
        Column("routes_of_administration", "pip.routes", names),
        Column("compliance_outcome", "pip.compliance_outcome", text),
        Column("compliance_opinion_date", "pip.compliance_adopted", day),
        Column("compliance_procedure_number", "pip.compliance_procedure", text),
        *_PUBLISHED,
        Column("pip_url", "page.url", text, is_required=True),
        *_told_elsewhere("contact_for_public_enquiries"),
    ),
)

REPORTS = {
    report.name: report
    for report in (
        _POST_AUTHORISATION,
        _ORPHAN_DESIGNATIONS,
        _REFERRALS,
        _SHORTAGES,
        _DHPC,
        _PSUSA,
        _PIP,
    )
}
"""The reports by the name of their reader."""
