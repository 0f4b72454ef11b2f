"""Check an evidence bundle of `watcher` with Python alone: nothing of watcher is needed.

    python verify.py [BUNDLE.zip, or its unpacked folder] [--vkey KEY]

Exit code 0: all of it verified; 3: something is wrong; 4: whole, but no signature was checked.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

VERIFIED, WRONG, UNSIGNED = 0, 3, 4
MANIFEST = "MANIFEST.txt"
COLUMNS = ("position", "event_id", "stream", "version", "type", "cause", "schema", "recorded_at")
ROWS = {"event": "", "seal": "captures.sealed", "redaction": "snapshot.redacted"}


def say(line: str) -> None:
    """Print a line; what a page says cannot steer the terminal it is read on."""
    sys.stdout.write(line.encode("ascii", "replace").decode().replace("\x1b", "?") + "\n")


def need(true: object, what: str) -> None:
    """Print what is true, or stop where it is not."""
    if not true:
        raise ValueError(what)
    say(f"  ok     {what}")


def sha256(*parts: bytes) -> bytes:
    """Return sha256 over `parts`, one after the other."""
    return hashlib.sha256(b"".join(parts)).digest()


def members(place: Path) -> dict[str, bytes]:
    """Return every file of the bundle by its name."""
    if place.is_dir():
        paths = [each for each in place.rglob("*") if each.is_file()]
        return {each.relative_to(place).as_posix(): each.read_bytes() for each in paths}
    with ZipFile(place) as bundle:
        need(len({*bundle.namelist()}) == len(bundle.namelist()), "no file is there twice")
        return {name: bundle.read(name) for name in bundle.namelist()}


def check_manifest(files: dict[str, bytes]) -> None:
    """Each file is listed, and is what the list says."""
    told = files[MANIFEST].decode()
    listed = {name: each for each, name in re.findall(r"([0-9a-f]{64})  ([\w./-]+)\n", told)}
    again = "".join(f"{listed[name]}  {name}\n" for name in listed)
    need(again == told, "manifest: a digest and a name in every line, once each")
    need(listed.keys() == files.keys() - {MANIFEST}, "manifest: it names the files that are there")
    wrong = [name for name, digest in listed.items() if sha256(files[name]).hex() != digest]
    need(not wrong, f"manifest: every file is the one it names{wrong or ''}")


def check_row(files: dict[str, bytes], name: str) -> tuple[Any, Any]:
    """Return a row of the log and its payload, the hash over them being right."""
    row, payload = json.loads(files[f"log/{name}.row.json"]), files[f"log/{name}.payload.json"]
    head = "\n".join([row["previous"], *(str(row["columns"][each]) for each in COLUMNS)])
    is_right = sha256(head.encode(), b"\n", payload).hex() == row["hash"]
    is_all = len(row) == 3 and len(row["columns"]) == len(COLUMNS)
    is_one = is_all and json.loads(payload)["event"]["type"].startswith(ROWS[name])
    need(is_right and is_one, f"{name}: the row is one, and fits its hash")
    return row, json.loads(payload)


def includes(proof: Any, row: Any, size: int, root: bytes) -> bool:
    """Return whether the path leads from the row to the signed root (RFC 9162, 2.1.3.2)."""
    place, last = row["columns"]["position"] - 1, size - 1
    said = {"index": place, "size": size, "root": root.hex(), "path": proof["path"]}
    found = sha256(b"\0", bytes.fromhex(row["hash"]))
    for beside in map(bytes.fromhex, proof["path"]):
        if last == 0:
            return False
        if place & 1 or place == last:
            found = sha256(b"\1", beside, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = sha256(b"\1", found, beside)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root and proof == said


def check_capture(files: dict[str, bytes], known: Any, seal: Any) -> None:
    """The capture is the one the event rests on, and stands in its seal."""
    capture = json.loads(files["capture.json"])
    need(capture["id"] == known["capture"], "capture: it is the one the event names")
    need(capture["digest"] == known.get("snapshot", ""), "capture: it had the event's snapshot")
    if seal is None:
        return say("  note   capture: it was not sealed when the bundle was made")
    told = seal["event"]["details"]
    leaves = [bytes.fromhex(line) for line in files["seal.leaves.txt"].decode().split("\n")[:-1]]
    need(len(level := leaves) == int(told["captures"]), "seal: the hash of each capture is there")
    while len(level) > 1:
        odd = level[len(level) // 2 * 2 :]
        level = [sha256(b"\1", *pair) for pair in zip(level[::2], level[1::2], strict=False)] + odd
    need(level[0].hex() == told["root"], "seal: they have the root it says")
    place = max(capture["number"] - int(told["first"]), 0)
    mine = sha256(b"\0", files["capture.json"])
    return need(leaves[place] == mine, "seal: the capture stands at its place in it")


def check_snapshot(files: dict[str, bytes], known: Any, dropped: Any) -> None:
    """The payload is the one that was captured, or a person had it dropped."""
    digest = known.get("snapshot", "")
    if dropped is not None and "snapshot.bin" not in files:
        named = dropped["event"]["details"].get("snapshot")
        return need(named == digest, "snapshot: redacted, as an event says; its digest stays")
    mine = f"sha256:{sha256(files['snapshot.bin']).hex()}" if digest else ""
    return need(mine == digest, "snapshot: its bytes are those the event names, if it names any")


def check_quotes(files: dict[str, bytes], known: Any) -> None:
    """The words the event quotes are those that the snapshot was read as."""
    reading, quotes = json.loads(files["reading.json"]), known.get("evidence", [])
    if not quotes or reading["reader"] != known["reader"]:
        return say(f"  note   quotes: {reading['why'] or 'the event has none'}")
    read = [" ".join(fact["quote"].split()) for fact in reading["facts"]]
    starts = [each["quote"].removesuffix("\u2026") for each in quotes]
    found = [any(each.startswith(start) for each in read) for start in starts]
    return need(all(found), "quotes: the reading of the snapshot has them")


def is_signed(note: str, vkey: str) -> bool:
    """Return whether the signature could be checked; it is right then (C2SP signed-note)."""
    text, _, below = note.rpartition("\n\n")
    name, identity, told = vkey.strip().split("+", 2)
    key = base64.b64decode(told, validate=True)
    mine = sha256(name.encode(), b"\n", key)[:4]
    need(mine.hex() == identity and key[:1] == b"\1", "key: its id is its own, its kind Ed25519")
    lines = re.findall(rf"^\u2014 {re.escape(name)} (\S+)$", below, re.MULTILINE)
    made = [each for line in lines if (each := base64.b64decode(line, validate=True))[:4] == mine]
    need(made, "checkpoint: it names the key that signed it")
    try:
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415  may be missing
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415
    except ImportError:
        return False
    try:
        public = ed25519.Ed25519PublicKey.from_public_bytes(key[1:])
        [public.verify(each[4:], f"{text}\n".encode()) for each in made]
    except InvalidSignature:
        made = []
    need(made, "checkpoint: its signature is right")
    return True


def check(files: dict[str, bytes], vkey: str) -> int:
    """Check everything and return the exit code."""
    check_manifest(files)
    rows = {each: check_row(files, each) for each in ROWS if f"log/{each}.row.json" in files}
    row, payload = rows["event"]
    said = {**row["columns"], "hash": row["hash"], **payload}
    need(json.loads(files["event.json"]) == said, "event: event.json says what the row says")
    check_snapshot(files, payload["provenance"], rows.get("redaction", (None, None))[1])
    if "capture.json" in files:
        check_capture(files, payload["provenance"], rows.get("seal", (None, None))[1])
    check_quotes(files, payload["provenance"])
    if "checkpoint.txt" not in files:
        say("  UNSIGNED: no checkpoint had been signed over it when the bundle was made")
        return UNSIGNED
    _, size, told, *_ = (note := files["checkpoint.txt"].decode()).split("\n")
    root = base64.b64decode(told, validate=True)
    for name, (each, _) in rows.items():
        proof = json.loads(files[f"log/{name}.inclusion.json"])
        need(includes(proof, each, int(size), root), f"{name}: it stands in the signed log")
    if not is_signed(note, vkey or files["vkey.txt"].decode()):
        say("  UNSIGNED: to check the signature, `pip install cryptography` and run this again")
        return UNSIGNED
    say("" if vkey else "  note   key: the bundle's own proves only that it agrees with itself")
    return VERIFIED


def main() -> int:
    """Check the bundle that the command line names."""
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("bundle", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    asked.add_argument("--vkey", default="", help="the public key you trust: name+id+base64")
    given = asked.parse_args()
    try:
        code = check(members(given.bundle), given.vkey)
    except (LookupError, ValueError, TypeError, AttributeError, OSError, BadZipFile) as error:
        say(f"  WRONG  this is not so: {error} ({type(error).__name__})")
        return WRONG
    say("verified" if code == VERIFIED else "whole, but no signature was checked")
    return code


if __name__ == "__main__":
    sys.exit(main())
