"""The ledger sealed into the log, the log's head signed, and the keys that do it."""

from __future__ import annotations

import pytest

from kit.proven import Proven, authorised, behind_its_back
from watcher.core.note import Checkpoint, Note
from watcher.core.seal import SEALED, Seal
from watcher.errors import ConfigError, ProofError, SnapshotError, SnapshotRedactedError
from watcher.ports.store import EventFilter
from watcher.services.audit import Against, verify
from watcher.services.prove import prove_capture, prove_checks, prove_event
from watcher.store.signing import FolderSigning

pytestmark = pytest.mark.usefixtures("engine")

LONG_AGO, FOR_EVER = "", "9999"


@pytest.fixture
def proven(tmp_path):
    proven = Proven(tmp_path)
    yield proven
    proven.close()


def types(proven):
    with proven.tools.store.reading() as work:
        return [told.event.type for told in work.log.read(EventFilter())]


def test_what_was_looked_at_is_sealed_and_the_head_is_signed(proven):
    proven.look(authorised())
    proven.look(authorised(), note="other bytes")
    done = proven.seal()

    assert (done.seal.first, done.seal.last) == (1, 2)
    assert done.seal.verdicts == {"ok": 2}
    assert types(proven) == ["fact.recorded", SEALED]
    said = Checkpoint.parse(Note.parse(done.checkpoint.note).text)
    assert (said.origin, said.size) == (proven.signing.key().name, 2)
    assert (said.root, said.at) == (done.checkpoint.root, done.checkpoint.at)
    assert proven.signing.is_signed(done.checkpoint.note, proven.keys())
    assert proven.signing.published() == (done.checkpoint.note,)


def test_nothing_new_is_neither_sealed_nor_signed_again(proven):
    assert proven.seal().checkpoint is None
    proven.look(authorised())
    proven.seal()
    again = proven.seal()

    assert (again.seal, again.checkpoint) == (None, None)
    assert len(types(proven)) == 2


def test_an_event_without_a_look_is_signed_without_a_seal(proven):
    proven.look(authorised())
    proven.seal()
    proven.decide("snapshot.redacted", snapshot="sha256:none")
    done = proven.seal()

    assert done.seal is None
    assert done.checkpoint.size == 3


def test_each_seal_begins_where_the_one_before_ended(proven):
    proven.history()

    with proven.tools.store.reading() as work:
        seals = [Seal.of(told.event) for told in work.log.read(EventFilter(types=(SEALED,)))]
    assert [(seal.first, seal.last) for seal in seals] == [(1, 2), (3, 4)]
    assert proven.verified() == {
        "events": 4,
        "seals": 2,
        "captures": 4,
        "checkpoints": 2,
        "snapshots": 4,
    }


def test_a_note_that_a_crash_kept_out_of_the_file_is_added_by_the_next_seal(proven):
    proven.history()
    first, second = proven.signing.published()
    path = proven.folder / "checkpoints.txt"
    path.write_text(first + second[:40], encoding="utf-8")

    assert proven.wrong() == ""
    proven.seal()
    assert proven.signing.published() == (first, second)


def test_of_a_long_file_only_the_end_is_read_and_each_note_is_added_once(proven):
    for number in range(40):  # several times what is read at first
        proven.decide("snapshot.redacted", snapshot=f"sha256:{number}")
        proven.seal()
    written = proven.signing.published()
    newest = proven.signing.newest()
    path = proven.folder / "checkpoints.txt"
    path.write_text("".join(written[:-1]) + written[-1][:40], encoding="utf-8")

    assert len(set(written)) == len(written) == 40
    assert 2 <= len(newest) < 40
    assert newest == written[-len(newest) :]
    assert proven.signing.newest()[-2:] == (written[-2], written[-1][:40])
    proven.seal()
    assert proven.signing.published() == written


def test_an_event_is_proven_under_the_first_checkpoint_over_it(proven):
    proven.history()
    proof = prove_event(proven.tools.store, "3")

    assert proof.checkpoint.size == proof.inclusion.size == 4
    assert proof.inclusion.leaf.hex() == proof.event.hash
    assert len(proof.inclusion.path) == 2
    assert prove_event(proven.tools.store, "1").checkpoint.size == 2


def test_an_event_that_is_not_signed_yet_is_proven_under_the_log_as_it_is(proven):
    proven.look(authorised())
    proof = prove_event(proven.tools.store, "1")

    assert proof.checkpoint is None
    assert proof.inclusion.size == 1


def test_a_capture_is_proven_by_its_seal_and_the_seal_by_the_log(proven):
    proven.history()
    with proven.tools.store.reading() as work:
        (row,) = work.proof.ledger(4, 4)
    proof = prove_capture(proven.tools.store, row.capture.id)

    assert proof.row == row
    assert (proof.inclusion.index, proof.inclusion.size) == (1, 2)
    assert proof.inclusion.root == proof.seal.root
    assert proof.sealed_by.event.position == 4


def test_every_look_of_a_time_is_counted_and_none_can_have_been_left_out(proven):
    proven.history()
    proven.look(authorised(**{"authorisation[EU].status": "withdrawn"}), note="later")
    checks = prove_checks(proven.tools.store, "ema", LONG_AGO, FOR_EVER)

    assert (len(checks.captures), checks.unchanged, checks.changed, checks.not_good) == (5, 4, 1, 0)
    assert (checks.walked, len(checks.seals), checks.unsealed) == (2, 2, 1)
    with behind_its_back(proven.database) as outside:
        outside.execute("DELETE FROM captures WHERE number = 3")
    with pytest.raises(ProofError, match="capture 3 is missing"):
        prove_checks(proven.tools.store, "ema", LONG_AGO, FOR_EVER)


def test_a_look_that_was_altered_after_its_seal_proves_nothing_any_more(proven):
    proven.history()
    with proven.tools.store.reading() as work:
        (row,) = work.proof.ledger(1, 1)
    with behind_its_back(proven.database) as outside:
        outside.execute("UPDATE captures SET milliseconds = 7 WHERE number = 1")

    with pytest.raises(ProofError, match="captures 1-2 are not those that were sealed"):
        prove_checks(proven.tools.store, "ema", LONG_AGO, FOR_EVER)
    with pytest.raises(ProofError, match="captures 1-2 are not those that were sealed"):
        prove_capture(proven.tools.store, row.capture.id)


def test_only_the_looks_of_that_time_are_counted(proven):
    proven.history()
    third = "2026-11-22T15:00:01.000000Z"
    checks = prove_checks(proven.tools.store, "ema", third, third)

    assert [row.number for row in checks.captures] == [3]
    assert checks.walked == 1


def test_a_payload_that_was_redacted_is_whole_only_where_an_event_says_so(proven):
    proven.history()
    with proven.tools.store.reading() as work:
        digest = work.log.find("3").provenance.snapshot

    class Dropping:
        def get(self, wanted):
            if wanted == digest:
                raise SnapshotRedactedError(digest, at="2026", why="a name stood in it")
            return proven.tools.snapshots.get(wanted)

    against = Against(signing=proven.signing, keys=proven.keys())
    with pytest.raises(SnapshotError, match="no event of the log says so"):
        list(verify(proven.tools.store, Dropping(), against))
    proven.decide("snapshot.redacted", snapshot=digest)
    *_, counts = verify(proven.tools.store, Dropping(), against)
    assert (counts["snapshots"], counts["gone"]) == (3, 1)


def test_the_key_is_made_once_for_its_owner_alone(tmp_path):
    signing = FolderSigning(tmp_path, {})
    signing.prepare()
    secret = (tmp_path / "signing.key").read_text(encoding="utf-8")
    signing.prepare()

    assert (tmp_path / "signing.key").read_text(encoding="utf-8") == secret
    assert (tmp_path / "signing.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "signing.vkey").read_text(encoding="utf-8") == f"{signing.key()}\n"
    assert {path.name for path in tmp_path.iterdir()} == {"signing.key", "signing.vkey"}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o622])
def test_a_key_that_others_may_read_is_refused_with_what_to_do(tmp_path, mode):
    FolderSigning(tmp_path, {}).prepare()
    (tmp_path / "signing.key").chmod(mode)

    with pytest.raises(ConfigError, match="chmod 600"):
        FolderSigning(tmp_path, {}).prepare()


def test_a_damaged_key_is_refused_and_never_replaced(tmp_path):
    FolderSigning(tmp_path, {}).prepare()
    (tmp_path / "signing.key").write_text("PRIVATE+KEY+nonsense", encoding="utf-8")

    with pytest.raises(ConfigError, match="not a private key"):
        FolderSigning(tmp_path, {}).prepare()


def test_a_key_given_by_the_environment_signs_and_the_older_one_is_still_believed(proven, tmp_path):
    proven.look(authorised())
    proven.seal()
    elsewhere = tmp_path / "elsewhere"
    FolderSigning(elsewhere, {}).prepare()
    secret = elsewhere / "signing.key"
    for told in (
        {"WATCHER_SIGNING_KEY": secret.read_text(encoding="utf-8")},
        {"WATCHER_SIGNING_KEY_FILE": str(secret)},
    ):
        proven.signing = FolderSigning(proven.folder, told)
        proven.signing.prepare()
        proven.look(authorised(), note=str(sorted(told)))
        proven.seal()

    old, new = proven.keys()
    assert new == FolderSigning(elsewhere, {}).key() == proven.signing.key()
    assert old != new
    assert proven.verified()["checkpoints"] == 3


def test_a_key_file_that_is_missing_is_missed_by_name(tmp_path):
    signing = FolderSigning(tmp_path, {"WATCHER_SIGNING_KEY_FILE": str(tmp_path / "none")})

    with pytest.raises(ConfigError, match="it is missing"):
        signing.prepare()


def test_a_line_that_is_no_key_is_found(tmp_path):
    (tmp_path / "signing.vkey").write_text("nonsense\n", encoding="utf-8")

    with pytest.raises(ProofError, match="not a public key"):
        FolderSigning(tmp_path, {}).keys()
