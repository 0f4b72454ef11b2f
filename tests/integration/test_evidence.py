"""An evidence bundle verifies without the program, and no longer once anything in it was edited."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from kit.proven import Proven, authorised
from watcher.errors import SnapshotRedactedError
from watcher.services import standalone_verifier as verifier
from watcher.services.bundle import Bundle, bundle

WITHDRAWN = "3"


@pytest.fixture(scope="module")
def proven(tmp_path_factory):
    proven = Proven(tmp_path_factory.mktemp("proven"))
    proven.history()
    yield proven
    proven.close()


@pytest.fixture(scope="module")
def members(proven):
    return dict(proven.bundle(WITHDRAWN).members)


def verified(capsys, members, vkey=""):
    """Check members in this process; return the exit code and what was said."""
    try:
        code = verifier.check(members, vkey)
    except (LookupError, ValueError, TypeError, AttributeError) as error:
        return verifier.WRONG, str(error)
    return code, capsys.readouterr().out


def listed(members):
    """Members with a manifest that fits, as a forger would hand them on."""
    rest = {name: body for name, body in members.items() if name != "MANIFEST.txt"}
    lines = [f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in rest.items()]
    return {**rest, "MANIFEST.txt": "".join(lines).encode()}


def run(folder: Path, *words: str, site: bool) -> tuple[int, str]:
    """Run the verifier of an unpacked bundle with Python alone, or with what is installed."""
    done = subprocess.run(
        [sys.executable, "-I", *([] if site else ["-S"]), "verify.py", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout + done.stderr


def unpacked(made: Bundle, folder: Path) -> Path:
    zipfile.ZipFile(io.BytesIO(made.packed())).extractall(folder)
    return folder


def test_a_bundle_verifies_with_python_alone_and_with_cryptography(proven, tmp_path):
    folder = unpacked(proven.bundle(WITHDRAWN), tmp_path / "bundle")
    key = str(proven.keys()[0])

    code, said = run(folder, "--vkey", key, site=False)
    assert code == verifier.UNSIGNED, said
    assert "pip install cryptography" in said
    code, said = run(folder, "--vkey", key, site=True)
    assert code == 0, said
    assert "its signature is right" in said
    assert "agrees with itself" not in said
    (tmp_path / "b.zip").write_bytes(proven.bundle(WITHDRAWN).packed())
    code, said = run(folder, str(tmp_path / "b.zip"), site=True)
    assert code == 0, said
    assert "agrees with itself" in said


def test_the_verifier_is_short_and_knows_nothing_of_the_program():
    source = Path(verifier.__file__).read_text(encoding="utf-8")

    assert len(source.splitlines()) < 200
    assert "from watcher" not in source
    assert "import watcher" not in source


def test_the_same_event_gives_the_same_file(proven):
    made = proven.bundle(WITHDRAWN)

    assert made.packed() == proven.bundle(WITHDRAWN).packed()
    assert made.lacks == ()
    assert {*made.members} == {
        *("MANIFEST.txt", "capture.json", "checkpoint.txt", "event.json", "index.html"),
        *("log/event.inclusion.json", "log/event.payload.json", "log/event.row.json"),
        *("log/seal.inclusion.json", "log/seal.payload.json", "log/seal.row.json"),
        *("reading.json", "seal.leaves.txt", "snapshot.bin", "verify.py", "vkey.txt"),
    }


def test_any_byte_of_any_file_that_is_edited_is_found(members, capsys):
    assert verified(capsys, members)[0] == 0
    for name, body in members.items():
        step = 1 if len(body) < 300 else len(body) // 40
        for place in range(0, len(body), step):
            bent = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]

            assert verified(capsys, {**members, name: bent})[0] == verifier.WRONG, (name, place)


@pytest.mark.parametrize("name", ["index.html", "snapshot.bin", "log/seal.row.json"])
def test_a_file_that_is_left_out_or_slipped_in_is_found(members, capsys, name):
    without = {each: body for each, body in members.items() if each != name}

    assert verified(capsys, without)[0] == verifier.WRONG
    assert verified(capsys, {**members, "more.txt": b""})[0] == verifier.WRONG


# index.html and verify.py are for reading and running: no signature reaches them
BOUND = (
    *("capture.json", "checkpoint.txt", "event.json", "log/event.inclusion.json"),
    *("log/event.payload.json", "log/event.row.json", "log/seal.inclusion.json"),
    *("log/seal.payload.json", "log/seal.row.json", "seal.leaves.txt", "snapshot.bin", "vkey.txt"),
)


@pytest.mark.parametrize("name", BOUND)
def test_a_forger_who_lists_his_edit_in_the_manifest_is_found_by_the_proof(members, capsys, name):
    body = members[name]
    for place in range(0, len(body), max(1, len(body) // 60)):
        if body[place : place + 1].isspace() or body[place + 1 :].startswith(b"="):
            continue  # white space in JSON and base64's last two bits mean nothing
        bent = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]

        code, said = verified(capsys, listed({**members, name: bent}))
        assert code == verifier.WRONG, (name, place, said)


def test_a_quote_that_the_snapshot_does_not_have_is_found(members, capsys):
    reading = json.loads(members["reading.json"])
    assert reading["facts"]
    for fact in reading["facts"]:
        fact["quote"] = fact["quote"].replace("withdrawn", "authorised")
    forged = listed({**members, "reading.json": json.dumps(reading).encode()})

    code, said = verified(capsys, forged)
    assert code == verifier.WRONG
    assert "quotes" in said


@pytest.mark.parametrize("group", ["seal", "checkpoint.txt", "snapshot.bin"])
def test_what_was_left_out_of_a_bundle_is_said_or_missed(members, capsys, group):
    kept = {
        name: body for name, body in members.items() if not name.startswith((group, f"log/{group}"))
    }
    code, said = verified(capsys, listed(kept))

    expected = {"seal": 0, "checkpoint.txt": verifier.UNSIGNED, "snapshot.bin": verifier.WRONG}
    assert code == expected[group]
    assert group != "seal" or "not sealed when the bundle was made" in said


@pytest.mark.parametrize("field", ["id", "digest"])
def test_a_capture_that_is_not_sealed_must_still_be_the_one_of_the_event(members, capsys, field):
    left = {name: body for name, body in members.items() if "seal." not in name}
    capture = json.loads(left["capture.json"])
    capture[field] += "x"
    forged = listed({**left, "capture.json": json.dumps(capture).encode()})

    code, said = verified(capsys, forged)
    assert (code, said.startswith("capture: it")) == (verifier.WRONG, True)


def test_another_key_than_the_trusted_one_is_not_believed(members, capsys, tmp_path):
    stranger = Proven(tmp_path)
    key = str(stranger.keys()[0])
    stranger.close()

    code, said = verified(capsys, members, key)
    assert code == verifier.WRONG
    assert "names the key" in said


def test_the_page_tells_what_happened_and_nothing_in_it_is_live(tmp_path):
    proven = Proven(tmp_path)
    name = "<script>alert(1)</script>"
    proven.look(authorised(**{"product.brand_name": name}))
    changed = {"product.brand_name": name, "authorisation[EU].status": "withdrawn"}
    proven.look(authorised(**changed))
    proven.seal()
    page = proven.bundle("2").members["index.html"].decode()
    proven.close()

    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "Authorised → Withdrawn" in page
    assert "<blockquote>withdrawn</blockquote>" in page
    assert str(proven.keys()[0]) in page
    assert "http" not in page.replace("https://ema.example", "")


def test_an_event_of_an_operator_and_one_not_signed_yet_are_packed_too(tmp_path, capsys):
    proven = Proven(tmp_path)
    proven.look(authorised())
    waiting = proven.bundle("1")
    assert waiting.lacks == (
        "no checkpoint has been signed since it was recorded",
        "the capture has not been sealed under a signed checkpoint yet",
    )
    assert verified(capsys, dict(waiting.members))[0] == verifier.UNSIGNED
    proven.decide("history.amended", reason="a person looked at it")
    proven.seal()
    made = proven.bundle("2")
    proven.close()

    assert made.lacks == ()
    assert not {"snapshot.bin", "capture.json"} & {*made.members}
    assert verified(capsys, dict(made.members))[0] == 0
    assert "<script" not in made.members["index.html"].decode()


def test_a_redacted_snapshot_is_said_to_be_redacted_and_proven_to_be(tmp_path, capsys):
    proven = Proven(tmp_path)
    proven.history()
    with proven.tools.store.reading() as work:
        digest = work.log.find(WITHDRAWN).provenance.snapshot

    class Dropping:
        def get(self, _wanted):
            raise SnapshotRedactedError(digest, at="2026", why="a name stood in it")

    def packed():
        return bundle(
            proven.tools.store,
            Dropping(),
            WITHDRAWN,
            find_reader=lambda _told: None,
            keys=proven.keys(),
        )

    with pytest.raises(SnapshotRedactedError):
        packed()
    proven.decide("snapshot.redacted", snapshot=digest)
    assert verified(capsys, dict(packed().members))[0] == verifier.UNSIGNED
    proven.seal()
    made = packed()
    proven.close()

    code, said = verified(capsys, dict(made.members))
    assert (code, "redacted, as an event says" in said) == (0, True)
    assert "The snapshot was redacted by event 5" in made.members["index.html"].decode()
    other = json.loads(made.members["log/redaction.payload.json"])
    other["event"]["details"]["snapshot"] = "sha256:other"
    forged = {**made.members, "log/redaction.payload.json": json.dumps(other).encode()}
    assert verified(capsys, listed(forged))[0] == verifier.WRONG
