"""`/metrics`: what the store says, documented; nothing else is charted or alerted on."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from kit.api import asking
from kit.write_documents import DOCS
from watcher.core.capture import instant
from watcher.ports.cluster import Process
from watcher.web.families import FAMILIES
from watcher.web.metrics import Meter

DEPLOY = DOCS.parent / "deploy"
NAMES = {family.name for family in FAMILIES}
_NAMED = re.compile(r"\bwatcher_[a-z_]+")


@pytest.fixture
def client(tmp_path):
    with asking(tmp_path) as client:
        yield client


def scraped(client):
    """Return the samples by name and labels, as Prometheus's own parser reads them."""
    told = client.get("/metrics")
    assert told.status_code == 200
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(told.text)
        for sample in family.samples
    }


def test_the_numbers_are_what_the_store_says(client):
    client.here.watcher.alert()
    told = scraped(client)

    assert told["watcher_captures_total", ("source", "ema"), ("verdict", "ok")] == 2
    sizes = [each["size"] for each in client.items("captures")]
    assert told["watcher_payload_bytes_total", ("source", "ema")] == sum(sizes)
    assert told["watcher_log_head",] == len(client.items("events"))
    assert told["watcher_alerting_lag_events",] == 0
    assert told["watcher_open_cases",] == 1
    assert told["watcher_last_good_capture_seconds", ("source", "ema")] == 0
    assert told["watcher_targets", ("source", "ema")] == 1
    delivered = told["watcher_outbox_messages", ("state", "delivered")]
    assert delivered == len(client.items("deliveries?state=delivered"))
    assert told["watcher_checkpoint_age_seconds",] == float("inf")
    counted = sum(value for key, value in told.items() if key[0] == "watcher_events_total")
    assert counted == told["watcher_log_head",]


def test_a_second_scrape_goes_on_where_the_first_was(client):
    first = scraped(client)
    client.here.told(3)
    again = scraped(client)
    key = ("watcher_events_total", ("family", "authorisation"), ("severity", "critical"))

    assert again[key] == first[key] + 1
    assert again["watcher_captures_total", ("source", "ema"), ("verdict", "ok")] == 3


def test_a_meter_that_began_late_counts_the_same(client):
    store = client.here.watcher.store
    grown, new = Meter(), Meter()
    with store.reading() as work:
        list(grown.read(work))
    client.here.told(3)
    with store.reading() as work:
        assert list(grown.read(work)) == list(new.read(work))


def test_time_that_goes_by_makes_a_source_overdue(client):
    client.here.clock.forward(48 * 3600)
    told = scraped(client)

    assert told["watcher_targets_overdue", ("source", "ema")] == 1
    assert told["watcher_last_good_capture_seconds", ("source", "ema")] == 48 * 3600


def test_the_queue_tells_its_age_and_who_is_there_to_work_it_off(client):
    here = client.here
    with here.watcher.store.writing() as work:
        for role, machine in (("worker", "a"), ("worker", "b"), ("scheduler", "a")):
            at = instant(here.clock.now())
            work.processes.beat(
                Process(
                    id=f"{role}-{machine}",
                    role=role,
                    machine=machine,
                    pid=1,
                    version="0.9.0",
                    started_at=at,
                    beat_at=at,
                )
            )
    told = scraped(client)
    assert told["watcher_processes", ("role", "worker"), ("state", "alive")] == 2
    assert told["watcher_role_missing", ("role", "worker")] == 0
    assert told["watcher_queue_age_seconds",] == told["watcher_targets_due",] == 0
    assert told["watcher_fetch_pressure",] == 0

    here.clock.forward(48 * 3600)
    told = scraped(client)
    assert told["watcher_processes", ("role", "worker"), ("state", "silent")] == 2
    assert told["watcher_role_missing", ("role", "scheduler")] == 1
    assert told["watcher_targets_due",] == 1
    assert 0 < told["watcher_queue_age_seconds",] < 48 * 3600


def test_every_family_is_told_and_no_other(client):
    told = client.get("/metrics").text
    types = set(re.findall(r"^# TYPE (\S+)", told, re.MULTILINE))

    assert types == NAMES


def test_every_metric_is_documented():
    assert set(_NAMED.findall((DOCS / "metrics.md").read_text("utf-8"))) == NAMES


def test_the_dashboard_shows_all_that_is_measured_and_nothing_else():
    board = json.loads((DEPLOY / "grafana" / "watcher.json").read_text("utf-8"))
    asked = [target["expr"] for panel in board["panels"] for target in panel.get("targets", ())]

    assert {name for each in asked for name in _NAMED.findall(each)} == NAMES
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


def alerts():
    told = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text("utf-8"))
    return [rule for group in told["groups"] for rule in group["rules"]]


def test_alerts_are_on_what_there_is_and_say_what_to_do():
    runbook = (DOCS / "operating.md").read_text("utf-8")
    for rule in alerts():
        named = set(_NAMED.findall(rule["expr"]))
        assert named
        assert named <= NAMES, rule["alert"]
        assert f"| `{rule['alert']}` |" in runbook, rule["alert"]
        assert rule["annotations"]["summary"]


def test_no_alert_is_explained_that_there_is_not():
    runbook = (DOCS / "operating.md").read_text("utf-8")

    assert set(re.findall(r"^\| `(Watcher\w+)` \|", runbook, re.MULTILINE)) == {
        rule["alert"] for rule in alerts()
    }
