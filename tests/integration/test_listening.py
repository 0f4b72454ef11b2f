"""The socket that pages are served at."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest

from kit.free_port import free_port
from watcher.config.model import Web
from watcher.errors import ConfigError
from watcher.web.server import listening


def test_its_connections_say_that_they_are_tcp_or_each_answer_would_wait_for_a_receipt():
    """Asyncio has only those that say so send small writes at once (`TCP_NODELAY`)."""
    web = Web(port=free_port())
    with closing(listening(web)) as taken:
        with socket.create_connection((web.address, web.port), timeout=60):
            accepted, _ = taken.accept()
        with accepted:
            assert accepted.proto == socket.IPPROTO_TCP


def test_an_address_that_another_listens_at_is_told_of():
    web = Web(port=free_port())
    with closing(listening(web)), pytest.raises(ConfigError, match="cannot listen at 127"):
        listening(web)
