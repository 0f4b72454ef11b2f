"""Workers and schedulers as processes of their own on one PostgreSQL, killed and started again."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from kit.engines import address_of
from kit.process import command
from kit.station import settings

pytestmark = pytest.mark.e2e

_TORTURE = Path(__file__).parents[1] / "torture" / "cluster.py"


def torture():
    """The script of `make torture`, of which this is the short form."""
    spec = importlib.util.spec_from_file_location("torture_cluster", _TORTURE)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.usefixtures("postgres")
def test_killed_workers_schedulers_and_database_lose_nothing_and_break_no_manners(tmp_path):
    script = torture()
    plan = script.Plan(tables=1, rows=40, hosts=10, workers=2, kills=3, seed=5, limit=240.0)
    verdict = script.torture(tmp_path, plan)

    assert sum(verdict.kills.values()) == 3
    assert verdict.requests > 40
    assert verdict.is_good, verdict


def test_on_one_file_there_is_one_process_and_it_says_so(tmp_path):
    source = {"id": "s", "reader": "ema_medicines", "url": "http://127.0.0.1:9/x"}
    settings(tmp_path, [source], channels={"files": "folder:messages"})

    for words in (["worker"], ["scheduler"], ["cluster", "status"]):
        done = command(tmp_path, *words)
        assert done.returncode == 1
        assert "several processes need PostgreSQL" in done.stderr


def test_a_status_without_anybody_names_who_is_missing(tmp_path, postgres):
    with postgres.database() as url:
        source = {"id": "s", "reader": "ema_medicines", "url": "http://127.0.0.1:9/x"}
        storage = {"database": address_of(url)}
        settings(tmp_path, [source], channels={"files": "folder:messages"}, storage=storage)

        assert command(tmp_path, "cluster", "health").returncode == 1
        done = command(tmp_path, "cluster", "status", "--json")
        assert done.returncode == 1
        told = json.loads(done.stdout)
        assert told["standing"]["missing"] == ["worker", "scheduler"]
        assert told["standing"]["pressure"] == "none"
