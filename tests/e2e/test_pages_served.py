"""The service serves pages: a person answers by page or command while it runs; real processes."""

from __future__ import annotations

import json
import socket
import time

import httpx
import pytest

from kit.bulk import bulk, row, withdrawn
from kit.faulty_server import FaultyServer
from kit.free_port import free_port
from kit.process import command, service, terminate
from kit.station import settings

PATH = "/medicines.json"
PATIENCE = 30.0

pytestmark = pytest.mark.e2e


@pytest.fixture
def port():
    return free_port()


@pytest.fixture
def place(tmp_path, port):
    """A folder in which a withdrawal was found and told, and a service would serve pages."""
    with FaultyServer() as site:
        source = {"id": "ema", "reader": "ema_medicines", "url": site.url(PATH), "every": "1h"}
        path = settings(tmp_path, [source], channels={"pv": "folder:messages"})
        told = json.loads(path.read_text("utf-8"))
        told["web"] = {"port": port, "public_url": f"http://127.0.0.1:{port}/"}
        path.write_text(json.dumps(told), encoding="utf-8")
        site.page(PATH, bulk(row(1), row(2)), media_type="application/json")
        assert command(tmp_path, "once").returncode == 0
        site.page(PATH, bulk(row(1), withdrawn(2)), media_type="application/json")
        assert command(tmp_path, "once").returncode == 0
        yield tmp_path


def answered(address):
    """Return the first answer of a service that is starting."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return httpx.get(address, timeout=5)
        except httpx.TransportError:
            assert time.monotonic() < end, "no page within half a minute"
            time.sleep(0.1)  # noqa: TID251  another process starts meanwhile


def listed(folder, *words):
    done = command(folder, "cases", "--json", *words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_page_and_a_command_answer_while_the_service_runs(place, port):
    with service(place) as process:
        assert answered(f"http://127.0.0.1:{port}/readyz").text == "ok\n"
        (case,) = listed(place, "--open")
        (letter,) = (place / "messages").glob("*.txt")
        link = next(word for word in letter.read_text("utf-8").split() if "/act/" in word)
        assert httpx.get(link).status_code == 200
        assert listed(place, "--open"), "to look changes nothing"
        done = httpx.post(link, data={"name": "K. Ito", "why": "seen"})
        judged = command(
            place, "judge", case["case"][:12], "wrong", "--why", "misread", "--as", "m. weber"
        )
        code, said = terminate(process)

    assert "acknowledged by K. Ito (channel pv)" in done.text
    assert judged.returncode == 0, judged.stderr
    assert f"watcher correct {case['event']}" in judged.stderr
    assert (code, "uvicorn" in said.casefold()) == (0, False), said
    (case,) = listed(place)
    assert (case["state"], case["by"]) == ("wrong", "m. weber")
    assert command(place, "replay", "--rebuild").returncode == 0


def test_a_port_that_is_taken_is_told_before_the_service_starts(place, port):
    with socket.create_server(("127.0.0.1", port)):
        refused = command(place, "run")
        with service(place, "--no-web") as process:
            code, said = _ended(process, place)

    assert refused.returncode == 2
    assert f"port {port}: Address already in use" in refused.stderr
    assert "--no-web" in refused.stderr
    assert "watching" not in refused.stderr
    assert code == 0, said


def _ended(process, folder):
    lock = folder / "data" / "watcher.db.lock"
    end = time.monotonic() + PATIENCE
    while lock.read_text() != str(process.pid):
        assert time.monotonic() < end
        time.sleep(0.1)  # noqa: TID251  another process starts meanwhile
    time.sleep(0.5)  # noqa: TID251
    return terminate(process)


def test_commands_answer_where_no_service_runs(place):
    (case,) = listed(place)
    given = command(place, "assign", "message:1", "--to", "k. ito", "--as", "m. weber")
    done = command(place, "acknowledge", case["case"][:8], "--as", "k. ito", "--why", "on it")
    again = command(place, "acknowledge", case["case"][:8], "--as", "m. weber")
    shown = command(place, "cases")

    assert "nobody → k. ito by m. weber" in given.stderr
    assert "assigned → acknowledged by k. ito" in done.stderr
    assert (again.returncode, "k. ito acknowledged it on" in again.stderr) == (1, True)
    assert "acknowledged by k. ito" in shown.stdout
    assert listed(place, "--open") == []
    reasonless = command(place, "judge", case["case"], "irrelevant")
    assert (reasonless.returncode, "say why" in reasonless.stderr) == (1, True)
