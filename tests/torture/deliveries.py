"""Torment the way to the reader: kills around a send, receivers that refuse, hang and are down.

    make torture                                # after the torture of the whole service
    python tests/torture/deliveries.py --kills 30

Every message goes to a real mail server or web hook on loopback. Ends by itself; exit code 1 if a
message was lost, if a double cannot be told by its key, or if a dead channel held up another.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from kit.clocks import StandingClock
from kit.correcting import STATUS, Box
from kit.kills import PEERS, PLACES, Kills, count
from kit.office import Office
from kit.receivers import Mailbox, Webhook
from watcher.core.capture import instant
from watcher.core.recipients import Person
from watcher.core.rules import Rule
from watcher.errors import DeliveryError
from watcher.notify.channels import channel
from watcher.ports import Channel, Envelope
from watcher.ports.telling import Waiting
from watcher.services.deliver import deliver
from watcher.store.store import SqlStore

_HANGS = 30.0
_MOST_DELAY = 1.0
Finding = tuple[str, object, bool]
"""What was measured, what it came to, and whether it is good."""


def killed(folder: Path, kills: int, seed: int) -> Iterator[Finding]:
    """Kill a sender before, during and after a send in turn, `kills` times."""
    with Mailbox() as box, Kills(folder, box.address(), seed) as sender:
        sender.queue(kills + 20)
        for place in itertools.islice(itertools.cycle(PLACES), kills):
            sender.kill(place)
        states = sender.peace()
        found = count(box.messages, sender.keys)
    done = sender.done
    may_double = done["after"] + done["during"]
    yield "kills before, during, after a send", dict(done), done.total() == kills
    yield "messages queued", len(sender.keys), True
    yield "messages lost", found.lost, not found.lost
    yield "outbox delivered", states.count("delivered"), set(states) == {"delivered"}
    yield "mails doubled", found.doubled, done["after"] <= found.doubled <= may_double
    yield "doubles not recognisable by their key", found.strange, not found.strange


def queued(folder: Path, names: dict[str, int], at: str) -> SqlStore:
    """Return a store with so many messages for each channel."""
    store = SqlStore(folder / "watcher.db", writable=True)
    with store.writing() as work:
        for name, many in names.items():
            for number in range(many):
                letter = Envelope(key=f"{name}-{number}", subject=f"message {number}", text="…")
                message = Waiting(
                    id=0, key=letter.key, case="", channel=name, envelope=letter, state="pending"
                )
                work.outbox.add(replace(message, next_attempt=at, created_at=at))
    return store


def refused(folder: Path) -> Iterator[Finding]:
    """Let a web hook answer 500 for an hour of a clock that we move, then take everything."""
    clock = StandingClock()
    store = queued(folder, {"hook": 10}, instant(clock.now()))
    with Webhook(500) as hook:
        ways: dict[str, Channel] = {"hook": channel("hook", hook.json_address(), clock=clock)}
        for _ in range(360):
            deliver(store, ways, clock)
            clock.forward(10)
        asked, port = len(hook.posts), hook.port
    for _ in range(6):
        deliver(store, ways, clock)  # nobody listens there any more
        clock.forward(600)
    with Webhook(200) as well:
        address = well.json_address()
        ways = {"hook": channel("hook", address, clock=clock)}
        for _ in range(200):
            deliver(store, ways, clock)
            clock.forward(120)
        taken = len(well.posts)
    store.close()
    yield "a receiver answers 500 for an hour, then is gone for one", f"port {port}", True
    yield "  messages lost of 10", 10 - taken, taken == 10
    yield "  times it was asked in that hour", asked, asked < 15


class Hanging:
    """A channel whose receiver says nothing for half a minute."""

    id = "stuck"

    def send(self, _envelope: Envelope) -> str:
        """Wait, then say that nobody knows."""
        threading.Event().wait(_HANGS)
        message = "no answer in time"
        raise DeliveryError(message, kind="unknown")


def delayed(folder: Path) -> Iterator[Finding]:
    """Let one of 20 channels hang for 30 seconds, and time the others."""
    clock = StandingClock()
    names = {"stuck": 5, **{f"way-{number}": 5 for number in range(19)}}
    store = queued(folder, names, instant(clock.now()))
    arrived: list[float] = []

    class Quick(Box):
        def send(self, envelope: Envelope) -> str:
            arrived.append(time.monotonic())
            return super().send(envelope)

    ways: dict[str, Channel] = {name: Quick(name) for name in names if name != "stuck"}
    began = time.monotonic()
    deliver(store, {**ways, "stuck": Hanging()}, clock)
    whole = time.monotonic() - began
    store.close()
    first = sorted(arrived)[18] - began
    yield "a channel hangs for", f"{whole:.0f} s", whole >= _HANGS
    yield "  messages of the 19 others delivered meanwhile", len(arrived), len(arrived) == 95
    yield "  seconds until each of them had one", f"{first:.2f}", first < _MOST_DELAY + 1


def flooded(folder: Path, many: int) -> Iterator[Finding]:
    """Let thousands of authorisations end at once for one reader."""
    reader = Person(id="anna", channels=("anna",))
    here = Office(folder, [Rule(id="r", events=("authorisation.*",), tell=("anna",))], [reader])
    here.flood(many, **{STATUS: "withdrawn"})
    began = time.monotonic()
    here.tell()
    here.pass_by(minutes=1)
    spent = time.monotonic() - began
    taken = here.boxes["anna"].taken
    told = sum(len(set(_shown(letter.text))) for letter in taken)
    here.store.close()
    yield f"{many} critical events at once: messages", len(taken), len(taken) <= 10 + many // 500
    yield "  events told in them", told, told == many
    yield "  seconds to queue and send them", f"{spent:.1f}", True


def _shown(text: str) -> list[str]:
    words = " ".join(text.split()).split("watcher show ")[1:]
    return [word.split(maxsplit=1)[0] for word in words]


def main() -> int:
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--kills", type=int, default=200)
    asked.add_argument("--seed", type=int, default=20_261_122)
    asked.add_argument("--flood", type=int, default=5_000)
    options = asked.parse_args()
    is_good = True
    with tempfile.TemporaryDirectory(prefix="watcher-deliveries-") as scratch:
        parts = {
            "killed": lambda folder: killed(folder, options.kills, options.seed),
            "refused": refused,
            "delayed": delayed,
            "flooded": lambda folder: flooded(folder, options.flood),
        }
        for name, part in parts.items():
            folder = Path(scratch) / name
            folder.mkdir()
            for what, value, fits in part(folder):
                is_good = is_good and fits
                print(f"{what:58} {value}{'' if fits else '   BAD'}")  # noqa: T201
    print(PEERS)  # noqa: T201
    print("good" if is_good else "BAD")  # noqa: T201
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
