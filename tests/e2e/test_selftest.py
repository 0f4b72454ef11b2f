"""The self-test shows promises kept, and would show a broken one."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from kit import replies
from kit.process import command
from watcher.core.verdict import Verdict
from watcher.selftest.faults import Fault, faults
from watcher.selftest.pages import table
from watcher.selftest.play import Step, play
from watcher.selftest.report import report

QUICK = ("status 500", "a login with 200", "gzip cut, right length", "a redirect to a file")
MINE = {"Content-Type": "application/json"}


def a_fault(reply: replies.Reply, *verdicts: Verdict, tells: tuple[str, ...] = ()) -> Fault:
    return Fault(
        name="mine", reply=reply, verdicts=frozenset(verdicts), promise="kept", tells=tells
    )


def test_every_fault_is_met_and_a_withdrawal_afterwards_is_told_once():
    chosen = [fault for fault in faults() if fault.name in QUICK]

    steps = list(play(chosen))

    assert [step.name for step in steps][1:-2] == list(QUICK)
    assert [step for step in steps if not step.is_kept] == []
    assert steps[-2].happened == "ok, 1 events, 1 message in all"


@pytest.mark.parametrize(
    "fault",
    [
        a_fault(replies.answer("oops", 500), Verdict.OK),
        a_fault(replies.answer(table(withdrawn=True), 200, MINE), Verdict.OK),
        a_fault(replies.answer("oops", 500), Verdict.ERROR, tells=("fetch.refused",)),
    ],
    ids=["another verdict", "an event from doubt", "an operator who is not told"],
)
def test_a_broken_promise_is_shown(fault):
    met = {step.name: step for step in play([fault])}

    assert not met["mine"].is_kept


@pytest.mark.e2e
def test_the_command_ends_well_and_writes_a_report(tmp_path):
    done = command(tmp_path, "selftest", "--json", "--html", "report.html")

    told = json.loads(done.stdout)
    assert (done.returncode, told["ok"]) == (0, True)
    assert len(told["steps"]) == len(faults()) + 3
    assert sum(step["milliseconds"] for step in told["steps"]) < 30_000
    assert "every promise kept" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_report_names_what_is_broken_and_shows_a_pages_words_as_words():
    step = Step(name="a <script>", happened="x & y", promise="p", is_kept=False, milliseconds=1000)

    page = report([step], datetime(2026, 1, 1, tzinfo=UTC))

    assert "1 promises broken" in page
    assert "a &lt;script&gt;" in page
    assert "<script" not in page
