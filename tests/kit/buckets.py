"""A server on the loopback that answers as S3 does, vaults in its buckets, and every shelf."""

from __future__ import annotations

import http.client
import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from watcher.store.blob_cache import BlobCache
from watcher.store.bucket import Bucket, bucket
from watcher.store.bucket_shelf import BucketShelf
from watcher.store.shelf import FolderShelf, Shelf
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


def address_in(server: tuple[str, int], name: str, environment: pytest.MonkeyPatch) -> str:
    """Return the address of a place in a new bucket, set up as people would: by the environment."""
    host, port = server
    name = "".join(letter for letter in name.casefold() if letter.isalnum())[-40:] + "b"
    connection = http.client.HTTPConnection(host, port, timeout=10)
    connection.request("PUT", f"/{name}")
    assert connection.getresponse().status == 200
    connection.close()
    speak_to(f"http://{host}:{port}", environment)
    return f"s3://{name}/some/prefix"


def speak_to(endpoint: str, environment: pytest.MonkeyPatch) -> None:
    """Have every bucket of S3 be asked for at an endpoint."""
    for key, value in {
        "AWS_ENDPOINT": endpoint,
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
    }.items():
        environment.setenv(key, value)


def bucket_vault(server: tuple[str, int], name: str, environment: pytest.MonkeyPatch) -> Vault:
    """Return a vault in a new bucket."""
    return vault(address_in(server, name, environment), os.environ)


def bucket_of(kind: str, folder: Path) -> Bucket:
    """Return a bucket without a server, in this process's `memory` or below a folder."""
    stores = pytest.importorskip("obstore.store", reason="obstore is not installed")
    if kind == "memory":
        return Bucket(stores.MemoryStore(), "memory://bucket")
    folder.mkdir(parents=True, exist_ok=True)
    return Bucket(stores.LocalStore(folder), folder.as_uri())


class Shelves:
    """Makes shelves for snapshots, each a new one, all of one kind."""

    def __init__(self, kind: str, folder: Path, address: str) -> None:
        self.kind = kind
        self._folder = folder
        self._address = address
        self._numbers = itertools.count()

    def __call__(self) -> Shelf:
        """Return a new shelf, empty."""
        number = next(self._numbers)
        folder = self._folder / f"shelf{number}"
        if self.kind == "folder":
            return FolderShelf(folder)
        cache = BlobCache(self._folder / f"cache{number}", 50_000_000, lambda: 0.0)
        if self.kind == "s3":
            return BucketShelf(bucket(f"{self._address}/{number}", os.environ), cache)
        return BucketShelf(bucket_of(self.kind, folder), cache)


SHELVES = ["folder", "memory", "local", "s3"]
"""Every kind of shelf that snapshots stand on."""


def shelves(request: pytest.FixtureRequest) -> Shelves:
    """Return what makes shelves of the kind that a fixture is asked for."""
    address = ""
    if request.param == "s3":
        server = request.getfixturevalue("s3")
        environment = request.getfixturevalue("monkeypatch")
        address = address_in(server, request.getfixturevalue("tmp_path").name, environment)
    return Shelves(request.param, request.getfixturevalue("tmp_path"), address)
