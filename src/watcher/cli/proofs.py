"""Proofs as people read them and as machines take them: hashes in hexadecimal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from watcher.core.seal import Seal
from watcher.core.text import shorten
from watcher.ports.proof import LedgerRow
from watcher.services.prove import CaptureProof, Checks, EventProof, Inclusion


def plain_proof(value: object) -> object:
    """Return a value made of what JSON knows; bytes that are text as such, others in hex."""
    if isinstance(value, LedgerRow):
        return {"number": value.number, "canonical": value.canonical.decode()}
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Checks):
        counts = {name: getattr(value, name) for name in ("changed", "unchanged", "not_good")}
        return {**_fields(value), "checked": len(value.captures), **counts}
    if is_dataclass(value) and not isinstance(value, type):
        return _fields(value)
    if isinstance(value, Mapping):
        return {str(name): plain_proof(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain_proof(each) for each in value]
    return value if isinstance(value, str | int | bool | None) else str(value)


def event_in_words(proof: EventProof) -> str:
    """Return an event's proof as lines."""
    told, inclusion = proof.event, proof.inclusion
    lines = [
        f"event     {told.position}  {told.event.type}  {told.event.subject}",
        f"id        {told.event_id}",
        f"leaf      {inclusion.leaf.hex()}",
        *_path(inclusion),
    ]
    if proof.checkpoint is None:
        return "\n".join([*lines, "", "not covered by a signed checkpoint yet: `watcher seal`"])
    return "\n".join([*lines, "", proof.checkpoint.note])


def capture_in_words(proof: CaptureProof) -> str:
    """Return a capture's proof as lines."""
    capture = proof.row.capture
    head = [
        f"capture   {capture.id}  number {proof.row.number}",
        f"looked    {capture.at}  {capture.source}  {capture.url}",
        f"verdict   {capture.verdict}  {shorten(capture.reason, 60)}".rstrip(),
        f"bytes     {proof.row.canonical.decode()}",
    ]
    if proof.inclusion is None or proof.seal is None or proof.sealed_by is None:
        return "\n".join([*head, "", "not sealed yet: `watcher seal`"])
    return "\n".join(
        [*head, "", _seal(proof.seal), *_path(proof.inclusion), "", event_in_words(proof.sealed_by)]
    )


def checks_in_words(checks: Checks) -> str:
    """Return every look at a source, and the seals that hold them, as lines."""
    count = f"{checks.unchanged} unchanged, {checks.changed} changed, {checks.not_good} not good"
    rows = [
        f"{row.number:>8}  {row.capture.at}  {row.capture.verdict:<12} "
        f"{row.capture.digest[:19] or '–':<19}  {row.capture.events} events  {row.capture.url}"
        for row in checks.captures
    ]
    seals = [
        f"{_seal(Seal.of(each.event.event))}\n          sealed by event {each.event.position}, "
        + (f"signed over {each.checkpoint.size} events" if each.checkpoint else "not signed yet")
        for each in checks.seals
    ]
    rest = [f"{checks.unsealed} not sealed yet: `watcher seal`"] if checks.unsealed else []
    walked = f"{checks.walked} seals gone through to the last row: every root is the sealed one"
    return "\n".join(
        [f"checked {len(checks.captures)} times: {count}", *rows, "", *seals, walked, *rest]
    )


def _seal(seal: Seal) -> str:
    return f"seal      captures {seal.first}-{seal.last}, root {seal.root.hex()}"


def _path(inclusion: Inclusion) -> list[str]:
    return [
        f"index     {inclusion.index} of {inclusion.size}",
        *(f"path      {each.hex()}" for each in inclusion.path),
        f"root      {inclusion.root.hex()}",
    ]


def _fields(value: Any) -> dict[str, object]:
    return {field.name: plain_proof(getattr(value, field.name)) for field in fields(value)}
