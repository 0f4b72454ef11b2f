"""A site on the loopback that stands in for EMA: the table of medicines, and pages of some."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kit.bulk import bulk, row, withdrawn
from kit.catalogues import alofisel, imatinib
from kit.faulty_server import FaultyServer
from watcher.demo.story import SCENES

TABLE = "/medicines.json"
PAGE = "/en/medicines/human/EPAR/alofisel"
AUTHORISED, ENDED = SCENES[2].body, SCENES[6].body
"""Alofisel's page before and after its withdrawal."""


class EmaSite(FaultyServer):
    """The site; its table has five medicines, one of which was withdrawn."""

    def publish(self, *, is_withdrawn: bool = False) -> None:
        """Show the table and Alofisel's page, both before or both after its withdrawal."""
        changed = {"medicine_url": self.url(PAGE)}
        if is_withdrawn:
            ended = withdrawn(0)
            columns = (
                "medicine_status",
                "last_updated_date",
                "withdrawal_expiry_revocation_lapse_of_marketing_authorisation_date",
            )
            changed |= {column: ended[column] for column in columns}
        others = [imatinib(11, "Accord"), imatinib(12, "Teva"), row(1), withdrawn(2)]
        self.page(
            TABLE,
            bulk(alofisel(**changed), *map(self._with_page, others)),
            media_type="application/json",
            etag=f'"{int(is_withdrawn)}"',
        )
        self.page(PAGE, ENDED if is_withdrawn else AUTHORISED)

    def _with_page(self, row: dict[str, str]) -> dict[str, str]:
        """Show another medicine's page, which is Alofisel's under its own names, and name it."""
        number = row["ema_product_number"]
        path = f"/en/medicines/human/EPAR/{number.rpartition('/')[2]}"
        is_over = row["medicine_status"] == "Withdrawn"
        body = (ENDED if is_over else AUTHORISED).replace("EMEA/H/C/004258", number)
        substance = row["international_non_proprietary_name_common_name"]
        body = body.replace("Alofisel", row["name_of_medicine"]).replace("darvadstrocel", substance)
        self.page(path, body)
        return {**row, "medicine_url": self.url(path)}

    @property
    def table(self) -> str:
        """Return the table's address."""
        return self.url(TABLE)


@contextmanager
def ema_site() -> Iterator[EmaSite]:
    """Yield the site, as it is before the withdrawal."""
    with EmaSite() as site:
        site.publish()
        yield site
