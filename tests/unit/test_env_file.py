"""Secrets beside the configuration, in `.env`: read as a shell would, for what else lacks."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.configs import SMALLEST, with_channel
from watcher.config.env_file import assignment, read_env_file, with_env_file
from watcher.config.load import checked, load
from watcher.errors import ConfigError

SECRET = "s3cret/Word"
ADDRESS = "json://u:${HOOK}@hooks.example.org/a"


def a_file(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / ".env"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return folder / "sources.yaml"


def test_a_name_that_the_environment_lacks_is_taken_from_the_file(tmp_path):
    path = a_file(tmp_path, f"# ours\n\nHOOK={SECRET}\nOTHER='a b'\n")

    known = with_env_file(path, {"OTHER": "mine"})

    assert known == {"HOOK": SECRET, "OTHER": "mine"}
    config = checked(with_channel(ADDRESS).encode(), path, known, ("ema_medicine_page",))
    assert config.channels[0].url.reveal() == "json://u:s3cret%2FWord@hooks.example.org/a"


def test_a_file_that_the_environment_names_goes_before_it(tmp_path):
    path = a_file(tmp_path, f"HOOK={SECRET}\n")

    assert with_env_file(path, {"HOOK_FILE": "/run/hook"}) == {"HOOK_FILE": "/run/hook"}


def test_without_the_file_there_is_the_environment_alone(tmp_path):
    assert with_env_file(tmp_path / "sources.yaml", {"A": "b"}) == {"A": "b"}


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=b", "b"),
        ("export A=b", "b"),
        ('A="b \\"c\\" \\$d"', 'b "c" $d'),
        ("A='b \"c\"'  # why", 'b "c"'),
        ("A=", ""),
        ("A=mailtos://u:p%20w@mail.eu/?to=a@b.eu&mode=ssl", None),
    ],
)
def test_a_value_stands_bare_or_in_quotes(tmp_path, line, value):
    a_file(tmp_path, line)

    assert read_env_file(tmp_path / ".env") == {"A": line[2:] if value is None else value}


@pytest.mark.parametrize("line", ["SECRET", "1A=b", "A B=c", "A='b", 'A="b"c', "password: hunter2"])
def test_a_line_that_is_none_is_a_problem_that_shows_nothing_of_it(tmp_path, line):
    a_file(tmp_path, f"GOOD=1\n{line}\n")

    with pytest.raises(ConfigError) as caught:
        read_env_file(tmp_path / ".env")

    (problem,) = caught.value.problems
    assert (problem.line, problem.file) == (2, str(tmp_path / ".env"))
    assert line not in problem.message


@given(
    value=st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=40)
)
def test_what_is_written_is_read_back(value, tmp_path_factory):
    folder = tmp_path_factory.mktemp("env")
    a_file(folder, f"{assignment('A', value)}\n")

    assert read_env_file(folder / ".env") == {"A": value}


def test_a_shell_reads_what_is_written_as_we_do(tmp_path):
    values = {"A": "a b", "B": "it's", "C": '$x`"\\', "D": "u:p@h/?a=1&b=2", "E": "a-Z_9%2F"}
    a_file(tmp_path, "".join(f"{assignment(*pair)}\n" for pair in values.items()))

    script = f'set -a; . {tmp_path}/.env; printf "%s\\n" "$A" "$B" "$C" "$D" "$E"'
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines() == list(values.values())


@pytest.mark.parametrize(("mode", "told"), [(0o600, 0), (0o640, 1), (0o646, 2)])
def test_others_who_may_read_or_write_it_are_noticed(tmp_path, mode, told):
    path = a_file(tmp_path, "A=b\n", mode)
    path.write_text(SMALLEST, encoding="utf-8")

    notices = load(path, {}, ("ema_medicine_page",)).notices

    assert [notice.key for notice in notices] == [".env"] * told
    assert all("chmod" in notice.message for notice in notices)
