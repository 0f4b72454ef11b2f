"""Four real bulk files of August 2024, served one after the other: two endings told, no more."""

from __future__ import annotations

import pytest

from kit.faulty_server import FaultyServer
from kit.receivers import Mailbox
from kit.station import settings, station
from watcher.services.replay import as_of, rebuild

PATH = "/en/documents/report/medicines.xlsx"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILES = ("2024-08-15_0400_*", "2024-08-16_*", "2024-08-22_1506_245eb08_*", "2024-08-22_*resaved*")
QUIET = {"fact.changed", "product_information.updated"}


@pytest.mark.realdata
def test_a_week_of_bulk_files_tells_what_happened_in_it(tmp_path, shared_data):
    files = [next((shared_data / "ema_bulk_xlsx").glob(pattern)) for pattern in FILES]
    with FaultyServer() as site, Mailbox() as box:
        path = settings(
            tmp_path,
            [
                {
                    "id": "ema-medicines",
                    "title": "EMA, all medicines",
                    "reader": "ema_medicines",
                    "url": site.url(PATH),
                    "expect": {"records": [2000, 3000]},
                }
            ],
            channels={"pv-team": box.address()},
        )
        with station(path) as watching:
            steps = []
            for file in files:
                site.page(PATH, file.read_bytes(), media_type=XLSX)
                before = len(watching.log())
                watching.look()
                steps.append([told.event for told in watching.log()[before:]])

            assert [len(step) for step in (steps[0], steps[1], steps[3])] == [0, 0, 0]
            news = [event for event in steps[2] if event.type not in QUIET]
            named = {event.type: [] for event in news}
            for event in news:
                named[event.type].append(event.subject.id)
            assert named["authorisation.granted"] == ["EMEA/H/C/006053"]
            assert named["authorisation.withdrawn"] == ["EMEA/H/C/004650"]
            assert sorted(named["authorisation.holder_transferred"]) == [
                "EMEA/H/C/000255",
                "EMEA/H/C/004048",
            ]
            assert {name for name in named if name.startswith(("authorisation.", "product."))} == {
                "authorisation.granted",
                "authorisation.withdrawn",
                "authorisation.holder_transferred",
            }
            withdrawn, granted = sorted(mail.subject for mail in box.messages)
            assert withdrawn.startswith("[CRITICAL] Tremelimumab AstraZeneca: Authorised →")
            assert granted.startswith("[HIGH] GalliaPharm")
            store = watching.watcher.store
            (known,) = as_of(store, "2027-01-01T00:00:00Z", product="Tremelimumab AstraZeneca")
            assert known.status == "withdrawn"
            (alofisel,) = as_of(store, "2027-01-01T00:00:00Z", product="Alofisel")
            assert alofisel.status == "authorised"
            assert rebuild(store).is_equal
