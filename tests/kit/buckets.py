"""A server on the loopback that answers as S3 does, and vaults in buckets of it."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from watcher.store.vault import Vault, vault


@contextmanager
def s3_server() -> Iterator[tuple[str, int]]:
    """Yield host and port of a running server; skips, saying so, where moto is not installed."""
    server = pytest.importorskip("moto.server", reason="moto is not installed")
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    try:
        yield running.get_host_and_port()
    finally:
        running.stop()


def bucket(server: tuple[str, int], name: str, environment: pytest.MonkeyPatch) -> Vault:
    """Return a vault in a new bucket, addressed as people would: by the environment."""
    host, port = server
    name = "".join(letter for letter in name.casefold() if letter.isalnum())[-40:] + "b"
    connection = http.client.HTTPConnection(host, port, timeout=10)
    connection.request("PUT", f"/{name}")
    assert connection.getresponse().status == 200
    connection.close()
    for key, value in {
        "AWS_ENDPOINT": f"http://{host}:{port}",
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
    }.items():
        environment.setenv(key, value)
    return vault(f"s3://{name}/some/prefix")
