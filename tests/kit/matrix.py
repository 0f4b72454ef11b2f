"""Synapse with one room, a robot that may write in it and a person who reads it."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from kit.receivers import LOOPBACK
from kit.servers import CHAT_SERVER, a_port, as_nobody, given_to_nobody, place, running, until

_SECRET = b"a secret of this test alone"
_MANY = {"per_second": 1000, "burst_count": 1000}
_OPEN = build_opener(ProxyHandler({}))


@dataclass(frozen=True)
class Matrix:
    """A chat server that somebody else has written."""

    port: int
    robot: str
    person: str
    room: str

    def address(self) -> str:
        """Return the channel's address: the robot writes into the room."""
        return f"matrix://{self.robot}@{LOOPBACK}:{self.port}/{quote(self.room, safe='')}?version=3"

    def messages(self) -> list[Mapping[str, str]]:
        """Return what was said in the room, as the person reads it, the oldest first."""
        path = f"/_matrix/client/v3/rooms/{quote(self.room, safe='')}/messages?dir=b&limit=50"
        told = _ask(self.port, path, token=self.person)
        said = [each["content"] for each in told["chunk"] if each["type"] == "m.room.message"]
        return said[::-1]


@contextmanager
def matrix() -> Iterator[Matrix]:
    """Yield a Synapse with its room; skip where it is not installed."""
    if not CHAT_SERVER.exists():
        pytest.skip("Synapse is not installed: `make test-system-deps` installs it")
    with place("matrix") as folder:
        port = a_port()
        (folder / "homeserver.yaml").write_text(json.dumps(_settings(folder, port)))
        (folder / "log.json").write_text(json.dumps(_LOG))
        (folder / "test.signing.key").write_text(f"ed25519 a_test {'A' * 43}\n")
        given_to_nobody(folder)
        synapse = (CHAT_SERVER, "-m", "synapse.app.homeserver", "-c", folder / "homeserver.yaml")
        # a Python below the home of root is none of nobody's: its library cannot be loaded
        is_open = subprocess.run(as_nobody(CHAT_SERVER, "-c", ""), check=False).returncode == 0
        command = as_nobody(*synapse) if is_open else [str(word) for word in synapse]
        with running(command, folder / "log", cwd=folder) as process:
            until(lambda: _is_up(port), what="Synapse", process=process)
            yield _with_room(port)


_LOG = {"version": 1, "root": {"level": "WARNING"}, "disable_existing_loggers": False}


def _settings(folder: Path, port: int) -> dict[str, object]:
    return {
        "server_name": "localhost",
        "pid_file": f"{folder}/pid",
        "listeners": [
            {
                "port": port,
                "bind_addresses": [LOOPBACK],
                "type": "http",
                "tls": False,
                "resources": [{"names": ["client"], "compress": False}],
            }
        ],
        "database": {"name": "sqlite3", "args": {"database": f"{folder}/homeserver.db"}},
        "log_config": f"{folder}/log.json",
        "media_store_path": f"{folder}/media",
        "registration_shared_secret": _SECRET.decode(),
        "macaroon_secret_key": "a test",
        "form_secret": "a test",
        "report_stats": False,
        "signing_key_path": f"{folder}/test.signing.key",
        "trusted_key_servers": [],
        "suppress_key_server_warning": True,
        "federation_domain_whitelist": [],
        "presence": {"enabled": False},
        "bcrypt_rounds": 4,
        "rc_message": _MANY,
        "rc_registration": _MANY,
        "rc_login": {"address": _MANY, "account": _MANY, "failed_attempts": _MANY},
    }


def _is_up(port: int) -> bool:
    try:
        return bool(_ask(port, "/_matrix/client/versions"))
    except (URLError, OSError):
        return False


def _with_room(port: int) -> Matrix:
    """Register a robot and a person, open a room and let both in."""
    robot, person = (_registered(port, name) for name in ("robot", "person"))
    room = _ask(
        port,
        "/_matrix/client/v3/createRoom",
        {"preset": "private_chat", "invite": ["@robot:localhost"], "room_version": "11"},
        token=person,
    )["room_id"]
    _ask(port, f"/_matrix/client/v3/rooms/{quote(room, safe='')}/join", {}, token=robot)
    return Matrix(port, "robot:robot-word", person, room)


def _registered(port: int, name: str) -> str:
    """Register a user and return its token."""
    path = "/_synapse/admin/v1/register"
    nonce, password = _ask(port, path)["nonce"], f"{name}-word"
    told = b"\0".join(each.encode() for each in (nonce, name, password, "notadmin"))
    return str(
        _ask(
            port,
            path,
            {
                "nonce": nonce,
                "username": name,
                "password": password,
                "admin": False,
                "mac": hmac.new(_SECRET, told, hashlib.sha1).hexdigest(),
            },
        )["access_token"]
    )


def _ask(port: int, path: str, body: object = None, *, token: str = "") -> dict[str, object]:
    request = Request(
        f"http://{LOOPBACK}:{port}{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}"} if token else {},
    )
    with _OPEN.open(request, timeout=10) as answer:
        return json.loads(answer.read())
