"""Requests left with whoever writes: taken in order, done once, and nothing else is touched."""

from __future__ import annotations

import itertools
import json
import logging
import os
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest

from kit.bulk import bulk, row, withdrawn
from kit.clocks import StandingClock
from kit.faulty_server import FaultyServer
from kit.station import settings, station
from watcher.errors import IntegrityError, OperationalError
from watcher.runtime.desk import Desk, answer_within, folder_of, hands, leave, new_id
from watcher.runtime.requests import Folder
from watcher.services.decisions import Decider, audit
from watcher.services.orders import ORDERS, carry_out

LOG = logging.getLogger("desk")
PATH = "/medicines.json"


@pytest.fixture
def desk(tmp_path):
    """A watcher whose one message was delivered, and its desk."""
    with FaultyServer() as site:
        site.page(PATH, bulk(row(1), row(2)), media_type="application/json")
        path = settings(
            tmp_path,
            [{"id": "ema", "reader": "ema_medicines", "url": site.url(PATH)}],
            channels={"pv": "folder:messages"},
        )
        with station(path, StandingClock()) as here:
            here.look()
            site.page(PATH, bulk(row(1), withdrawn(2)), media_type="application/json")
            here.look()
            yield Desk(here.watcher, folder_of(here.watcher.config), LOG)


@pytest.fixture
def bare(tmp_path):
    """A desk before which nothing has happened."""
    source = {"id": "ema", "reader": "ema_medicines", "url": "http://127.0.0.1:9/medicines.json"}
    path = settings(tmp_path, [source], channels={"pv": "folder:messages"})
    with station(path, StandingClock()) as here:
        yield Desk(here.watcher, folder_of(here.watcher.config), LOG)


def someone():
    return Decider(who="m. weber", request=new_id())


def asked(desk, order, **arguments):
    by = someone()
    leave(desk.folder, order, arguments, by, desk.watcher.tools.clock)
    return by.request


def withdrawal(desk):
    with desk.watcher.store.reading() as work:
        return work.outbox.latest(1)[0], work.cases.positions(work.outbox.latest(1)[0].case)[0]


def listed(desk):
    return [each.what for each in audit(desk.watcher.store) if each.who == "m. weber"]


def test_requests_are_done_in_their_order_and_each_is_answered(desk):
    first = asked(desk, "resend", message=1, why="she lost it")
    desk.watcher.tools.clock.forward(1)
    second = asked(desk, "resend", message=7, why="")

    assert desk.serve() == 2
    done = desk.folder.answer_to(first)
    failed = desk.folder.answer_to(second)
    assert done is not None
    assert done.ok
    assert done.result["message"] == 1
    assert failed is not None
    assert (failed.ok, failed.error) == (False, "NotFoundError")
    assert "there is no message 7" in failed.message
    assert listed(desk) == ["alert.resent"]
    assert sorted(each.suffix for each in desk.folder.path.iterdir()) == [".answer", ".answer"]


def test_a_correction_left_at_the_desk_says_who_and_tells_those_who_were_told(desk):
    _, position = withdrawal(desk)
    request = asked(
        desk, "correct", event=str(position), why="misread", right=[], source_is_wrong=False
    )
    desk.serve()

    answered = answer_within(desk.folder, request, 0, desk.watcher.tools.clock, lambda _: None)
    assert answered is not None
    assert answered.result["told"] == 1
    assert listed(desk) == ["event.corrected"]
    assert desk.folder.answer_to(request) is None, "an answer that was read is taken away"


def test_a_source_is_looked_at_when_somebody_asks(desk):
    assert [*desk.watcher.due()] == []
    asked(desk, "look", source="ema")
    desk.serve()

    assert [source.id for source, _ in desk.watcher.due()] == ["ema"]


def test_the_ledger_is_sealed_when_somebody_asks(desk):
    first, second = asked(desk, "seal"), asked(desk, "seal")
    desk.serve()
    answers = [desk.folder.answer_to(each) for each in (first, second)]

    assert sorted(each.result["last"] for each in answers if each) == [0, 2]


class KilledError(BaseException):
    """What a kill looks like from inside."""


@dataclass(slots=True)
class Fuse:
    at: int
    steps: int = 0

    def step(self):
        self.steps += 1
        if self.steps == self.at:
            raise KilledError


@dataclass(slots=True)
class KilledStore:
    """A store that may be killed before its commit, and after it."""

    store: object
    fuse: Fuse

    @contextmanager
    def writing(self):
        with self.store.writing() as work:
            yield work
            self.fuse.step()
        self.fuse.step()

    def reading(self):
        return self.store.reading()


class KilledFolder(Folder):
    """A folder whose process may be killed before an answer is written, and after it."""

    fuse = Fuse(0)

    def answer(self, request, answered, at):
        self.fuse.step()
        super().answer(request, answered, at)
        self.fuse.step()


def test_killed_at_any_step_a_request_is_done_once_and_answered(desk):
    for step in itertools.count(1):
        before = len(listed(desk))
        request = asked(desk, "resend", message=1, why=f"kill {step}")
        fuse = Fuse(step)
        folder = KilledFolder(desk.folder.path.parent / "watcher.db")
        folder.fuse = fuse
        watcher = replace(desk.watcher, store=KilledStore(desk.watcher.store, fuse))
        try:
            Desk(watcher, folder, LOG).serve()
            killed = False
        except KilledError:
            killed = True
        desk.serve()
        desk.serve()
        answered = desk.folder.answer_to(request)
        assert answered is not None, f"killed at step {step}"
        assert answered.ok, f"killed at step {step}"
        assert len(listed(desk)) == before + 1, f"killed at step {step}"
        assert not [*desk.folder.path.glob("*.request")]
        if not killed:
            break
    assert step == 5


def test_a_request_that_would_falsify_history_ends_the_service_once_and_not_again(desk):
    class Broken:
        def writing(self):
            message = "the log is not what it was"
            raise IntegrityError(message)

    request = asked(desk, "resend", message=1, why="")
    broken = Desk(replace(desk.watcher, store=Broken()), desk.folder, LOG)
    with pytest.raises(IntegrityError):
        broken.serve()
    answered = desk.folder.answer_to(request)

    assert answered is not None
    assert answered.error == "IntegrityError"
    assert broken.serve() == 0


def put(desk, name, body, *, mode=0o600):
    place = desk.folder.path / name
    place.write_bytes(body)
    place.chmod(mode)
    return place


GOOD = {
    "id": "b" * 32,
    "order": "resend",
    "arguments": {"message": 1, "why": ""},
    "who": "m. weber",
    "at": "2026-11-22T12:00:00.000000Z",
}
NAME = f"20261122T120000000000Z-{'b' * 32}.request"


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("run-me.sh", b"#!/bin/sh\nrm -rf /\n"),
        (NAME, b"not JSON"),
        (NAME, b"\xff\xfe"),
        (NAME, b"[" * 100_000),
        (NAME, b" " * (1 << 21)),
        (NAME, json.dumps({**GOOD, "id": "c" * 32}).encode()),
        (NAME, json.dumps({**GOOD, "extra": 1}).encode()),
        (NAME, json.dumps({**GOOD, "who": " "}).encode()),
        (NAME, json.dumps({**GOOD, "who": "a\nb"}).encode()),
        (NAME, json.dumps({**GOOD, "via": "root"}).encode()),
        (NAME, json.dumps({**GOOD, "arguments": {"message": {}}}).encode()),
        (NAME.replace("request", "Request"), json.dumps(GOOD).encode()),
    ],
)
def test_what_is_no_request_is_moved_aside_and_never_carried_out(bare, name, body):
    put(bare, name, body)

    assert bare.serve() == 0
    assert listed(bare) == []
    assert [each.name for each in (bare.folder.path / "refused").iterdir()] == [name]


@pytest.mark.parametrize(
    ("order", "arguments"),
    [
        ("rm", {"path": "/"}),
        ("__class__", {}),
        ("resend", {"message": "1", "why": ""}),
        ("resend", {"message": True, "why": ""}),
        ("resend", {"message": 1}),
        ("resend", {"message": 1, "why": "", "more": 1}),
        ("resend", {"message": 1, "why": "x" * 5_000}),
        ("correct", {"event": "1", "why": "x", "right": "a=b", "source_is_wrong": False}),
    ],
)
def test_an_order_that_is_not_known_or_not_rightly_given_is_answered_with_no(
    bare, order, arguments
):
    put(bare, NAME, json.dumps({**GOOD, "order": order, "arguments": arguments}).encode())
    bare.serve()

    answered = bare.folder.answer_to("b" * 32)
    assert answered is not None
    assert (answered.ok, answered.error) == (False, "OperationalError")
    assert listed(bare) == []
    with pytest.raises(OperationalError):
        carry_out(order, arguments, hands(bare.watcher), someone())


def test_links_pipes_folders_and_files_that_others_may_write_are_moved_aside(bare, tmp_path):
    good = json.dumps(GOOD).encode()
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_bytes(good)
    elsewhere.chmod(0o600)
    folder = bare.folder.path
    (folder / NAME).symlink_to(elsewhere)
    os.mkfifo(folder / NAME.replace("b", "c"), 0o600)
    (folder / NAME.replace("b", "d")).mkdir()
    put(bare, NAME.replace("b", "e"), good.replace(b"b" * 32, b"e" * 32), mode=0o666)
    linked = tmp_path / "linked.json"
    linked.write_bytes(good.replace(b"b" * 32, b"f" * 32))
    linked.chmod(0o600)
    os.link(linked, folder / NAME.replace("b", "f"))

    assert bare.serve() == 0
    assert listed(bare) == []
    assert len([*(folder / "refused").iterdir()]) == 5
    assert elsewhere.read_bytes() == good


def test_the_folder_is_for_its_owner_alone(bare):
    request = asked(bare, "resend", message=1, why="")
    (left,) = bare.folder.path.glob(f"*{request}.request")
    bare.folder.path.chmod(0o777)
    folder_of(bare.watcher.config)

    assert left.stat().st_mode & 0o777 == 0o600
    assert bare.folder.path.stat().st_mode & 0o777 == 0o700
    other = bare.folder.path.with_name("other")
    bare.folder.path.rename(other)
    bare.folder.path.symlink_to(other)
    with pytest.raises(OperationalError, match="not a folder of our own"):
        folder_of(bare.watcher.config)


def test_answers_that_nobody_comes_for_go_after_a_day(bare):
    asked(bare, "look", source="ema")
    bare.serve()
    assert [*bare.folder.path.glob("*.answer")]
    bare.watcher.tools.clock.forward(400 * 86_400)
    bare.serve()

    assert not [*bare.folder.path.iterdir()]


def test_every_order_names_its_arguments_and_their_kinds():
    for name, order in ORDERS.items():
        assert name.isidentifier()
        assert set(order.arguments.values()) <= {str, int, bool, list[str]}
