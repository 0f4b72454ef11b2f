"""Ten real medicines, each page as it was over half a year: ten withdrawals, ten mails, no more."""

from __future__ import annotations

from collections import Counter

import pytest

from kit.faulty_server import FaultyServer
from kit.receivers import Mailbox
from kit.station import settings, station
from watcher.core.taxonomy import Severity
from watcher.core.verdict import Verdict

WITHDRAWN = (
    *("atazanavir-krka", "copiktra", "fluad-tetra", "lumark", "lyxumia"),
    *("xevudy", "zabdeno", "mvabea", "natpar", "zoledronic-acid-hospira"),
)


@pytest.mark.realdata
def test_ten_medicines_are_withdrawn_and_each_is_told_once(tmp_path, shared_data):
    versions = {
        slug: sorted((shared_data / "ema_pages" / "versions" / slug).glob("*.md"))
        for slug in WITHDRAWN
    }
    with FaultyServer() as site, Mailbox() as box:
        addresses = {slug: f"/en/medicines/human/EPAR/{slug}" for slug in WITHDRAWN}
        path = settings(
            tmp_path,
            [
                {
                    "id": "ema-pages",
                    "title": "EMA medicine pages",
                    "reader": "ema_medicine_page",
                    "urls": [site.url(address) for address in addresses.values()],
                }
            ],
            channels={"pv-team": box.address()},
        )
        with station(path) as watching:
            for step in range(max(map(len, versions.values()))):
                for slug, files in versions.items():
                    body = files[min(step, len(files) - 1)].read_bytes()
                    site.page(addresses[slug], body, media_type="text/markdown; charset=utf-8")
                looks = watching.look()
                assert {look.capture.verdict for look in looks} == {Verdict.OK}, [
                    (look.capture.url, look.capture.reason) for look in looks
                ]
            again = watching.look()

            told = Counter(watching.types())
            critical = watching.types(least=Severity.CRITICAL)
            assert critical == ["authorisation.withdrawn"] * 10, told
            assert [event for look in again for event in look.events] == []
            assert len(box.messages) == 10
            assert {waiting.state for waiting in watching.outbox()} == {"delivered"}
            effective = {
                event.event.subject.id: event.event.effective
                for event in watching.log(types=("authorisation.withdrawn",))
            }
            assert effective["EMEA/H/C/003861"] == "2026-07-01"  # Natpar
            assert effective["EMEA/H/C/005676"] == "2026-02-18"  # Xevudy, from its sentence
