"""The one door to object stores: S3, Google's, Azure's, and what speaks as they do.

Each object is put whole or not at all by the store itself. A request that fails is tried again a
few times; what then still fails is told as the world's, with the address and what to do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from watcher.core.capture import instant
from watcher.errors import NotFoundError, ObjectStoreError

if TYPE_CHECKING:
    from obstore.store import ObjectStore

SCHEMES: Mapping[str, str] = {"s3": "AWS_", "gs": "GOOGLE_", "az": "AZURE_"}
"""How addresses of object stores begin, and their settings in the environment."""
FORMS = "s3://bucket/prefix, gs://bucket/prefix or az://container/prefix"
CREDENTIALS: Mapping[str, tuple[str, ...]] = {
    "s3": ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
    "gs": ("GOOGLE_SERVICE_ACCOUNT_KEY",),
    "az": ("AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_CLIENT_SECRET", "AZURE_STORAGE_SAS_KEY"),
}
"""Secrets that may be handed over in files."""
_ENDPOINTS = {
    "s3": ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"),
    "gs": (),
    "az": ("AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT"),
}
_CHUNK = 1 << 20
_QUERY = re.compile(r"\?\S*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a store is waited for.

    Attributes:
        seconds: For one answer, its bytes included.
        connecting: For a connection.
        retries: How often a request that failed is sent again.
        first_wait: Before the first of these; each later one waits twice as long.
    """

    seconds: float = 60.0
    connecting: float = 10.0
    retries: int = 4
    first_wait: float = 0.2


_PATIENCE = Patience()
_LONGEST_WAIT = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Object:
    """One object as a listing tells of it.

    Attributes:
        name: Its name below the prefix.
        size: Its bytes.
        since: When it was last put, RFC 3339 UTC by the store's clock.
    """

    name: str
    size: int
    since: str


@dataclass(frozen=True, slots=True)
class Got:
    """An object's bytes, and what tells whether they are still the same.

    Attributes:
        body: The bytes.
        tag: Its entity tag; empty where the store has none.
    """

    body: bytes
    tag: str


def is_bucket(address: str) -> bool:
    """Return whether an address is that of an object store."""
    return address.partition("://")[0] in SCHEMES and "://" in address


class Bucket:
    """What stands below a prefix of a bucket."""

    def __init__(self, store: ObjectStore, address: str) -> None:
        self._store = store
        self.address = address.rstrip("/")

    def create(self, name: str, body: bytes | Path) -> str | None:
        """Put an object that is not there yet; return its tag, or None where there is one.

        Raises:
            ObjectStoreError: It could not be put.
        """
        from obstore.exceptions import AlreadyExistsError  # noqa: PLC0415  an extra

        with self._told(name, "put"):
            try:
                return self._store.put(name, body, mode="create")["e_tag"] or ""
            except AlreadyExistsError:
                return None

    def replace(self, name: str, body: bytes) -> str:
        """Put an object, whatever is there, and return its tag.

        Raises:
            ObjectStoreError: It could not be put.
        """
        with self._told(name, "put"):
            return self._store.put(name, body)["e_tag"] or ""

    def get(self, name: str, tag: str = "") -> Got | None:
        """Return an object; None where it has the tag still.

        Raises:
            NotFoundError: There is none.
            ObjectStoreError: It could not be got.
        """
        from obstore.exceptions import NotModifiedError  # noqa: PLC0415  an extra

        with self._told(name, "got"):
            try:
                result = self._store.get(name, options={"if_none_match": tag} if tag else {})
                return Got(bytes(result.bytes()), result.meta["e_tag"] or "")
            except NotModifiedError:
                return None

    def start(self, name: str, length: int) -> bytes:
        """Return the first bytes of an object that is not empty.

        Raises:
            NotFoundError: There is none.
            ObjectStoreError: They could not be got.
        """
        with self._told(name, "got"):
            return bytes(self._store.get(name, options={"range": (0, length)}).bytes())

    def stream(self, name: str) -> Iterator[bytes]:
        """Yield an object's bytes in pieces.

        Raises:
            NotFoundError: There is none.
            ObjectStoreError: They could not be got.
        """
        with self._told(name, "got"):
            yield from map(bytes, self._store.get(name).stream(min_chunk_size=_CHUNK))

    def objects(self, folder: str) -> Iterator[Object]:
        """Yield what stands in a folder and below it.

        Raises:
            ObjectStoreError: It could not be listed.
        """
        with self._told("", "listed"):
            for batch in self._store.list(folder):
                for each in batch:
                    at = instant(each["last_modified"].astimezone(UTC))
                    yield Object(each["path"], each["size"], at)

    def remove(self, name: str) -> None:
        """Remove an object; one that is not there is as well.

        Raises:
            ObjectStoreError: It could not be removed.
        """
        with self._told(name, "removed"):
            try:
                self._store.delete(name)
            except FileNotFoundError:
                return

    def require(self) -> None:
        """See that the bucket itself is there: without it everything in it looks missing.

        Raises:
            ObjectStoreError: It is not, or does not answer.
        """
        try:
            next(iter(self.objects("")), None)
        except (NotFoundError, ObjectStoreError) as error:
            message = f"there is no such bucket, or we may not look into it: {error}"
            raise ObjectStoreError(message) from error

    @contextmanager
    def _told(self, name: str, done: str) -> Iterator[None]:
        from obstore.exceptions import BaseError  # noqa: PLC0415  an extra

        where = f"{self.address}/{name}" if name else self.address
        try:
            yield
        except FileNotFoundError as error:
            if done == "put":
                message = f"{where} could not be put: there is no such bucket"
                raise ObjectStoreError(message) from error
            message = f"{where} is missing"
            raise NotFoundError(message) from error
        except (BaseError, OSError) as error:
            message = f"{where} could not be {done}: {_in_a_line(error)}"
            raise ObjectStoreError(message) from error


def bucket(address: str, settings: Mapping[str, str], patience: Patience = _PATIENCE) -> Bucket:
    """Return the bucket at an address such as `s3://bucket/prefix`; nothing is asked yet.

    Args:
        address: Its address.
        settings: The environment: endpoint, region and credentials, `AWS_…`, `GOOGLE_…` or
            `AZURE_…` by the address; others are not looked at.
        patience: How long it is waited for.

    Raises:
        ObjectStoreError: The address or the settings cannot be used, or what they need is not
            installed.
    """
    parts = urlsplit(address)
    if parts.scheme not in SCHEMES or not parts.netloc or parts.query or parts.fragment:
        message = f"{address!r} is no bucket: give {FORMS}"
        raise ObjectStoreError(message)
    try:
        from obstore.exceptions import BaseError  # noqa: PLC0415  an extra
        from obstore.store import from_url  # noqa: PLC0415
    except ImportError as error:
        message = f"{address} needs the extra s3: pip install 'watcher[s3]'"
        raise ObjectStoreError(message) from error
    given = {name: settings[name] for name in CREDENTIALS[parts.scheme] if settings.get(name)}
    # `Any`: its own types want one of three kinds of settings, and the address tells which
    config: Any = given
    is_plain = _may_be_plain(address, parts.scheme, settings)
    try:
        store = from_url(address, config=config, **_limits(patience, is_plain=is_plain))
    except (BaseError, ValueError) as error:
        message = (
            f"{address} cannot be used: {_in_a_line(error)}; see {SCHEMES[parts.scheme]}… in the "
            "environment"
        )
        raise ObjectStoreError(message) from error
    return Bucket(store, address)


def _limits(patience: Patience, *, is_plain: bool) -> dict[str, Any]:
    """Return how long to wait, in the words of obstore."""
    return {
        "client_options": {
            "timeout": timedelta(seconds=patience.seconds),
            "connect_timeout": timedelta(seconds=patience.connecting),
            "allow_http": is_plain,
        },
        "retry_config": {
            "max_retries": patience.retries,
            "retry_timeout": timedelta(seconds=patience.seconds),
            "backoff": {
                "base": 2,
                "init_backoff": timedelta(seconds=patience.first_wait),
                "max_backoff": _LONGEST_WAIT,
            },
        },
    }


def _may_be_plain(address: str, scheme: str, settings: Mapping[str, str]) -> bool:
    """Return whether plain HTTP is allowed; refuse what would fail without it, in clear words."""
    name = f"{SCHEMES[scheme]}ALLOW_HTTP"
    allowed = settings.get(name, "").casefold() in {"true", "1", "yes", "on"}
    endpoint = next((settings[each] for each in _ENDPOINTS[scheme] if settings.get(each)), "")
    if endpoint.startswith("http://") and not allowed:
        message = f"{address}: its endpoint is plain http: use https, or set {name}=true"
        raise ObjectStoreError(message)
    return allowed


def _in_a_line(error: Exception) -> str:
    """Return what a store said, without its tail of details; a query may have a signature in it."""
    return _QUERY.sub("?…", str(error).partition("\n")[0]).strip() or type(error).__name__
