"""The table of the showroom: Alofisel, some medicines to which something happens, and many others.

All but Alofisel are invented, and so are their substances and holders.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import product

from kit.bulk import row

ALOFISEL = "EMEA/H/C/004258"
TOLD = date(2025, 1, 21)
"""The day on which the sources tell that Alofisel's authorisation was withdrawn."""
OTHERS = 228
"""How many medicines there are to which nothing happens but what happens to all."""
RELABELLED = 121
"""Of how many the table changes the same thing on one day."""
ENDED = "withdrawal_expiry_revocation_lapse_of_marketing_authorisation_date"
_HOLDER = "marketing_authorisation_developer_applicant_holder"
_FIRST, _LAST = (
    ("Cor", "Bre", "Dor", "Kel", "Sem", "Tav", "Zel", "Pin", "Lum", "Ari", "Vel"),
    (
        *("vanta", "lutin", "vanex", "vora", "prila", "orix", "quist", "navel", "vexa", "dessa"),
        *("mity", "garo", "lenta", "zoya"),
    ),
)
_STEMS = ("imab", "tinib", "parin", "gliptin", "sartan", "afil", "vir", "stat", "mycin", "caine")
_AREAS = (
    ("Crohn Disease", "L04AX09"),
    ("Diabetes Mellitus, Type 2", "A10BK07"),
    ("Breast Neoplasms", "L01EF04"),
    ("Hypertension", "C09CA11"),
    ("Asthma", "R03DX12"),
    ("Epilepsy", "N03AX30"),
    ("HIV Infections", "J05AR30"),
    ("Psoriasis", "L04AC25"),
)
_HOLDERS = (
    "Norvena Pharma GmbH",
    "Halden Biologics AS",
    "Laboratoires Ombrelle",
    "Tarvos Therapeutics B.V.",
    "Quillmark Limited",
    "Farmacéutica Almendra, S.A.",
)


def _named(number: int, name: str, substance: str, at: int = 0, **more: str) -> dict[str, str]:
    area, atc = _AREAS[at % len(_AREAS)]
    told = {
        "name_of_medicine": name,
        "international_non_proprietary_name_common_name": substance,
        "active_substance": substance,
        "therapeutic_area_mesh": area,
        "atc_code_human": atc,
        _HOLDER: _HOLDERS[at % len(_HOLDERS)],
        "opinion_adopted_date": f"{14 + at % 14:02d}/0{1 + at % 8}/{2008 + at % 15}",
        "marketing_authorisation_date": f"{2 + at % 26:02d}/{4 + at % 8:02d}/{2008 + at % 15}",
        "therapeutic_indication": f"{name} is indicated for the treatment of {area.casefold()}.",
        "medicine_url": f"https://www.ema.europa.eu/en/medicines/human/EPAR/{name.casefold()}",
    }
    return row(number, **{**told, **more})


def _alofisel(day: date) -> dict[str, str]:
    ended = {
        "medicine_status": "Withdrawn",
        ENDED: "13/12/2024",
        "last_updated_date": "20/01/2025",
    }
    return _named(
        4258,
        "Alofisel",
        "darvadstrocel",
        **{
            "therapeutic_area_mesh": "Rectal Fistula",
            "atc_code_human": "L04AX08",
            _HOLDER: "Takeda Pharma A/S",
            "opinion_adopted_date": "14/12/2017",
            "marketing_authorisation_date": "23/03/2018",
            "advanced_therapy": "Yes",
            "orphan_medicine": "Yes",
            **(ended if day >= TOLD else {}),
        },
    )


EVENTFUL: tuple[tuple[dict[str, str], Mapping[date, Mapping[str, str]]], ...] = (
    (
        _named(7101, "Corvanta", "sartelimab", 6),
        {date(2025, 1, 22): {_HOLDER: "Halden Biologics AS"}},
    ),
    (
        _named(7102, "Brelutin", "ozanemib", 2),
        {
            date(2025, 1, 16): {
                "medicine_status": "Suspended",
                "suspension_of_marketing_authorisation_date": "15/01/2025",
            }
        },
    ),
    (
        _named(
            7103,
            "Dorvanex",
            "lumetinib",
            3,
            medicine_status="Opinion",
            opinion_status="Positive",
            opinion_adopted_date="17/10/2024",
            marketing_authorisation_date="",
        ),
        {
            date(2025, 1, 18): {
                "medicine_status": "Authorised",
                "marketing_authorisation_date": "16/01/2025",
            }
        },
    ),
    (
        _named(7104, "Kelvora", "taprinostat", 4),
        {
            date(2025, 1, 14): {
                "medicine_status": "Revoked",
                ENDED: "10/01/2025",
            },
            date(2025, 1, 15): {"medicine_status": "Authorised", ENDED: ""},
        },
    ),
    (
        _named(7105, "Semprila", "veltarin", 5),
        {date(2025, 1, 20): {"medicine_status": "Lapsed", ENDED: "12/01/2025"}},
    ),
    (
        _named(7106, "Tavorix", "colimumab", 6),
        {TOLD: {"additional_monitoring": "Yes"}},
    ),
    (_named(7107, "Zelquist", "zelufenine", 7), {date(2025, 1, 19): {"atc_code_human": "L04AC31"}}),
    (
        _named(7108, "Pinavel", "pinaverine", 8),
        {date(2024, 12, 12): {"name_of_medicine": "Pinavel Novo"}},
    ),
)


def _quiet() -> Iterator[dict[str, str]]:
    taken = {rows["name_of_medicine"] for rows, _ in EVENTFUL}
    names = [first + last for last, first in product(_LAST, _FIRST)]
    names += [f"{name} Plus" for name in names[: OTHERS // 2]]
    free = [each for each in names if each not in taken][:OTHERS]
    for at, name in enumerate(free):
        stem = _STEMS[at % len(_STEMS)]
        yield _named(6000 + at, name, f"{name.casefold().split()[0][:5]}{stem}", at)


_QUIET = tuple(_quiet())


def rows_on(day: date) -> list[dict[str, str]]:
    """Return the rows of the table on a day."""
    found = [_alofisel(day)]
    for told, changes in EVENTFUL:
        now = dict(told)
        for since, changed in changes.items():
            now |= changed if day >= since else {}
        found.append(now)
    group = {"pharmacotherapeutic_group_human": "Immunosuppressants, other"}
    is_relabelled = day >= date(2025, 1, 20)
    found += [
        each | group if is_relabelled and at < RELABELLED else each
        for at, each in enumerate(_QUIET)
    ]
    return [dict(each) for each in found]
