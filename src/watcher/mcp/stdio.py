"""The part of the Model Context Protocol that a server of tools needs: JSON-RPC 2.0, line by line.

Two ways of speaking it are answered. Since 2026-07-28 each request says by itself which version it
speaks, and `server/discover` tells what is spoken here; before that, `initialize` came first
(https://modelcontextprotocol.io/specification/2026-07-28). The protocol's own library brings an
HTTP server, a settings framework and an event loop; a server of three tools that only read needs
none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

import msgspec

from watcher.errors import WatcherError

VERSIONS = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")
"""Versions of the protocol that begin with a greeting, the newest first."""
STATELESS = ("2026-07-28",)
"""Versions that every request names by itself."""
LONGEST = 1_000_000
"""Bytes of the longest message that is read."""
PARSE, INVALID, UNKNOWN, PARAMS = -32700, -32600, -32601, -32602
"""The kinds of errors that JSON-RPC 2.0 knows."""
UNSUPPORTED = -32022
"""The kind of error that a version which is not spoken has."""
_NAMES = "io.modelcontextprotocol/"
_FRESH = 3_600_000
"""Milliseconds for which what tools there are may be remembered."""
_encode = msgspec.json.Encoder(order="deterministic").encode


class Call(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A message: a request where it has an id, else a notification."""

    jsonrpc: str
    method: str
    id: int | str | msgspec.UnsetType | None = msgspec.UNSET
    params: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET


class RefusedError(Exception):
    """A request is answered with an error of the protocol.

    Attributes:
        code: Its kind, as JSON-RPC has it.
        data: What a program needs to ask better; empty: nothing.
    """

    def __init__(self, code: int, message: str, data: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.data = data or {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One question an assistant may ask.

    Attributes:
        name: Its name.
        title: The same for people.
        meaning: What it answers, and when to ask it.
        arguments: What it takes: every field is checked before it is asked.
        answer: Answers; what it returns is told as JSON.
    """

    name: str
    title: str
    meaning: str
    arguments: type[msgspec.Struct]
    answer: Callable[[Any], Mapping[str, object]]

    def told(self) -> dict[str, object]:
        """Return how the tool is listed."""
        _, schemas = msgspec.json.schema_components([self.arguments])
        schema = schemas[self.arguments.__name__]
        return {
            "name": self.name,
            "title": self.title,
            "description": self.meaning,
            "inputSchema": schema,
            "annotations": {"readOnlyHint": True, "openWorldHint": False},
        }


class Server:
    """Answers an assistant about one store."""

    def __init__(self, tools: tuple[Tool, ...], *, version: str, instructions: str) -> None:
        self._tools = {tool.name: tool for tool in tools}
        self._version = version
        self._instructions = instructions
        self._is_greeted = False

    def serve(self, lines: BinaryIO, out: BinaryIO) -> None:
        """Answer every message of `lines` until they end."""
        for line in _lines(lines):
            if (answer := self.answer(line)) is not None:
                out.write(_encode(answer) + b"\n")
                out.flush()

    def answer(self, line: bytes) -> dict[str, object] | None:
        """Return the answer to one message; None: a notification has none."""
        identity: object = None
        try:
            call = _parsed(line)
            identity = None if call.id is msgspec.UNSET else call.id
            if call.id is msgspec.UNSET:
                return None
            result = self._result(call)
        except RefusedError as error:
            told: dict[str, object] = {"code": error.code, "message": str(error)}
            if error.data:
                told["data"] = error.data
            return {"jsonrpc": "2.0", "id": identity, "error": told}
        return {"jsonrpc": "2.0", "id": identity, "result": result}

    def _result(self, call: Call) -> Mapping[str, object]:
        params = {} if isinstance(call.params, msgspec.UnsetType) else call.params
        if (version := _version_of(params)) is not None:
            return self._stateless(call.method, params, version)
        if call.method == "initialize":
            return self._greet(params)
        if call.method == "ping":
            return {}
        if not self._is_greeted:
            message = "initialize has to come first, or _meta has to name the version"
            raise RefusedError(INVALID, message)
        return self._answer(call.method, params)

    def _answer(self, method: str, params: Mapping[str, Any]) -> Mapping[str, object]:
        if method == "tools/list":
            return {"tools": [tool.told() for tool in self._tools.values()]}
        if method == "tools/call":
            return self._ask(params)
        raise RefusedError(UNKNOWN, f"there is no method {method[:60]!r}")

    def _stateless(
        self, method: str, params: Mapping[str, Any], version: object
    ) -> Mapping[str, object]:
        """Answer a request that names its version; nothing is remembered from one to the next."""
        if version not in STATELESS:
            told = {"supported": list(STATELESS), "requested": str(version)}
            message = f"version {str(version)[:40]!r} is not spoken here"
            raise RefusedError(UNSUPPORTED, message, told)
        if not isinstance(params["_meta"].get(f"{_NAMES}clientCapabilities"), dict):
            message = f"_meta.{_NAMES}clientCapabilities: expected an object"
            raise RefusedError(PARAMS, message)
        kept: dict[str, object] = {"ttlMs": _FRESH, "cacheScope": "private"}
        if method == "server/discover":
            found: Mapping[str, object] = {
                "supportedVersions": list(STATELESS),
                "capabilities": _CAPABILITIES,
                "instructions": self._instructions,
                **kept,
            }
        else:
            found = {**self._answer(method, params), **(kept if method == "tools/list" else {})}
        return {**found, "resultType": "complete", "_meta": {f"{_NAMES}serverInfo": self._info}}

    @property
    def _info(self) -> Mapping[str, str]:
        return {"name": "watcher", "version": self._version}

    def _greet(self, params: Mapping[str, Any]) -> Mapping[str, object]:
        wanted = params.get("protocolVersion")
        if not isinstance(wanted, str):
            raise RefusedError(PARAMS, "protocolVersion: expected a text")
        self._is_greeted = True
        return {
            "protocolVersion": wanted if wanted in VERSIONS else VERSIONS[0],
            "capabilities": _CAPABILITIES,
            "serverInfo": self._info,
            "instructions": self._instructions,
        }

    def _ask(self, params: Mapping[str, Any]) -> Mapping[str, object]:
        """Return what a tool answers; what it cannot answer is told as its answer, marked so."""
        tool = self._tools.get(str(params.get("name")))
        if tool is None:
            there_are = ", ".join(self._tools)
            raise RefusedError(PARAMS, f"name: there is no such tool; there are: {there_are}")
        try:
            asked = msgspec.convert(params.get("arguments") or {}, tool.arguments)
            found = tool.answer(asked)
        except (msgspec.ValidationError, WatcherError) as error:
            return {"content": [{"type": "text", "text": str(error)}], "isError": True}
        text = _encode(found).decode()
        return {
            "content": [{"type": "text", "text": text}],
            "structuredContent": found,
            "isError": False,
        }


_CAPABILITIES: Mapping[str, object] = {"tools": {}}


def _version_of(params: Mapping[str, Any]) -> object | None:
    """Return the version that a request names by itself; None: it is of the time before."""
    meta = params.get("_meta")
    return meta.get(f"{_NAMES}protocolVersion") if isinstance(meta, dict) else None


def _lines(lines: BinaryIO) -> Iterator[bytes]:
    """Yield each message; of one that is too long, enough to be refused."""
    while line := lines.readline(LONGEST + 1):
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = lines.readline(LONGEST)
        if line.strip():
            yield line


def _parsed(line: bytes) -> Call:
    """Return the message of a line.

    Raises:
        RefusedError: It is none.
    """
    if len(line) > LONGEST:
        raise RefusedError(INVALID, f"a message has at most {LONGEST} bytes")
    try:
        call = msgspec.json.decode(line, type=Call)
    except msgspec.ValidationError as error:
        raise RefusedError(INVALID, str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RefusedError(PARSE, "this is no JSON") from error
    if call.jsonrpc != "2.0":
        raise RefusedError(INVALID, "jsonrpc: expected '2.0'")
    return call
