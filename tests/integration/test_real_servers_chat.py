"""Chat servers that others have written: what people read there is what we meant to say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kit.happenings import SOURCES, corroborated
from kit.irc import Listener, irc
from kit.matrix import Matrix, matrix
from kit.receivers import LOOPBACK
from kit.sending import way
from watcher.core.message import compose
from watcher.errors import DeliveryError
from watcher.notify.markup import LONGEST_IRC_LINE, lines_of, plain
from watcher.notify.render import render
from watcher.ports import Attachment, Envelope

LETTER = render(compose(corroborated(), why="a rule", sources=SOURCES), key="4f2a90c1b7")
WORDS = [plain(line) for line in lines_of(LETTER.chat)]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", f"{LOOPBACK},localhost")


@pytest.fixture(scope="session")
def irc_port() -> Iterator[int]:
    with irc() as port:
        yield port


@pytest.fixture(scope="session")
def synapse() -> Iterator[Matrix]:
    with matrix() as server:
        yield server


def test_an_irc_room_reads_the_five_lines_and_a_long_one_in_parts(irc_port):
    listener = Listener(irc_port)
    try:
        sender = way(f"irc://{LOOPBACK}:{irc_port}/%23alerts?nick=watcher", 30)
        sender.send(LETTER)
        assert listener.wait_for("key 4f2a90c1b7") == WORDS

        listener.lines.clear()
        sender.send(Envelope(key="k", subject="s", text="t\n", chat=f"{'é→ ' * 300}\nthe end"))
        said = listener.wait_for("the end")
    finally:
        listener.close()

    assert max(len(line.encode()) for line in said) <= LONGEST_IRC_LINE
    assert " ".join(said[:-1]).split() == ["é→"] * 300


def test_a_matrix_room_reads_the_five_lines_in_both_forms(synapse):
    way(synapse.address(), 30).send(LETTER)

    said = synapse.messages()[-1]
    assert said["format"] == "org.matrix.custom.html"
    assert said["formatted_body"].startswith("<strong>▲ CRITICAL · UNCONFIRMED – Alofisel")
    assert '<a href="https://trial.example.org/ema-approval/alofisel">' in said["formatted_body"]
    assert said["body"].replace("\r\n", "\n").split("\n") == WORDS


def test_a_matrix_room_gets_the_files_too(synapse):
    before = len(synapse.messages())
    carried = Attachment(name="dates.ics", media_type="text/calendar", body=b"BEGIN:VCALENDAR\r\n")
    told = Envelope(key="k", subject="s", text="t\n", chat="**a file**", attachments=(carried,))
    way(synapse.address(), 30).send(told)

    new = synapse.messages()[before:]
    assert {"dates.ics", "a file"} <= {each["body"] for each in new}


def test_a_matrix_server_that_knows_no_such_robot_takes_nothing(synapse):
    before = len(synapse.messages())
    wrong = synapse.address().replace("robot-word", "another")

    with pytest.raises(DeliveryError):
        way(wrong, 30).send(LETTER)
    assert len(synapse.messages()) == before
