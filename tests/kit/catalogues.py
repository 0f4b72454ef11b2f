"""EMA's table as people look medicines up in it, of medicines that exist and some that do not."""

from __future__ import annotations

from kit.bulk import bulk, row, withdrawn
from watcher.readers.ema_medicines import READER
from watcher.readers.reader import Payload
from watcher.services.catalogue import Listed, of_reading

ALOFISEL = {
    "name_of_medicine": "Alofisel",
    "ema_product_number": "EMEA/H/C/004258",
    "international_non_proprietary_name_common_name": "darvadstrocel",
    "active_substance": "darvadstrocel",
}


def alofisel(**changed: str) -> dict[str, str]:
    """Return Alofisel's row, authorised."""
    return row(4258, **{**ALOFISEL, **changed})


def imatinib(number: int, holder: str) -> dict[str, str]:
    """Return the row of one of several medicines with imatinib."""
    return row(
        number,
        name_of_medicine=f"Imatinib {holder}",
        international_non_proprietary_name_common_name="imatinib",
        active_substance="imatinib mesilate",
    )


def table() -> str:
    """Return the file."""
    return bulk(alofisel(), imatinib(11, "Accord"), imatinib(12, "Teva"), row(1), withdrawn(2))


def catalogue() -> tuple[Listed, ...]:
    """Return its medicines."""
    return of_reading(READER.read(Payload(body=table().encode())))
