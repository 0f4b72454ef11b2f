"""A service at which people sign in: users and tokens come and go while it runs; real processes."""

from __future__ import annotations

import json
from contextlib import ExitStack

import httpx
import pytest

from kit.free_port import free_port
from kit.process import command, service, terminate
from kit.served import adds, sign_in, started
from kit.signing_in import PASSWORD
from kit.station import settings

SOURCE = {
    "id": "ema",
    "reader": "ema_medicines",
    "url": "http://127.0.0.1:9/medicines.json",
    "every": "1h",
}

pytestmark = pytest.mark.e2e


@pytest.fixture
def port():
    return free_port()


@pytest.fixture
def place(tmp_path, port):
    path = settings(tmp_path, [SOURCE], channels={"pv": "folder:messages"})
    told = json.loads(path.read_text("utf-8"))
    told["web"] = {"port": port, "sign_in": {}}
    path.write_text(json.dumps(told), encoding="utf-8")
    return tmp_path


@pytest.fixture
def signed_in():
    """What signs somebody in and returns their browser; all are closed at the end."""
    with ExitStack() as opened:

        def browser(address, name):
            made = opened.enter_context(httpx.Client(base_url=address))
            sign_in(made, name)
            return made

        yield browser


def test_users_and_tokens_come_and_go_while_the_service_runs(place, port, signed_in):
    address = f"http://127.0.0.1:{port}"
    with service(place) as process:
        assert started(address).text == "ok\n"
        adds(place, "anna", "admin")
        anna = signed_in(address, "anna")
        assert "an admin" in anna.get("/you").text
        token = command(place, "tokens", "add", "board", "--as", "k. weber").stdout.strip()
        api = {"Authorization": f"Bearer {token}"}
        assert httpx.get(f"{address}/api/v1/cases", headers=api).status_code == 200
        revoked = command(place, "tokens", "revoke", token.split("_")[1])
        stopped = command(place, "users", "disable", "anna", "--why", "on leave")
        assert (revoked.returncode, stopped.returncode) == (0, 0), stopped.stderr
        codes = [
            httpx.get(f"{address}/api/v1/cases", headers=api).status_code,
            anna.get("/you").status_code,
        ]
        code, said = terminate(process)

    assert codes == [401, 401]
    assert code == 0, said
    assert "nobody can sign in yet: `watcher users add NAME --role admin`" in said
    assert "user_add for" in said
    for secret in (PASSWORD, token, "argon2"):
        assert secret not in said
    told = json.loads(command(place, "audit", "--json").stdout)
    assert [each["what"] for each in told if each["subject"][:4] in {"user", "toke"}] == [
        "user.added",
        "token.added",
        "token.revoked",
        "user.disabled",
    ]
    assert [*(place / "data" / "requests").iterdir()] == [], "nothing secret is left lying there"


def test_an_address_that_others_reach_needs_people_to_sign_in(place, port):
    told = json.loads((place / "sources.yaml").read_text("utf-8"))
    told["web"] = {"port": port}
    (place / "sources.yaml").write_text(json.dumps(told), encoding="utf-8")
    refused = command(place, "run", "--web-address", "0.0.0.0")  # noqa: S104  what is refused
    told["web"]["address"] = "0.0.0.0"  # noqa: S104
    (place / "sources.yaml").write_text(json.dumps(told), encoding="utf-8")
    written = command(place, "run")

    assert (refused.returncode, written.returncode) == (2, 2)
    assert "command line:0: --web-address: 0.0.0.0 can be reached by other" in refused.stderr
    assert "sources.yaml:1: web.address: 0.0.0.0 can be reached by other" in written.stderr
    assert "add sign_in" in written.stderr
    assert not (place / "data" / "watcher.db").exists()


def test_a_command_may_name_another_port(place):
    other = free_port()
    with service(place, "--web-port", str(other)) as process:
        assert started(f"http://127.0.0.1:{other}").text == "ok\n"
        code, said = terminate(process)

    assert (code, f"pages at http://127.0.0.1:{other}/" in said) == (0, True), said
