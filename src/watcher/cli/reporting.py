"""The command that tells who was told what, and who answered: `report`."""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Annotated

import typer

from watcher.bootstrap import source_names
from watcher.cli.common import DEFAULT_CONFIG, AsJson, ConfigPath, say, told_errors, watching
from watcher.cli.moments import instant_of
from watcher.cli.printing import as_json, escaped, table, write_text
from watcher.core import wording
from watcher.core.capture import instant
from watcher.core.export_rows import guarded
from watcher.core.text import shorten
from watcher.services.told import Asked, Receipt, Report, report
from watcher.services.told_page import span, told_page


def register(app: typer.Typer) -> None:
    """Add this command to `app`."""
    app.command("report")(report_)


@told_errors
def report_(
    since: Annotated[str, typer.Option(help="Since this day or instant: 2024-12-01.")] = "",
    until: Annotated[str, typer.Option(help="Up to this day (its end) or instant.")] = "",
    product: Annotated[str, typer.Option(help="A name, product number or substance.")] = "",
    person: Annotated[str, typer.Option(help="A person's id, or a channel's.")] = "",
    html: Annotated[
        Path | None, typer.Option("--html", help="Write a page to print; - is standard output.")
    ] = None,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print CSV, safe to open as a sheet.")
    ] = False,
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Show who was told what and when, what the receiver said, who answered and after how long.

    What nobody answered comes first, the gravest of it first. An answer is an acknowledgement, an
    assignment or a judgement; it answers for everyone who was told of the case.
    """
    asked = Asked(
        since=since,
        until=instant_of(until, "--until") if until else "",
        product=product,
        person=person,
    )
    with watching(config, writable=False) as watcher:
        now = instant(watcher.tools.clock.now())
        found = report(watcher.store, asked, source_names(watcher.config), now)
    if html is not None:
        write_text(html, told_page(found))
    if json:
        as_json(_plain(found))
    elif as_csv:
        _print_csv(found.receipts)
    elif html is None:
        _show(found)


def _plain(found: Report) -> dict[str, object]:
    receipts = [
        {
            **asdict(each),
            "is_open": each.is_open,
            "seconds_to_take": _whole(each.seconds_to_take),
            "seconds_to_answer": _whole(each.seconds_to_answer),
        }
        for each in found.receipts
    ]
    figures = {
        name: _whole(value) if isinstance(value, float) else value
        for name, value in asdict(found.figures).items()
    }
    return {**asdict(found), "receipts": receipts, "figures": figures}


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds)


def _print_csv(receipts: Sequence[Receipt]) -> None:
    """Print a row a receipt; no cell of it is taken for a formula."""
    names = [each.name for each in fields(Receipt)]
    writer = csv.writer(sys.stdout, lineterminator="\r\n")
    writer.writerow([*names, "seconds_to_take", "seconds_to_answer", "acknowledgement"])
    for each in receipts:
        spans = (_whole(each.seconds_to_take), _whole(each.seconds_to_answer))
        cells = [str(getattr(each, name)) for name in names]
        times = ("" if it is None else it for it in spans)
        writer.writerow([*map(guarded, cells), *times, wording.FOOT_GENERAL])


def _show(found: Report) -> None:
    table(
        "",
        ("seen", "severity", "product", "what", "told", "kind", "taken", "after#", "answer"),
        (
            (
                _minute(each.seen_at or each.queued_at),
                f"[bold red]{each.severity}[/]" if each.is_open else str(each.severity),
                escaped(shorten(each.product, 40)),
                escaped(shorten(each.what, 60)),
                escaped(each.person or each.channel),
                each.kind,
                _minute(each.taken_at) or each.state,
                span(each.seconds_to_take),
                escaped(_answer(each)),
            )
            for each in found.receipts
        ),
    )
    told = found.figures
    share = f" ({100 * told.answered // told.cases} %)" if told.cases else ""
    say(f"critical, not answered: {told.critical_open}")
    say(f"{told.answered} of {told.cases} cases answered{share}, {told.escalated} escalated")
    say(f"from our look to the receiver's yes: {span(told.taken_median)} (median)")
    say(f"from there to the answer: {span(told.answered_median)} (median)")
    say(f"{told.receipts} told, {told.undelivered} of them not delivered")


def _answer(each: Receipt) -> str:
    if not each.asks:
        return "–"
    escalated = ", escalated" if each.escalated_at else ""
    if not each.answer:
        return f"nobody{escalated}"
    after = span(each.seconds_to_answer)
    return f"{each.answer} by {each.answered_by} after {after}{escalated}"


def _minute(at: str) -> str:
    return at[:16].replace("T", " ")
