"""Attacks on what proves: on bundles, on counts of looks, on clocks, keys and backups."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from factories import ALOFISEL, a_state
from kit.backed_up import LONG, payloads, put_back_in, running_in
from kit.clocks import StandingClock
from kit.payloads import a_tombstone, versions
from kit.plain_source import URL, a_source, page
from kit.proven import Proven, authorised
from watcher.services import standalone_verifier as verifier
from watcher.services.check import check
from watcher.services.prove import prove_checks
from watcher.services.replay import as_of
from watcher.services.restoring import Told, note
from watcher.services.sealing import seal
from watcher.store.signing import FolderSigning
from watcher.store.snapshots import FolderSnapshots
from watcher.store.vault import vault


class LooseClock(StandingClock):
    moved = timedelta(0)

    def now(self):
        return super().now() + self.moved


@pytest.fixture
def proven(tmp_path):
    proven = Proven(tmp_path / "proven")
    yield proven
    proven.close()


def listed(members):
    rest = {name: body for name, body in members.items() if name != "MANIFEST.txt"}
    lines = [f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in rest.items()]
    return {**rest, "MANIFEST.txt": "".join(lines).encode()}


def test_a_bundle_cannot_be_given_a_column_that_no_hash_covers(proven):
    proven.history()
    members = dict(proven.bundle("3").members)
    row = json.loads(members["log/event.row.json"])
    row["columns"]["severity"] = "critical"
    members["log/event.row.json"] = json.dumps(row).encode()
    told = json.loads(members["event.json"])
    members["event.json"] = json.dumps({**told, "severity": "critical"}).encode()

    with pytest.raises(ValueError, match="row"):
        verifier.check(listed(members), str(proven.keys()[0]))


def test_no_look_is_left_out_of_a_count_where_the_clock_was_set_back(proven):
    proven.clock = LooseClock()
    proven.tools = replace(proven.tools, clock=proven.clock, recorder=proven.clock)
    proven.look(authorised())
    proven.look(authorised(), note="other bytes")
    proven.clock.moved = timedelta(hours=-6)
    proven.seal()
    since = "2026-11-22T13:30:00.000000Z"

    found = prove_checks(proven.tools.store, "ema", since, "9999")
    assert [row.capture.at[:13] for row in found.captures] == ["2026-11-22T14"]
    assert proven.wrong() == ""


def test_what_is_about_our_watching_is_no_medicine_of_the_past(proven):
    proven.look(authorised())
    told = Told(name="a backup", position=1, hash="", states="", captures=1)
    note(proven.tools.store, told, {}, proven.clock)

    assert [each.stream for each in as_of(proven.tools.store, "9999")] == [f"ema/{ALOFISEL}"]


def look(running, body_note):
    """Look at a long page with this note; return the digest."""
    running.clock.forward(3600)
    running.fetcher.says(page({str(ALOFISEL): a_state()}, note=LONG + body_note))
    return check(a_source(), URL, running.tools).capture.digest


def test_a_backup_of_a_restored_store_can_be_restored_again(tmp_path):
    """One payload was the difference to another in the store that is gone."""
    safe = vault(str(tmp_path / "safe"))
    with running_in(tmp_path / "first") as first:
        made = first.back_up(safe)
        look(first, "what nobody sees again")
        look(first, "what is seen again")
        first.back_up(safe)
    with put_back_in(tmp_path / "second", safe, made) as second, running_in(tmp_path / "x") as here:
        here.tools.store.close()
        here.tools = replace(here.tools, store=second.store, snapshots=second.snapshots)
        here.origin = replace(
            here.origin,
            database=tmp_path / "second/data/watcher.db",
            snapshots=FolderSnapshots(tmp_path / "second/snapshots"),
        )
        here.clock.forward(7200)
        look(here, "what is seen again")
        again = here.back_up(safe)
        expected = payloads(here.tools)
    with put_back_in(tmp_path / "third", safe, again) as third:
        assert payloads(third) == expected


def test_a_store_put_back_without_its_key_signs_under_another_name(tmp_path):
    """So that two histories that begin alike are never two of one log."""
    safe = vault(str(tmp_path / "safe"))
    with running_in(tmp_path / "first") as first:
        signing = FolderSigning(tmp_path / "first", {})
        signing.prepare()
        keys = {"signing.vkey": tmp_path / "first/signing.vkey"}
        first.origin = replace(first.origin, beside=keys)
        seal(first.tools.store, signing, first.clock)
        made = first.back_up(safe)
        first.look("suspended")
        one = seal(first.tools.store, signing, first.clock).checkpoint
    with put_back_in(tmp_path / "second", safe, made) as second:
        other_signing = FolderSigning(tmp_path / "second/data", {})
        other_signing.prepare()
        tools = replace(first.tools, store=second.store, snapshots=second.snapshots)
        first.fetcher.says(page({str(ALOFISEL): a_state()}, note="another day"))
        first.clock.forward(3600)
        check(a_source(), URL, tools)
        other = seal(second.store, other_signing, first.clock).checkpoint

    assert (one.size, one.root) != (other.size, other.root)
    assert one.note.splitlines()[0] != other.note.splitlines()[0]


def test_a_payload_that_is_dropped_is_nobodys_base_a_moment_later(tmp_path):
    """A look that is under way while a person redacts."""
    snapshots = FolderSnapshots(tmp_path)
    old, new = versions(2)
    base = snapshots.put(old)
    read = snapshots.get

    def meanwhile(digest):
        body = read(digest)
        snapshots.get = read
        thread = threading.Thread(target=snapshots.redact, args=(base, a_tombstone(base)))
        thread.start()
        thread.join(0.2)
        waiting.append(thread)
        return body

    waiting: list[threading.Thread] = []
    snapshots.get = meanwhile
    digest = snapshots.put(new, base)
    for thread in waiting:
        thread.join()

    assert waiting
    assert snapshots.get(digest) == new


def test_a_damaged_payload_that_is_seen_again_is_whole_again(tmp_path):
    snapshots = FolderSnapshots(tmp_path)
    (body,) = versions(1)
    digest = snapshots.put(body)
    (place,) = tmp_path.glob("sha256/??/*.zst")
    place.write_bytes(place.read_bytes()[:-100])
    snapshots.put(body)

    assert snapshots.get(digest) == body
