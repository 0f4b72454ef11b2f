"""What every channel promises, whatever stands at its other end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kit.receivers import LOOPBACK
from kit.sending import ENVELOPE
from kit.ways import TOKEN, WAYS
from watcher.errors import DeliveryError


@pytest.fixture(params=WAYS)
def way(request, tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", f"{LOOPBACK},localhost")
    with WAYS[request.param](tmp_path) as made:
        yield made


def refusal(way) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        way.deaf.send(ENVELOPE)
    return caught.value


def test_a_message_arrives_with_its_key_and_the_answer_is_one_line(way):
    answer = way.channel.send(ENVELOPE)

    (message,) = way.came()
    assert ENVELOPE.key in message
    assert "Authorised → Withdrawn" in message
    assert answer
    assert "\n" not in answer


def test_a_message_sent_twice_is_known_for_one_by_its_key(way):
    for _ in range(2):
        way.channel.send(ENVELOPE)

    came = way.came()
    assert 1 <= len(came) <= 2
    assert all(ENVELOPE.key in message for message in came)


def test_two_messages_are_two(way):
    way.channel.send(ENVELOPE)
    way.channel.send(replace(ENVELOPE, key="b7", chat="another · key b7"))

    assert len(way.came()) == 2


def test_where_nobody_is_there_it_is_refused_for_now_and_so_tried_again(way):
    error = refusal(way)

    assert error.kind == "refused"
    assert not error.is_permanent


def test_a_text_that_no_encoding_can_carry_arrives_all_the_same(way):
    words = "before \ud800 after"
    damaged = replace(ENVELOPE, subject=words, text=f"{words}\n", chat=f"{words} · 4f2a90c1")

    way.channel.send(damaged)

    (message,) = way.came()
    assert "before" in message
    assert "after" in message


def test_no_secret_of_its_address_is_ever_shown(way):
    said = way.channel.send(ENVELOPE)

    shown = [repr(way.channel), repr(way.deaf), said, str(refusal(way))]
    assert [text for text in shown if TOKEN in text] == []


def test_it_has_the_id_it_was_given(way):
    assert way.channel.id == way.deaf.id == "me"
