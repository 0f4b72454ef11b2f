"""The server and its writers killed in the middle of appends; the long form is `make torture`."""

from __future__ import annotations

from kit.postgres import required_binaries
from kit.postgres_kills import Tortured


def test_nothing_that_was_answered_is_lost_when_the_server_or_a_writer_is_killed(tmp_path):
    required_binaries()
    with Tortured(tmp_path, writers=2) as tortured:
        tortured.kill_server()
        tortured.kill_writer()
        tortured.kill_server()
        told = tortured.verdict()

    assert told.acknowledged > 0
    assert (told.lost, told.doubled, told.gaps) == (0, 0, 0)
    assert told.events >= told.acknowledged
