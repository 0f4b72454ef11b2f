"""Signed notes, checkpoints and keys in the forms that others read."""

from __future__ import annotations

import base64

import pytest

from watcher.core.note import Checkpoint, Note, PrivateKey, Signature, VerifierKey, notes
from watcher.errors import NoteError
from watcher.store.signing import FolderSigning

# The worked example in the documentation of Go's golang.org/x/mod/sumdb/note, the origin of the
# format; and the key of Go's checksum database.
GO_SECRET = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
GO_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdng"
    "otpRZb6KE6RyyBwJnAM=\n"
)
SUM_DATABASE = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
# the example checkpoint of c2sp.org/tlog-checkpoint
EXAMPLE = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhc"
    "yv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)


@pytest.fixture
def signing(tmp_path):
    return FolderSigning(tmp_path, {"WATCHER_SIGNING_KEY": GO_SECRET})


def test_a_note_is_signed_byte_for_byte_as_the_origin_of_the_format_signs_it(signing):
    assert signing.sign(GO_TEXT) == f"{GO_TEXT}\n{GO_LINE}"
    assert str(signing.key()) == GO_PUBLIC
    assert signing.is_signed(f"{GO_TEXT}\n{GO_LINE}", [VerifierKey.parse(GO_PUBLIC)])


@pytest.mark.parametrize("vkey", [GO_PUBLIC, SUM_DATABASE])
def test_keys_of_others_are_read_and_written_as_they_were(vkey):
    assert str(VerifierKey.parse(f"{vkey}\n")) == vkey


def test_a_private_key_is_kept_as_it_was_and_never_shown():
    key = PrivateKey.parse(GO_SECRET)

    assert key.secret() == GO_SECRET
    assert repr(key) == "PrivateKey('PeterNeumann')"


def test_a_checkpoint_of_others_is_read_and_written_as_it_was():
    note = Note.parse(EXAMPLE)
    checkpoint = Checkpoint.parse(note.text)

    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert str(checkpoint) == note.text
    assert str(note) == EXAMPLE
    assert note.signatures[0].key_id.hex() == "033de0ae"


def test_the_time_stands_in_a_line_of_its_own_and_other_lines_are_passed_over():
    checkpoint = Checkpoint("log", 7, b"r" * 32, "2026-11-22T12:00:00.000000Z")

    assert Checkpoint.parse(str(checkpoint)) == checkpoint
    assert Checkpoint.parse(f"{checkpoint}something of a witness\n") == checkpoint


def test_a_signature_of_another_key_is_passed_over_and_a_wrong_one_of_ours_is_not(signing):
    ours = VerifierKey.parse(GO_PUBLIC)
    good = Note.parse(signing.sign(GO_TEXT)).signatures[0]
    witness = Signature("witness.example", b"\1\2\3\4", b"x" * 64)
    forged = Signature(good.name, good.key_id, bytes(64))

    def is_signed(*signatures):
        return signing.is_signed(str(Note(GO_TEXT, signatures)), [ours])

    assert is_signed(witness, good)
    assert not is_signed(witness)
    assert not is_signed(forged)
    assert not is_signed(good, forged)
    assert not signing.is_signed(str(Note(GO_TEXT, (good,))), [VerifierKey.parse(SUM_DATABASE)])
    assert not signing.is_signed(str(Note(GO_TEXT, (good,))), [])


def test_the_text_ends_at_the_last_empty_line():
    note = Note.parse(f"one\n\ntwo\n\n{GO_LINE}")

    assert note.text == "one\n\ntwo\n"


@pytest.mark.parametrize(
    "told",
    [
        "",
        "text\n",
        f"text\n{GO_LINE}",
        f"text\n\n{GO_LINE.rstrip()}",
        f"te\txt\n\n{GO_LINE}",
        "text\n\n- name AAAAAAA=\n",
        "text\n\n— na+me AAAAAAA=\n",
        "text\n\n— name AAAA\n",
        "text\n\n— name not base64\n",
        "text\n\n— name AAAAAAB=\n",
        f"text\n\n{GO_LINE * 101}",
        f"{'x' * 1_000_001}\n\n{GO_LINE}",
    ],
)
def test_what_is_no_note_is_refused(told):
    with pytest.raises(NoteError):
        Note.parse(told)


ROOT = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"log\n7\n{ROOT}",
        f"log\n07\n{ROOT}\n",
        f"log\n-7\n{ROOT}\n",
        f"log\n٧\n{ROOT}\n",
        f"\n7\n{ROOT}\n",
        "log\n7\nAAAA\n",
        f"log\n7\n{ROOT}\n\nmore\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(NoteError):
        Checkpoint.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+c74f20a3",
        GO_PUBLIC.replace("c7", "c8"),
        GO_PUBLIC.replace("+AR", "+AB"),
        GO_PUBLIC[:-4],
        f"a b{GO_PUBLIC}",
    ],
)
def test_what_is_no_public_key_is_refused(text):
    with pytest.raises(NoteError):
        VerifierKey.parse(text)


def test_a_refused_private_key_is_not_quoted():
    with pytest.raises(NoteError) as refused:
        PrivateKey.parse(GO_SECRET[:-4])

    assert GO_SECRET[-20:-4] not in str(refused.value)
    with pytest.raises(NoteError, match="PRIVATE"):
        PrivateKey.parse(GO_PUBLIC)


def test_a_file_of_notes_is_taken_apart(signing):
    first, second = signing.sign("log\n1\nx\n"), signing.sign("log\n2\ny\n")

    assert notes(first + second) == (first, second)
    assert notes(first + second[:-5]) == (first, second[:-5])
    assert notes("") == ()
