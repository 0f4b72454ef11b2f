"""Commands that show how many machines do: `cluster status`, `cluster health`."""

from __future__ import annotations

import platform
from typing import Annotated

import typer

from watcher.cli.clustering import queue_of
from watcher.cli.common import (
    DEFAULT_CONFIG,
    FOUND_NOTHING_GOOD,
    AsJson,
    ConfigPath,
    configuration,
    say,
    told_errors,
    watching,
)
from watcher.cli.printing import as_json, table
from watcher.core.adapt import in_words
from watcher.services.cluster_page import Standing, standing

_HELP = "How the processes of one PostgreSQL do: workers, schedulers, pages."


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    group = typer.Typer(help=_HELP, no_args_is_help=True)
    group.command()(status)
    group.command()(health)
    app.add_typer(group, name="cluster")


@told_errors
def status(config: ConfigPath = DEFAULT_CONFIG, json: AsJson = False) -> None:
    """Show who works, what waits, and how far behind who tells is.

    Exit code 1 where nobody looks or wakes, or fetching is slowed.
    """
    place = queue_of(configuration(config))
    from watcher.runtime.queue import jobs_by_queue  # noqa: PLC0415  an extra of its own

    with watching(config, writable=False) as watcher:
        found = standing(watcher.store, watcher.tools.clock.now())
    jobs = jobs_by_queue(place)
    if json:
        as_json({"standing": found, "lateness": found.lateness, "jobs": jobs})
    else:
        _show(found, jobs)
    if not found.is_well:
        raise typer.Exit(FOUND_NOTHING_GOOD)


@told_errors
def health(
    config: ConfigPath = DEFAULT_CONFIG,
    role: Annotated[str, typer.Option(help="worker, scheduler or web; else any.")] = "",
    machine: Annotated[str, typer.Option(help="The machine's name; else this one.")] = "",
) -> None:
    """Tell whether a process of this machine gives signs of life: for probes that run a command.

    Exit code 0 where it does, 1 where it does not.
    """
    where = machine or platform.node() or "localhost"
    with watching(config, writable=False) as watcher:
        found = standing(watcher.store, watcher.tools.clock.now())
    mine = [
        each
        for each in found.members
        if each.is_alive
        and each.process.machine == where
        and (not role or each.process.role == role)
    ]
    for each in mine:
        say(f"{each.process.role} {each.process.id}: alive {each.silent:.0f} seconds ago")
    if not mine:
        say(f"no {role or 'process'} on {where} gives signs of life")
        raise typer.Exit(FOUND_NOTHING_GOOD)


def _show(found: Standing, jobs: dict[str, dict[str, int]]) -> None:
    table(
        "",
        ("role", "machine", "process", "version", "since", "sign of life", "state"),
        (
            (
                each.process.role,
                f"{each.process.machine} {each.process.pid}",
                each.process.id,
                each.process.version,
                f"{each.process.started_at[:16].replace('T', ' ')} UTC",
                f"{each.silent:.0f} s ago",
                each.process.state if each.is_alive else "dead",
            )
            for each in found.members
        ),
    )
    backlog = found.backlog
    waiting = sum(found.messages.values())
    rows = [
        ("targets", f"{backlog.targets}, due {backlog.due}, being looked at {backlog.leased}"),
        ("longest due", in_words(round(found.lateness)) if backlog.oldest else "none"),
        ("servers", f"{backlog.hosts}, being asked {backlog.held}"),
        ("log", f"{found.events} events, not told yet {found.untold}"),
        ("outbox", f"{waiting} messages wait" if waiting else "empty"),
        ("pressure", str(found.pressure)),
        *(
            (f"queue {name}", f"{count.get('todo', 0)} wait, {count.get('doing', 0)} run")
            for name, count in sorted(jobs.items())
        ),
    ]
    table("", ("what", "how it stands"), rows)
    for role in found.missing:
        say(f"no {role} works: start one with `watcher {role}`")
