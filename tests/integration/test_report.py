"""Who was told what, who answered and after how long; what nobody answered comes first."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from kit.answering import HALF_AN_HOUR, PEOPLE, answering, by
from watcher.bootstrap import source_names
from watcher.cli.main import app
from watcher.core.capture import instant
from watcher.core.taxonomy import Severity
from watcher.errors import NotFoundError
from watcher.services.acknowledge import acknowledge, assign
from watcher.services.told import Asked, Receipt, Report, figures, report
from watcher.services.told_page import span, told_page

DIGEST = ({**PEOPLE[0]}, {**PEOPLE[1], "when": {"critical": "daily"}}, PEOPLE[2])


@pytest.fixture
def here(tmp_path):
    with answering(tmp_path) as house:
        yield house


def reported(house, **asked: str) -> Report:
    now = instant(house.clock.now())
    return report(house.watcher.store, Asked(**asked), source_names(house.watcher.config), now)


def run(tmp_path, *arguments):
    done = CliRunner().invoke(
        app, ["report", *arguments, "--config", str(tmp_path / "sources.yaml")]
    )
    assert done.exit_code == 0, done.output
    return done


def test_each_who_was_told_is_a_row_with_what_the_receiver_said(here):
    here.told(2)
    found = reported(here)

    assert [(each.person, each.channel, each.state) for each in found.receipts] == [
        ("anna", "anna-box", "delivered"),
        ("ben", "ben-box", "delivered"),
    ]
    row = found.receipts[0]
    assert (row.product, row.event) == ("Medicine 2 (substance2)", "authorisation.withdrawn")
    assert row.severity is Severity.CRITICAL
    assert row.said
    assert row.seconds_to_take == 0


def test_an_answer_counts_for_everyone_who_was_told_and_for_how_long_it_took(here):
    case = here.told(2)
    here.clock.forward(600)
    acknowledge(here.watcher.store, case, "seen", by("b. smit"), here.clock)
    found = reported(here)

    assert {(each.answer, each.answered_by, each.why) for each in found.receipts} == {
        ("acknowledged", "b. smit", "seen")
    }
    assert [each.seconds_to_answer for each in found.receipts] == [600, 600]
    assert (found.figures.cases, found.figures.answered) == (1, 1)
    assert found.figures.answered_median == 600


def test_what_nobody_answered_comes_first(here):
    first = here.told(2)
    second = here.told(3)
    acknowledge(here.watcher.store, first, "", by(), here.clock)
    found = reported(here)

    assert [each.case for each in found.receipts] == [second, second, first, first]
    assert found.figures.critical_open == 1


def test_who_was_only_given_a_case_has_not_answered_yet(here):
    case = here.told(2)
    assign(here.watcher.store, case, "ben", "", by("anna"), here.clock)
    found = reported(here)

    assert {(each.answer, each.is_open) for each in found.receipts} == {("assigned", True)}
    assert (found.figures.answered, found.figures.critical_open) == (0, 1)
    assert "nobody has answered" in told_page(found)


def test_who_was_told_since_nobody_answered_is_told_of_too(here):
    here.told(2)
    here.clock.forward(HALF_AN_HOUR + 60)
    here.watcher.escalate()
    here.watcher.deliver()
    found = reported(here)

    assert {each.person for each in found.receipts} == {"anna", "ben", "carla"}
    assert found.figures.escalated == 1
    assert all(each.escalated_at for each in found.receipts)
    assert {each.kind for each in found.receipts if each.person == "carla"} == {"escalation"}


def test_only_the_product_the_person_and_the_days_asked_for_are_told_of(here):
    here.told(2)
    here.told(3)
    last = reported(here).receipts[-1]

    assert {each.product for each in reported(here, product="Medicine 3").receipts} == {
        "Medicine 3 (substance3)"
    }
    assert {each.person for each in reported(here, person="ben").receipts} == {"ben"}
    assert len(reported(here, person="ben-box").receipts) == 2
    assert len(reported(here, since=last.queued_at).receipts) == 2
    assert reported(here, until="2020-01-01").receipts == ()
    with pytest.raises(NotFoundError, match="Nothingol"):
        reported(here, product="Nothingol")


def test_a_line_of_a_digest_is_a_receipt_of_its_own_and_asks_for_no_answer(tmp_path):
    with answering(tmp_path, people=DIGEST) as house:
        house.told(2)
        house.clock.forward(86_400)
        house.look(after=0)
        found = reported(house, person="ben")

    assert [each.kind for each in found.receipts] == ["digest"]
    assert not found.receipts[0].asks
    assert found.receipts[0].product == "Medicine 2 (substance2)"


def test_the_page_is_whole_escaped_and_safe(here):
    here.told(2)
    nasty = replace(
        reported(here).receipts[0], product="<script>x</script>", said="a & b\u202e", answer=""
    )
    page = told_page(replace(reported(here), receipts=(nasty,)))

    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "\u202e" not in page
    assert "default-src 'none'" in page
    assert "nobody has answered" in page
    assert "src=" not in page
    assert "href=" not in page


def test_the_command_prints_tables_machines_rows_sheets_and_pages(here, tmp_path):
    here.told(2)

    told = run(tmp_path)
    assert "Medicine 2 (substance2)" in told.stdout
    assert "critical, not answered: 1" in told.stderr
    plain = json.loads(run(tmp_path, "--json").stdout)
    assert plain["figures"]["critical_open"] == 1
    assert [each["is_open"] for each in plain["receipts"]] == [True, True]
    rows = list(csv.DictReader(io.StringIO(run(tmp_path, "--csv").stdout)))
    assert [row["person"] for row in rows] == ["anna", "ben"]
    run(tmp_path, "--html", str(tmp_path / "told.html"))
    assert "Who was told what" in (tmp_path / "told.html").read_text("utf-8")


def test_a_sheet_takes_no_cell_for_a_formula(here, tmp_path):
    case = here.told(2)
    acknowledge(here.watcher.store, case, "=HYPERLINK(1)", by("+anna"), here.clock)

    rows = list(csv.DictReader(io.StringIO(run(tmp_path, "--csv").stdout)))

    assert {(row["why"], row["answered_by"]) for row in rows} == {("'=HYPERLINK(1)", "'+anna")}


def a_receipt(**changed: object) -> Receipt:
    known: dict[str, object] = {
        "case": "c",
        "position": 1,
        "what": "w",
        "product": "p",
        "event": "authorisation.withdrawn",
        "severity": Severity.CRITICAL,
        "kind": "alert",
        "channel": "pv",
        "person": "",
        "seen_at": "2026-11-22T12:00:00Z",
        "queued_at": "2026-11-22T12:00:01Z",
        "taken_at": "2026-11-22T12:00:05Z",
        "state": "delivered",
        "said": "250 ok",
    }
    return Receipt(**{**known, **changed})


def test_figures_leave_out_what_was_put_off_or_never_came():
    found = figures(
        [
            a_receipt(),
            a_receipt(case="d", taken_at="2026-11-22T12:00:09Z", answer="judged"),
            a_receipt(case="e", kind="digest", taken_at="2026-11-23T07:30:00Z"),
            a_receipt(case="f", taken_at="", state="given_up", severity=Severity.HIGH),
            a_receipt(case="g", taken_at="", state="cancelled"),
        ]
    )

    assert (found.receipts, found.undelivered) == (5, 1)
    assert (found.cases, found.answered, found.critical_open) == (3, 1, 1)
    assert found.taken_median == 7


def test_nothing_told_makes_a_report_without_figures():
    found = figures([])

    assert (found.taken_median, found.taken_most, found.answered_median) == (None, None, None)
    assert [span(each) for each in (None, 0, 59.6, 3_700, 90_000)] == [
        "–",
        "0 s",
        "1 min",
        "1 h 1 min",
        "1 d 1 h",
    ]
