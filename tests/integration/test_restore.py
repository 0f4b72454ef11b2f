"""Which backup is put back, and what makes it one that is not."""

from __future__ import annotations

import itertools
from contextlib import ExitStack
from dataclasses import replace

import pytest
import zstandard

from kit.backed_up import payloads, put_back_in, running_in, told_by
from kit.signing_in import HERE, PASSWORD, add, door
from watcher.errors import IntegrityError, NotFoundError, SnapshotError
from watcher.services.restoring import compare, note
from watcher.store.backup import sha256_of
from watcher.store.manifest import DATABASE, FILES, MANIFEST, STONES, chosen, generations
from watcher.store.vault import vault


@pytest.fixture
def running(tmp_path):
    with running_in(tmp_path / "running") as running:
        yield running


@pytest.fixture
def restored(tmp_path):
    """Puts generations back into `restored0`, `restored1` …"""
    with ExitStack() as stack:
        numbers = itertools.count()

        def restoring(safe, made):
            folder = tmp_path / f"restored{next(numbers)}"
            return stack.enter_context(put_back_in(folder, safe, made))

        yield restoring


def test_the_newest_backup_not_after_a_point_is_chosen(running, tmp_path):
    safe = vault(str(tmp_path / "safe"))
    first = running.back_up(safe)
    running.look("authorised")
    second = running.back_up(safe)

    found = generations(safe)
    assert found == (first, second)
    assert chosen(found, "") == second
    assert chosen(found, str(second.position)) == second
    assert chosen(found, str(second.position - 1)) == first
    assert chosen(found, second.made_at) == second
    assert chosen(found, "2024-11-22T14:30:00+00:00") == first
    for nothing in ("1", "2020-01-01", "rubbish"):
        with pytest.raises(NotFoundError):
            chosen(found, nothing)


def test_who_was_signed_in_when_it_was_backed_up_is_not_when_it_is_put_back(
    running, tmp_path, restored
):
    add(running.tools.store, running.clock)
    door(running.tools.store, running.clock).sign_in("anna", PASSWORD, HERE)
    safe = vault(str(tmp_path / "safe"))
    made = running.back_up(safe)
    found = restored(safe, made)
    note(found.store, told_by(made), {}, running.clock)

    with found.store.reading() as work:
        assert [each.name for each in work.access.users()] == ["anna"]
        assert work.access.sessions_of("anna") == ()


@pytest.mark.parametrize("member", [DATABASE, FILES, STONES])
def test_a_generation_that_was_altered_is_not_put_back(running, tmp_path, restored, member):
    safe = vault(str(tmp_path / "safe"))
    made = running.back_up(safe)
    (tmp_path / "safe" / made.folder / member).write_bytes(zstandard.compress(b"other\n"))

    with pytest.raises(IntegrityError, match=f"{member} is not what its manifest says"):
        restored(safe, made)


def test_a_payload_that_was_altered_in_the_backup_is_found(running, tmp_path, restored):
    safe = vault(str(tmp_path / "safe"))
    made = running.back_up(safe)
    file = next((tmp_path / "safe").rglob("*.delta.*"))
    file.write_bytes(file.read_bytes()[:-1] + b"?")

    with pytest.raises(SnapshotError, match=file.name.partition(".")[0]):
        payloads(restored(safe, made))


def test_a_backup_that_lost_a_payload_is_not_put_back(running, tmp_path, restored):
    safe = vault(str(tmp_path / "safe"))
    made = running.back_up(safe)
    next((tmp_path / "safe").rglob("*.delta.*")).unlink()

    with pytest.raises(NotFoundError, match="is missing"):
        restored(safe, made)


def test_a_list_of_files_leads_to_no_file_elsewhere(running, tmp_path, restored):
    safe = vault(str(tmp_path / "safe"))
    made = running.back_up(safe)
    listed = b"../../evil\n"
    (tmp_path / "safe" / made.folder / FILES).write_bytes(zstandard.compress(listed))
    (tmp_path / "safe" / "evil").write_bytes(b"evil")
    forged = replace(made, members={**made.members, FILES: sha256_of([listed])})

    with pytest.raises(IntegrityError, match="which is no payload"):
        restored(safe, forged)
    assert [file.parent.name for file in tmp_path.rglob("evil")] == ["safe"]


def test_a_manifest_that_cannot_be_read_is_named(running, tmp_path):
    safe = vault(str(tmp_path / "safe"))
    made = running.back_up(safe)
    (tmp_path / "safe" / made.folder / MANIFEST).write_text('{"form": 1')

    with pytest.raises(IntegrityError, match=f"{made.name}/{MANIFEST}"):
        generations(safe)


def test_a_store_that_is_another_one_is_not_taken_for_the_backed_up_one(running, tmp_path):
    made = running.back_up(vault(str(tmp_path / "safe")))
    running.look("authorised")

    with pytest.raises(IntegrityError, match=made.name):
        compare(running.tools.store, told_by(made))
