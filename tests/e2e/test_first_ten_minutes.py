"""From an empty folder to the first mail, at a real terminal, by what the README says alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit.ema_site import EmaSite
from kit.first_minutes import FirstMinutes, shown
from kit.process import PROGRAM
from kit.receivers import Mailbox

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")

pytestmark = pytest.mark.e2e


def test_somebody_new_gets_from_an_empty_folder_to_the_first_mail(tmp_path):
    with EmaSite() as site, Mailbox() as box:
        site.publish()
        minutes = FirstMinutes(PROGRAM, tmp_path, site, box)
        news = minutes.play()

    init, doctor, check, _, history = minutes.steps
    assert "4 of your medicines: 3 authorised, 1 withdrawn; 1 ended already" in init.screen
    assert "a sample to mailto://127.0.0.1" in init.screen
    assert "0 failing" in doctor.screen
    assert [step.code for step in minutes.steps] == [0] * 5
    assert "looks at 1 addresses of ema-medicines now" in check.screen
    assert "Alofisel" in news.subject
    assert "Withdrawn" in news.subject
    assert news.recipients == ("pv@hospital.eu",)
    assert "authorisation.withdrawn" in history.screen
    assert any(line.startswith("[0:0") for line in shown(minutes.steps, tmp_path))


def test_every_command_that_is_typed_stands_in_the_readme():
    for command in ("watcher init", "watcher doctor", "watcher run", "watcher check ema-medicines"):
        assert f"$ {command}" in README
