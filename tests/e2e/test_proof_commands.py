"""The commands about proof, as people and auditors use them."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from kit.bulk import bulk, row, withdrawn
from kit.faulty_server import FaultyServer
from kit.process import command, service, terminate
from kit.proven import behind_its_back
from kit.station import settings
from watcher.cli.main import app

PATH = "/medicines.json"
JSON = "application/json"

pytestmark = pytest.mark.e2e


@pytest.fixture
def site():
    with FaultyServer() as site:
        site.page(PATH, bulk(row(1), row(2)), media_type=JSON)
        yield site


def configured(folder, site, every="12h"):
    source = {"id": "ema", "reader": "ema_medicines", "url": site.url(PATH), "every": every}
    settings(folder, [source], channels={"f": "folder:messages"})


def told(folder, *words, code=0):
    """Run a command in this process: starting Python thirty times would take half a minute."""
    with contextlib.chdir(folder):
        done = CliRunner(env={"NO_COLOR": "1", "COLUMNS": "200"}).invoke(app, words)
    assert done.exit_code == code, done.output
    return done


def as_json(folder, *words):
    return json.loads(told(folder, *words, "--json").stdout)


def test_an_outsider_checks_a_withdrawal_with_what_a_person_packed(tmp_path, site):
    configured(tmp_path, site)
    told(tmp_path, "once")
    site.page(PATH, bulk(row(1), withdrawn(2)), media_type=JSON)
    told(tmp_path, "once")
    (event,) = as_json(tmp_path, "events", "--type", "authorisation.withdrawn")
    position = str(event["position"])
    assert "not covered by a signed checkpoint yet" in told(tmp_path, "prove", position).stdout
    note = told(tmp_path, "seal").stdout
    assert "nothing new" in told(tmp_path, "seal").stderr
    vkey = told(tmp_path, "seal", "--key").stdout.strip()

    proof = as_json(tmp_path, "prove", event["event_id"][:16])
    assert proof["checkpoint"]["note"] == note
    assert proof["inclusion"]["leaf"] == event["hash"]
    capture = as_json(tmp_path, "prove", event["provenance"]["capture"])
    assert json.loads(capture["row"]["canonical"])["digest"] == event["provenance"]["snapshot"]
    assert capture["seal"]["root"] == capture["inclusion"]["root"]
    assert "root" in told(tmp_path, "prove", event["provenance"]["capture"]).stdout

    told(tmp_path, "evidence", position, "-o", "bundle.zip")
    again = told(tmp_path, "evidence", position)
    assert f"evidence-{position}.zip" in again.stderr
    made = (tmp_path / "bundle.zip").read_bytes()
    assert made == (tmp_path / f"evidence-{position}.zip").read_bytes()
    unpack = [sys.executable, "-m", "zipfile", "-e", "bundle.zip", "out"]
    subprocess.run(unpack, cwd=tmp_path, check=True)
    done = subprocess.run(
        [sys.executable, "-I", "out/verify.py", "--vkey", vkey],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_look_of_a_week_is_shown_with_the_seals_that_hold_it(tmp_path, site):
    configured(tmp_path, site)
    for _ in range(3):
        told(tmp_path, "once")
    told(tmp_path, "seal")

    said = told(tmp_path, "prove", "--checks", "ema", "--since", "2020-01-01").stdout
    assert said.startswith("checked 3 times: 3 unchanged, 0 changed, 0 not good")
    assert "captures 1-3" in said
    found = as_json(tmp_path, "prove", "--checks", "ema")
    assert (found["checked"], found["walked"], found["unsealed"]) == (3, 1, 0)
    assert "no look at" in told(tmp_path, "prove", "--checks", "nobody", code=1).stderr
    assert "name an event" in told(tmp_path, "prove", code=2).stderr


def test_verify_counts_what_is_whole_and_holds_the_log_against_a_kept_checkpoint(tmp_path, site):
    configured(tmp_path, site)
    told(tmp_path, "once")
    kept = tmp_path / "kept.txt"
    kept.write_text(told(tmp_path, "seal").stdout, encoding="utf-8")
    site.page(PATH, bulk(row(1), withdrawn(2)), media_type=JSON)
    told(tmp_path, "once")

    found = as_json(tmp_path, "verify", "--checkpoint", "kept.txt")
    assert found["ok"]
    assert (found["captures"], found["seals"], found["checkpoints"], found["kept"]) == (2, 1, 1, 1)
    assert "whole: " in told(tmp_path, "verify", "1").stderr
    kept.write_text("not a checkpoint", encoding="utf-8")
    assert "kept.txt" in told(tmp_path, "verify", "--checkpoint", "kept.txt", code=2).stderr
    assert "public key" in told(tmp_path, "verify", "--vkey", "nonsense", code=2).stderr
    with behind_its_back(tmp_path / "data" / "watcher.db") as outside:
        outside.execute("UPDATE events SET recorded_at = 'x' WHERE position = 1")
    assert "position 1: the row does not fit" in told(tmp_path, "verify", code=3).stderr


def test_the_service_seals_at_its_end_and_turns_others_away_meanwhile(tmp_path, site):
    configured(tmp_path, site, every="1s")
    with service(tmp_path) as process:
        site.wait_for(2, PATH)
        refused = command(tmp_path, "seal")
        assert (refused.returncode, "in use by another watcher" in refused.stderr) == (3, True)
        assert "whole: " in told(tmp_path, "verify").stderr
        code, said = terminate(process)

    assert code == 0, said
    assert "signed a checkpoint over" in said
    found = as_json(tmp_path, "verify")
    assert (found["seals"], found["checkpoints"]) == (1, 1)
    assert found["captures"] >= 2


def test_a_key_that_others_may_read_stops_the_service_before_it_begins(tmp_path, site):
    configured(tmp_path, site)
    told(tmp_path, "once")
    (tmp_path / "data" / "signing.key").chmod(0o644)

    assert "chmod 600" in told(tmp_path, "once", code=2).stderr
