"""Secrets from the environment, or from a file it names; who may read and write what we trust."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kit.configs import SMALLEST, loaded, with_channel
from watcher.config.permissions import notices
from watcher.errors import ConfigError

SECRET = "s3cret/Word"
ADDRESS = "json://u:${HOOK}@hooks.example.org/a"
QUOTED = "json://u:s3cret%2FWord@hooks.example.org/a"


def channel_of(folder: Path, environment: dict[str, str]) -> str:
    config = loaded(with_channel(ADDRESS), folder, environment)
    return config.channels[0].url.reveal()


def a_file(folder: Path, content: bytes = SECRET.encode() + b"\n", mode: int = 0o600) -> Path:
    path = folder / "hook"
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_a_secret_may_stand_in_a_file_that_the_environment_names(tmp_path):
    file = a_file(tmp_path)

    assert channel_of(tmp_path, {"HOOK_FILE": str(file)}) == QUOTED


def test_a_secret_may_be_a_credential_of_systemd(tmp_path):
    (tmp_path / "HOOK").write_text(SECRET)

    assert channel_of(tmp_path, {"CREDENTIALS_DIRECTORY": str(tmp_path)}) == QUOTED


def test_a_variable_goes_before_a_file(tmp_path):
    file = a_file(tmp_path, b"another")

    assert channel_of(tmp_path, {"HOOK": SECRET, "HOOK_FILE": str(file)}) == QUOTED


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "has to hold one line"),
        (b"one\ntwo\n", "has to hold one line"),
        (b"a\x00b", "has to hold one line"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"x" * 70_000, "has to hold one line"),
    ],
    ids=["empty", "two lines", "NUL", "no text", "endless"],
)
def test_a_file_that_holds_no_secret_is_a_problem_that_shows_none_of_it(tmp_path, content, words):
    file = a_file(tmp_path, content)

    with pytest.raises(ConfigError) as refused:
        channel_of(tmp_path, {"HOOK_FILE": str(file)})

    assert words in str(refused.value)
    assert "HOOK_FILE" in str(refused.value)
    assert "one\\ntwo" not in str(refused.value)


@pytest.mark.parametrize("there", [None, "folder"])
def test_a_file_that_cannot_be_read_is_a_problem_at_its_line(tmp_path, there):
    path = tmp_path / "gone"
    if there:
        path.mkdir()

    with pytest.raises(ConfigError, match="HOOK_FILE names") as refused:
        channel_of(tmp_path, {"HOOK_FILE": str(path)})

    assert "channels[one].url" in str(refused.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_secret_that_others_can_read_is_noticed_with_what_to_do(tmp_path, mode):
    file = a_file(tmp_path, mode=mode)

    config = loaded(with_channel(ADDRESS), tmp_path, {"HOOK_FILE": str(file)})

    [notice] = [each for each in config.notices if "chmod" in each.message]
    assert notice.message.endswith(f"chmod 600 {file}")
    assert SECRET not in notice.message


def test_a_secret_that_its_owner_alone_can_read_is_not_noticed(tmp_path):
    config = loaded(with_channel(ADDRESS), tmp_path, {"HOOK_FILE": str(a_file(tmp_path))})

    assert [each for each in config.notices if "chmod" in each.message] == []


@pytest.mark.parametrize(
    ("what", "key"),
    [
        ("sources.yaml", "(file)"),
        ("data", "storage.database"),
        ("snapshots", "storage.snapshots"),
    ],
)
def test_what_anyone_may_write_to_is_noticed(tmp_path, what, key):
    for folder in ("data", "snapshots"):
        (tmp_path / folder).mkdir(mode=0o700)
    loaded(SMALLEST, tmp_path)
    place = tmp_path / what
    place.chmod(place.stat().st_mode | 0o002)

    config = loaded(SMALLEST, tmp_path)

    [notice] = [each for each in config.notices if "chmod" in each.message]
    assert (notice.key, notice.message.split()[-1]) == (key, str(place))


def test_what_is_not_there_yet_is_not_noticed(tmp_path):
    config = loaded(SMALLEST, tmp_path)
    nowhere = replace(config, storage=replace(config.storage, snapshots=tmp_path / "no" / "where"))

    assert list(notices(tmp_path / "sources.yaml", nowhere)) == []
