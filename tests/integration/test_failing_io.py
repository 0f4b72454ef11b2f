"""The whole line with its n-th operation failing, once and from there on for ever, for every n.

After each the stores are opened anew, the six promises are checked, and the service goes on: it
ends where an undisturbed one ends, with the same events, and each message told once or, where the
receiver's answer was lost, twice with one key.
"""

from __future__ import annotations

import logging
import shutil
from collections import Counter

import pytest

from kit.failing import Faults, compiled_once, each_fault, failing
from kit.line import LOG, STORIES, Receiver, at_work, begun
from kit.promises import Truth, promises_hold
from watcher.core.taxonomy import TYPES
from watcher.errors import WatcherError

_LATER = 400.0
"""Days after which the service goes on: nothing it has put off is still to come."""


@pytest.fixture(autouse=True)
def _compiled_once():
    with compiled_once():
        yield


@pytest.fixture(params=STORIES)
def story(request):
    return STORIES[request.param]


@pytest.fixture
def first(tmp_path, story):
    """A folder in which the story's beginning is known."""
    return begun(tmp_path / "first", story)


def news(line):
    """What happened in the world, as the log has it; not when, since looks were put off."""
    return Counter(
        (told.event.type, str(told.event.subject), told.cause, str(told.event.changes))
        for told in line.log()
        if not TYPES[told.event.type].is_operational
    )


def lived(folder, story, faults, receiver):
    """Let the service live through what changed; return whether a fault shows somewhere."""
    heard = []
    listener = logging.Handler(logging.WARNING)
    listener.emit = heard.append
    LOG.addHandler(listener)
    try:
        with (
            failing(faults),
            at_work(folder, story, story.after, days=1, faults=faults, receiver=receiver) as line,
        ):
            line.passes()
            with faults.paused():
                heard += [each for each in line.outbox() if each.state != "delivered"]
    except (WatcherError, OSError) as error:
        heard.append(error)
    finally:
        LOG.removeHandler(listener)
    return bool(heard)


def ended(folder, story, receiver, acked):
    """Start the service anew, undisturbed, see that the promises hold, and let it finish.

    Returns:
        What happened, what became of the messages, and what they are about.
    """
    receiver.faults = Faults()
    with at_work(folder, story, story.after, days=_LATER, receiver=receiver) as line:
        places = folder / "snapshots", folder / "data"
        promises_hold(line.store, *places, Truth(acked=acked, taken=receiver.taken))
        line.passes()
        promises_hold(line.store, *places, Truth(taken=receiver.taken))
        states = {each.state for each in line.outbox()}
        keys = {(each.subject, each.key) for each in receiver.taken}
        subjects = {subject for subject, _ in keys}
        assert len(keys) == len(subjects), "doubled, and not recognisable by its key"
        return news(line), states, subjects


@pytest.mark.parametrize("for_ever", [False, True], ids=["once", "for ever"])
def test_whatever_fails_the_story_ends_the_same(tmp_path, story, first, for_ever):
    failed, doubled, wanted = Counter(), {}, None
    for faults in each_fault(for_ever=for_ever):
        folder = tmp_path / f"failing {faults.at}"
        shutil.copytree(first, folder)
        receiver = Receiver(faults)
        is_told = lived(folder, story, faults, receiver)
        found = ended(folder, story, receiver, faults.acked)
        wanted = wanted or found
        assert found == wanted, faults
        # a folder that is there already need not be made
        assert is_told or faults.fired in ([], ["file mkdir"]), faults
        failed.update(faults.fired[:1])
        if len(receiver.taken) > len(wanted[2]):
            doubled[faults.at] = faults.fired[0]
        shutil.rmtree(folder)

    assert wanted[1] == {"delivered"}
    assert {"fetch", "send", "commit", "the commit's answer", "file fsync"} <= failed.keys()
    assert failed.total() > 50
    # doubled only between the receiver's taking it and our noting so, in one transaction
    assert [*doubled] == [*range(min(doubled), min(doubled) + len(doubled))]
    within = [*doubled.values()]
    assert (within[0], within[1], within[-1]) == (
        "the receiver's answer",
        "statement BEGIN",
        "commit",
    )
    assert within.count("commit") == within.count("statement BEGIN") == 1


def test_killed_at_any_operation_the_story_ends_the_same(tmp_path):
    """A kill leaves what stands on the disk: it is copied at each operation, and gone on with."""
    story = STORIES["a medicine's page"]
    folder = begun(tmp_path / "first", story)
    left, taken, acked = [], [], []

    def killed(_what):
        left.append(shutil.copytree(folder, tmp_path / f"killed {len(left)}"))
        taken.append([*receiver.taken])
        acked.append({**faults.acked})

    faults = Faults(seen=killed)
    receiver = Receiver(faults)
    lived(folder, story, faults, receiver)
    wanted = ended(folder, story, receiver, faults.acked)
    assert wanted[1] == {"delivered"}
    for place, had, known in zip(left, taken, acked, strict=True):
        again = Receiver(faults, [*had])
        assert ended(place, story, again, known) == wanted, place
        # a message is doubled only if it was taken before the kill, and then once
        assert len(again.taken) <= len(wanted[2]) + len(had), place

    assert len(left) > 50
