"""Commands that show what is kept: `sources`, `captures`, `events`, `history`, `show`, `alerts`."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Annotated

import typer

from watcher.bootstrap import Watcher
from watcher.cli import adding, why
from watcher.cli.common import DEFAULT_CONFIG, AsJson, ConfigPath, say, told_errors, watching
from watcher.cli.ordering import As, NoWait, Why, in_words, ordered
from watcher.cli.printing import (
    EVENT_COLUMNS,
    as_json,
    as_json_line,
    console,
    escaped,
    event_row,
    plain,
    table,
)
from watcher.cli.resending import period_again
from watcher.core.taxonomy import Severity
from watcher.core.text import shorten
from watcher.core.verdict import Verdict
from watcher.errors import NotFoundError
from watcher.ports.store import EventFilter
from watcher.services.orders import Arguments
from watcher.services.replay import history as history_of

_FOLLOW_SECONDS = 1.0


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    group = typer.Typer(invoke_without_command=True)
    group.callback()(sources)
    adding.register(group)
    why.register(group)
    app.add_typer(group, name="sources")
    for command in (captures, events, history, show, alerts):
        app.command()(command)


@told_errors
def sources(
    context: typer.Context, config: ConfigPath = DEFAULT_CONFIG, json: AsJson = False
) -> None:
    """List the sources: where we are with each, and when it is looked at next."""
    if context.invoked_subcommand:
        _refuse_before_subcommand(context)
        return
    with watching(config, writable=False) as watcher:
        rows = _source_rows(watcher)
    if json:
        as_json(rows)
        return
    columns = ("source", "tier#", "reader", "last good look", "records#", "failing since", "next")
    table(
        "",
        columns,
        (
            (
                row["source"],
                row["tier"],
                row["reader"],
                _minute(row["last_good_at"]) or "never",
                row["records"],
                _minute(row["failing_since"]),
                _minute(row["next_due"]) or "now",
            )
            for row in rows
        ),
    )


def _refuse_before_subcommand(context: typer.Context) -> None:
    """Refuse options that a person gave to the list although it is not what was asked for."""
    for name in ("config", "json"):
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            message = f"belongs behind `{context.invoked_subcommand}`"
            raise typer.BadParameter(message, param_hint=f"--{name}")


def _source_rows(watcher: Watcher) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    with watcher.store.reading() as work:
        for source in watcher.sources.values():
            for url in source.urls:
                target = work.captures.target(source.id, url)
                rows.append(
                    {
                        "source": source.id,
                        "title": source.title,
                        "url": url,
                        "tier": source.tier,
                        "reader": source.reader.id,
                        "last_good_at": target.last_good_at,
                        "records": target.records,
                        "failures": target.failures,
                        "failing_since": target.failing_since,
                        "next_due": target.next_due,
                    }
                )
    return rows


@told_errors
def captures(
    config: ConfigPath = DEFAULT_CONFIG,
    source: Annotated[str, typer.Option(help="Only of this source.")] = "",
    verdict: Annotated[
        list[Verdict] | None, typer.Option(help="Only with this verdict; may be repeated.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest.")] = 50,
    json: AsJson = False,
) -> None:
    """List looks, the failed ones too: verdict, reason and the signals it was drawn from."""
    with watching(config, writable=False) as watcher, watcher.store.reading() as work:
        found = work.captures.latest(source=source, verdicts=verdict or (), limit=limit)
    if json:
        as_json(found)
        return
    table(
        "",
        ("capture", "source", "verdict", "status#", "records#", "events#", "reason"),
        (
            (
                each.id,
                each.source,
                str(each.verdict),
                each.status or "–",
                each.records,
                each.events,
                escaped(shorten(each.reason or ("seen before" if each.is_revisit else ""), 90)),
            )
            for each in found
        ),
    )


@told_errors
def events(
    config: ConfigPath = DEFAULT_CONFIG,
    type_: Annotated[
        list[str] | None, typer.Option("--type", help="A type or pattern: authorisation.*")
    ] = None,
    source: Annotated[list[str] | None, typer.Option(help="Only of this source.")] = None,
    least: Annotated[Severity, typer.Option(help="The least severity.")] = Severity.LOW,
    since: Annotated[str, typer.Option(help="Observed since: 2024-12-01 or an instant.")] = "",
    until: Annotated[str, typer.Option(help="Observed until.")] = "",
    baseline: Annotated[bool, typer.Option(help="Also what was known at the beginning.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest.")] = 50,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as they come.")] = False,
    json: AsJson = False,
) -> None:
    """List events of the log, the newest last."""
    types = tuple(type_ or ())
    wanted = EventFilter(
        types=types,
        sources=tuple(source or ()),
        least=least,
        since=since,
        until=f"{until}T23:59:59.999999Z" if len(until) == len("2024-12-01") else until,
        without_baseline=not baseline,
        limit=limit,
    )
    with watching(config, writable=False) as watcher:
        with watcher.store.reading() as work:
            found = work.log.latest(wanted)
            head = work.log.head()
        if json and follow:
            for told in found:
                as_json_line(told)
        elif json:
            as_json(found)
        else:
            table("", EVENT_COLUMNS, map(event_row, found))
        if follow:
            _follow(watcher, wanted, head, json=json)


def _follow(watcher: Watcher, wanted: EventFilter, after: int, *, json: bool) -> None:
    """Print events as they are appended, until interrupted."""
    screen = console()
    while True:
        with watcher.store.reading() as work:
            new = [*work.log.read(wanted.later_than(after))]
        for told in new:
            if json:
                as_json_line(told)
            else:
                screen.print("  ".join(event_row(told)))
            after = told.position
        time.sleep(_FOLLOW_SECONDS)  # noqa: TID251  a terminal is waiting, not the program


@told_errors
def history(
    product: Annotated[str, typer.Argument(help="A name, a product number or a substance.")],
    config: ConfigPath = DEFAULT_CONFIG,
    all_: Annotated[
        bool, typer.Option("--all", help="Also what was set aside when older captures were read.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Show everything that happened to one medicine, over all sources."""
    with watching(config, writable=False) as watcher:
        found = history_of(watcher.store, product, with_aside=all_)
        with watcher.store.reading() as work:
            aside = work.log.set_aside() if all_ else frozenset()
    if not found:
        message = f"nothing is known of {product!r}; see `watcher replay --as-of now` for all"
        raise NotFoundError(message)
    if json:
        counts = [{"counts": each.position not in aside} if all_ else {} for each in found]
        as_json([{**asdict(each), **more} for each, more in zip(found, counts, strict=True)])
        return
    marks = ("set aside" if each.position in aside else "" for each in found)
    rows = ((*event_row(each), mark) for each, mark in zip(found, marks, strict=True))
    table("", (*EVENT_COLUMNS, ""), rows)


@told_errors
def show(
    what: Annotated[
        str, typer.Argument(help="An event (position or id), or a capture (id).", metavar="WHAT")
    ],
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Show one event with its evidence, or one capture with its headers and signals."""
    with watching(config, writable=False) as watcher, watcher.store.reading() as work:
        found: object
        try:
            found = work.log.find(what)
        except NotFoundError:
            found = work.captures.capture(what)
    if json:
        as_json(found)
        return
    console().print_json(data=plain(found))


@told_errors
def alerts(
    config: ConfigPath = DEFAULT_CONFIG,
    state: Annotated[
        str, typer.Option(help="pending, sending, delivered, given_up or cancelled; empty: all.")
    ] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest.")] = 50,
    resend_: Annotated[
        int, typer.Option("--resend", help="Send this message again, with the same key.")
    ] = 0,
    resend_since: Annotated[
        str, typer.Option(help="Send all again that were queued since: 2024-12-01 or an instant.")
    ] = "",
    until: Annotated[str, typer.Option(help="With --resend-since: queued before.")] = "",
    channel: Annotated[
        str, typer.Option(help="Only of this channel; with --resend-since it is needed.")
    ] = "",
    to: Annotated[
        str, typer.Option(help="With --resend-since: through this channel instead.")
    ] = "",
    why: Why = "",
    named: As = "",
    no_wait: NoWait = False,
    json: AsJson = False,
) -> None:
    """List messages: to whom, about what, and what became of each."""
    if resend_:
        arguments: Arguments = {"message": resend_, "why": why}
        done = ordered(config, "resend", arguments, named=named, no_wait=no_wait)
        say(f"message {resend_} is sent again: {in_words(done)}")
        return
    if resend_since or until or to:
        arguments = period_again(config, channel, (resend_since, until), to)
        done = ordered(
            config, "resend_period", {**arguments, "why": why}, named=named, no_wait=no_wait
        )
        say(f"sent again: {in_words(done)}")
        return
    with watching(config, writable=False) as watcher, watcher.store.reading() as work:
        found = work.outbox.latest(limit, state, channel)
    if json:
        as_json(found)
        return
    table(
        "",
        ("#", "created", "channel", "person", "kind", "state", "tries#", "subject", "answer"),
        (
            (
                each.id,
                _minute(each.created_at),
                each.channel,
                each.person,
                each.kind,
                each.state,
                each.attempts,
                escaped(shorten(each.envelope.subject, 80)),
                escaped(shorten(each.answer, 60)),
            )
            for each in found
        ),
    )


def _minute(at: object) -> str:
    return str(at)[:16].replace("T", " ")
