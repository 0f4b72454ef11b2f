"""A secret in every place a secret can be, every command at the loudest log: none is ever seen."""

from __future__ import annotations

import base64
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kit import replies
from kit.bulk import bulk, row, withdrawn
from kit.canaries import CANARIES, sung, sung_in
from kit.faulty_server import FaultyServer
from kit.station import settings

pytestmark = pytest.mark.e2e

PATH = "/medicines.json"
LOUD = """
import logging, sys
logging.basicConfig(level=1, stream=sys.stderr)
from watcher.cli.main import app
app(sys.argv[1:])
"""


def reflected(seen: replies.Seen) -> list[object]:
    """What a careless server answers: the request, secrets and all."""
    return list(replies.answer(f"cannot {seen.path} with {dict(seen.headers)}", 500)(seen))


def loudly(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", LOUD, *words],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1", "NO_PROXY": "127.0.0.1", **environment},
        capture_output=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def site():
    with FaultyServer() as site:
        site.page(PATH, bulk(row(1), row(2)), media_type="application/json")
        yield site


@pytest.fixture
def careless():
    with FaultyServer() as careless:
        careless.outage(reflected)
        yield careless


@pytest.fixture
def folder(tmp_path, site, careless):
    """A folder with a configuration whose channels hold every canary, of variables and files."""
    place = tmp_path / "watcher"
    place.mkdir(mode=0o700)
    port = careless.port
    hook = f"json://u:${{CANARY_PASSWORD}}@127.0.0.1:{port}/${{CANARY_TOKEN}}"
    channels = {
        "hook": f"{hook}?k=${{CANARY_QUERY}}&+X-Key=${{CANARY_HEADER}}",
        "chat": f"mmost://127.0.0.1:{port}/${{CANARY_TOKEN}}",
        "mail": f"mailto://w:${{CANARY_MAIL}}@127.0.0.1:{port}/?from=w@example.org&to=r@example.org",
    }
    source = {"id": "ema", "reader": "ema_medicines", "url": site.url(PATH)}
    path = settings(place, [source], channels=channels)
    told = json.loads(path.read_text(encoding="utf-8"))
    told["ping"] = "https://ping.invalid/${CANARY_PING}"
    path.write_text(json.dumps(told), encoding="utf-8")
    return place


@pytest.fixture
def environment(tmp_path):
    """One canary in a file, the others in variables."""
    secret = tmp_path / "mail-password"
    secret.write_text(CANARIES["CANARY_MAIL"] + "\n", encoding="utf-8")
    secret.chmod(0o600)
    rest = {name: value for name, value in CANARIES.items() if name != "CANARY_MAIL"}
    return {**rest, "CANARY_MAIL_FILE": str(secret)}


COMMANDS = (
    ("config", "show"),
    ("once",),
    ("test-channel", "hook"),
    ("test-channel", "chat"),
    ("test-channel", "mail"),
    ("alerts", "--json"),
    ("events", "--json"),
    ("verify",),
)


def test_no_command_shows_or_keeps_a_secret(folder, environment, site, careless):
    assert loudly(folder, "once", **environment).returncode == 0
    site.page(PATH, bulk(row(1), withdrawn(2)), media_type="application/json")
    done = {words: loudly(folder, *words, **environment) for words in COMMANDS}

    assert done["once",].returncode == 0, done["once",].stderr
    assert done["test-channel", "hook"].returncode == 1
    told = {
        words: (sung(each.stdout), sung(each.stderr))
        for words, each in done.items()
        if sung(each.stdout) or sung(each.stderr)
    }
    assert told == {}
    assert sung_in(folder) == []
    # they were really used: the careless server got them
    seen = "".join(f"{each.path} {dict(each.headers)}" for each in careless.requests).encode()
    assert {"CANARY_TOKEN", "CANARY_PASSWORD", "CANARY_HEADER"} <= set(sung(seen))


def test_the_service_shows_no_secret_from_its_start_to_its_end(folder, environment, site):
    with subprocess.Popen(
        [sys.executable, "-c", LOUD, "run"],
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            site.wait_for(1, PATH)
            process.terminate()
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()

    assert process.returncode == 0, err
    assert (sung(out), sung(err), sung_in(folder)) == ([], [], [])


def test_a_configuration_that_cannot_be_used_shows_no_secret_either(folder, environment):
    path = folder / "sources.yaml"
    path.write_text(path.read_text().replace("json://", "jsno://").replace("mmost://", "slack://"))

    done = [loudly(folder, *words, **environment) for words in COMMANDS[:2]]

    assert [each.returncode for each in done] == [2, 2]
    assert [sung(each.stdout + each.stderr) for each in done] == [[], []]


def test_the_signing_key_stands_in_its_own_file_alone(folder, environment):
    done = [loudly(folder, *words, **environment) for words in (("once",), ("verify",))]
    key = folder / "data" / "signing.key"
    if not key.exists():
        pytest.skip("this watcher signs nothing")
    lines = [line for line in key.read_text().split() if len(line) > 20]
    canaries = {f"line {number}": line for number, line in enumerate(lines)}

    assert key.stat().st_mode & 0o077 == 0
    found = [each for each in sung_in(folder, canaries) if not each.startswith("data/signing.key")]
    assert found == []
    assert [sung(each.stdout + each.stderr, canaries) for each in done] == [[], []]


@pytest.mark.parametrize("name", CANARIES)
def test_the_search_would_find_a_canary_in_any_form(tmp_path, name):
    secret = CANARIES[name]
    (tmp_path / "a.db").write_bytes(b"\0\xff" + secret.encode() + b"\0")
    (tmp_path / "b.log").write_bytes(base64.b64encode(f"user:{secret}:more".encode()))
    assert sung_in(tmp_path) == [f"a.db: {name}", f"b.log: {name}"]


def test_a_program_without_our_care_is_caught_by_the_search(careless):
    """The control: Apprise by itself, at its loudest, prints the token of a chat."""
    code = (
        "import logging, os, sys, apprise\n"
        "logging.basicConfig(level=1, stream=sys.stderr)\n"
        "apprise.Apprise(sys.argv[1]).notify('t')\n"
    )
    url = f"mmost://127.0.0.1:{careless.port}/{CANARIES['CANARY_TOKEN']}"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, url],
        capture_output=True,
        check=False,
        timeout=60,
    )

    assert sung(done.stderr) == ["CANARY_TOKEN"]
    assert logging.getLogger("apprise").level in {logging.NOTSET, logging.WARNING}
