"""kill -9 before, during and after a send: nothing lost, and a double can be told by its key."""

from __future__ import annotations

import itertools

from kit.kills import PLACES, Kills, count
from kit.receivers import Mailbox


def test_a_sender_killed_anywhere_loses_nothing_and_its_doubles_have_one_key(tmp_path):
    with Mailbox() as box, Kills(tmp_path, box.address()) as kills:
        kills.queue(30)
        for place in itertools.islice(itertools.cycle(PLACES), 24):
            assert kills.kill(place)
        states = kills.peace()
        found = count(box.messages, kills.keys)

    assert states == ["delivered"] * 30
    assert (found.lost, found.strange) == (0, 0)
    assert kills.done["after"] <= found.doubled <= kills.done["after"] + kills.done["during"]
