"""Which addresses a channel can have, and that their secrets come from the environment."""

from __future__ import annotations

import pytest

from kit.configs import READERS, loaded, with_channel
from watcher.config.load import load
from watcher.config.model import Secret
from watcher.errors import ConfigError

SECRETS = {
    "WATCHER_MAIL": "mailtos://watcher:hunter2@mail.hospital.eu/?to=pv@hospital.eu",
    "PASSWORD": "hunter2",
    "SLACK": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
}


@pytest.mark.parametrize(
    "url",
    [
        "folder:data/messages",
        "folder:/srv/messages",
        "${WATCHER_MAIL}",
        "mailto://127.0.0.1:2525/?from=watcher@hospital.eu&to=pv@hospital.eu",
        "mailto://mail.hospital.eu/?to=pv@hospital.eu,ri@hospital.eu",
        "mailto://mail.hospital.eu/pv@hospital.eu",
        "mailto://watcher:${PASSWORD}@localhost:2525/?to=pv@hospital.eu",
        "mailtos://watcher@hospital.eu",
        "ntfy://ntfy.hospital.eu/medicines",
        "jsons://alerts.hospital.eu/hook?+X-Key=${PASSWORD}",
        "${SLACK}",
        "slack://${PASSWORD}/${PASSWORD}/${PASSWORD}",
        "tgram://${PASSWORD}/123456",
    ],
)
def test_an_address_that_can_be_used_is_taken_as_it_was_written(url, tmp_path):
    channel = loaded(with_channel(url), tmp_path, SECRETS).channels[0]

    assert channel.url.written == url
    assert channel.scheme == channel.url.reveal().partition(":")[0]


def test_a_variable_that_is_the_whole_address_is_taken_as_it_is(tmp_path):
    channel = loaded(with_channel("${WATCHER_MAIL}"), tmp_path, SECRETS).channels[0]

    assert channel.url.reveal() == SECRETS["WATCHER_MAIL"]


def test_a_variable_within_a_folder_is_a_piece_of_its_path(tmp_path):
    channel = loaded(with_channel("folder:${OUT}/mail 1"), tmp_path, {"OUT": "/srv/out"}).channels[
        0
    ]

    assert channel.url.reveal() == "folder:/srv/out/mail 1"


@pytest.mark.parametrize(
    "url",
    [
        "mailtos://watcher:${PASSWORD}x@mail.hospital.eu/?to=pv@hospital.eu",
        "mailtos://watcher:hunter2@mail.hospital.eu/?to=pv@hospital.eu",
        "jsons://alerts.hospital.eu/?apikey=hunter2",
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
        "discord://1/2",
        "jsons://6f1ed002ab5595859014ebf0951522d9@alerts.hospital.eu/",
    ],
)
def test_a_secret_written_out_is_refused_with_advice_and_not_repeated(url, tmp_path):
    with pytest.raises(ConfigError) as caught:
        loaded(with_channel(url), tmp_path, SECRETS)

    (problem,) = caught.value.problems
    assert problem.message.endswith(
        "is written out: put it into an environment variable and write ${NAME} in its place"
    )
    assert "hunter2" not in problem.message
    assert "TIiajkdnlazkcOXrIdevi7FQ" not in problem.message


@pytest.mark.parametrize(
    "wrong", ["hunter2", "ftp://hunter2@h/", "mailto://hunter2@", "mailto://["]
)
def test_a_wrong_value_of_a_variable_is_told_without_the_value(wrong, tmp_path):
    with pytest.raises(ConfigError) as caught:
        loaded(with_channel("${WATCHER_MAIL}"), tmp_path, {"WATCHER_MAIL": wrong})

    assert "hunter2" not in str(caught.value)
    assert "(look at WATCHER_MAIL)" in str(caught.value)


def test_an_address_nobody_can_send_to_is_a_problem_like_any_other(tmp_path):
    def probe(address: str) -> None:
        message = f"no usable address: {address.partition(':')[0]}"
        raise ValueError(message)

    path = tmp_path / "sources.yaml"
    path.write_text(with_channel("ntfys://${PASSWORD}@ntfy.hospital.eu/a"), encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        load(path, SECRETS, READERS, probe=probe)

    assert str(caught.value) == (
        f"{path}:9: channels[one].url: no usable address: ntfys (look at PASSWORD)"
    )


def test_an_address_that_is_nothing_but_its_scheme_is_refused(tmp_path):
    for url in ("json://", "mailto://[", "mailto://[::1"):
        with pytest.raises(ConfigError):
            loaded(with_channel(url), tmp_path, SECRETS)


def test_a_secret_is_seen_by_nobody_who_does_not_ask():
    secret = Secret("mailto://u:hunter2@h", written="mailto://u:${P}@h")

    assert "hunter2" not in f"{secret} {secret!r} {[secret]} {secret:}"
    assert secret == Secret("mailto://u:hunter2@h", written="anything")
    assert len({secret, Secret("mailto://u:hunter2@h", written="")}) == 1
    assert secret != "mailto://u:hunter2@h"
