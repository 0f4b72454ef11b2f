"""The command for the first ten minutes: `init`."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import typer

from watcher.bootstrap import SystemClock, Watcher, World, channels_of, opened, wait
from watcher.cli import first_look
from watcher.cli.common import (
    DEFAULT_CONFIG,
    FOUND_NOTHING_GOOD,
    AsJson,
    ConfigPath,
    configured,
    say,
    told_errors,
)
from watcher.cli.configuring import sampled
from watcher.cli.first_look import Known
from watcher.cli.person import person
from watcher.cli.picking import Picked, picked, requests_of
from watcher.cli.printing import as_json
from watcher.cli.questions import Asker
from watcher.cli.recipient import recipient
from watcher.config.addresses import MAIL
from watcher.config.env_file import assignment, env_file, read_env_file
from watcher.config.first_file import CHANNEL, TABLE, TABLE_URL, Wishes, first_file
from watcher.config.given_address import Given
from watcher.config.model import Config
from watcher.errors import ConfigError, Problem
from watcher.services.catalogue import Listed
from watcher.services.whole_file import PRIVATE, write_whole

_LOCAL_ZONE = Path("/etc/localtime")


@dataclass(slots=True, kw_only=True)
class _Done:
    """What came of it, to be told at the end.

    Attributes:
        medicines: What is watched, where that is known.
        test: What the receiver said to the sample.
        later: What was not done, each with the command that does it.
    """

    medicines: tuple[Listed, ...] = ()
    test: dict[str, str] = field(default_factory=dict)
    later: list[tuple[str, str]] = field(default_factory=list)
    is_good: bool = True


def register(app: typer.Typer) -> None:
    """Add this command to `app`."""
    app.command()(init)


@told_errors
def init(
    contact: Annotated[
        str, typer.Option(help="Your mail or web address, which servers we ask are told.")
    ] = "",
    medicine: Annotated[
        list[str] | None,
        typer.Option(
            "--medicine", "-m", help="A name, substance or product number; several: once for each."
        ),
    ] = None,
    medicines_from: Annotated[
        Path | None, typer.Option(help="A file of them, one a line.", dir_okay=False)
    ] = None,
    send_to: Annotated[
        str,
        typer.Option(
            help="Your mail address, folder:PATH, or a channel's address (docs/channels)."
        ),
    ] = "",
    mail_server: Annotated[
        str, typer.Option(help="With a mail address: the server, mail.example.org:587.")
    ] = "",
    mail_user: Annotated[
        str,
        typer.Option(help="Whom to sign in as there; the password is WATCHER_MAIL_PASSWORD."),
    ] = "",
    bulk: Annotated[
        Path | None,
        typer.Option(help="EMA's table of medicines in a file, to look medicines up offline."),
    ] = None,
    table: Annotated[str, typer.Option(help="Where EMA's table is.")] = TABLE_URL,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask no server and send nothing.")
    ] = False,
    no_test: Annotated[bool, typer.Option("--no-test", help="Send no sample.")] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Ask nothing: take the flags and the defaults.")
    ] = False,
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Begin: ask for contact, medicines and where to send; write sources.yaml; take the first look.

    The file is written whole or not at all, never over another one; secrets go into `.env` beside
    it, readable by you alone. Exit code 1 where the table, a page or the receiver was not reached:
    what was not done is told, with the command that does it later.
    """
    _refuse_if_there(config)
    ask = Asker(sys.stdin.isatty() and not yes)
    wishes = Wishes(
        contact=ask.answer(
            "Your mail address, for the operators of the servers that are asked",
            contact,
            _contact,
            flag="--contact",
        ),
        table_url=table,
        zone=_zone(),
        on=f"{SystemClock().now():%-d %B %Y}",
    )
    known = _known(wishes, config, bulk, offline=offline)
    wanted = _picked(known, medicine or [], medicines_from, ask)
    given = recipient(ask, send_to, mail_server, mail_user, config)
    wishes = replace(
        wishes,
        records=0 if bulk else len(known.medicines),
        products=wanted.products,
        substances=wanted.substances,
        send_to=given.url,
    )
    checked = _written(wishes, given, config, ask)
    done = _Done(is_good=not known.why_not)
    done.later += _not_looked_up(wanted)
    _try(checked, done, wanted=not (offline or no_test))
    _look(checked, done, offline=offline, why_not=known.why_not)
    _tell(config, done, json=json)


def _refuse_if_there(path: Path) -> None:
    if path.exists() or path.is_symlink():
        message = (
            "is there already and stays as it is: `watcher add NAME` adds a medicine to it, "
            "`watcher init --config OTHER` begins another one"
        )
        raise ConfigError([Problem(file=str(path), line=1, key="(file)", message=message)])


def _contact(text: str) -> str:
    """Return a contact as the file has it.

    Raises:
        ValueError: It is no mail and no web address.
    """
    if re.fullmatch(MAIL, text):
        return f"mailto:{text}"
    if re.fullmatch(rf"mailto:(?:{MAIL})|https?://[!-~]{{4,200}}", text):
        return text
    message = "expected an address at which you can be reached: you@your-organisation.eu"
    raise ValueError(message)


def _zone() -> str:
    """Return the machine's time zone by name, or UTC."""
    named = os.environ.get("TZ", "").lstrip(":")
    linked = str(_LOCAL_ZONE.resolve()).partition("/zoneinfo/")[2]
    found = named if re.fullmatch(r"[A-Z][A-Za-z_]+/[A-Za-z_/+-]+", named) else linked
    return found if "/" in found else "UTC"


def _known(wishes: Wishes, config: Path, bulk: Path | None, *, offline: bool) -> Known:
    """Return the medicines there are: of the file, or of the table, which is then looked at."""
    if bulk is not None:
        return first_look.in_bulk_file(bulk)
    if offline:
        return Known()
    first = configured(first_file(wishes).encode(), config)
    with _opened(first) as watcher:
        known = first_look.table_looked_at(watcher)
    if known.why_not:
        say(f"the table could not be had; {known.why_not}")
        say("medicines are taken as you write them, and looked up later")
    return known


def _opened(config: Config) -> AbstractContextManager[Watcher]:
    return opened(config, World(clock=SystemClock(), sleep=wait), writable=True)


def _picked(known: Known, given: list[str], file: Path | None, ask: Asker) -> Picked:
    asked = requests_of(given, file)
    if asked or not ask.is_somebody_there:
        return picked(known.medicines, asked, ask)
    while True:
        text = ask.answer(
            "Your medicines: names, substances or product numbers, with commas between\n"
            "(nothing: watch all medicines for withdrawals)",
            "",
            str,
            flag="--medicine",
            default="",
        )
        found = picked(known.medicines, requests_of([text], None), ask)
        if not text or found.products or found.substances:
            return found


def _written(wishes: Wishes, given: Given, path: Path, ask: Asker) -> Config:
    """Check the file and write it, and its secrets beside it; return what it says.

    Raises:
        ConfigError: It could not be used; nothing was written.
        OperationalError: It cannot be written there.
    """
    body = first_file(wishes).encode()
    checked = configured(body, path, given.secrets)
    if not ask.agreed(f"Write {path} and take the first look"):
        raise typer.Abort
    if given.secrets:
        _write_secrets(given, path)
    write_whole(path, [body], is_new=True)
    say(f"{path} is written and can be used")
    for notice in checked.notices:
        say(str(notice))
    return checked


def _write_secrets(given: Given, config: Path) -> None:
    """Add secrets to the file `.env`; those of the environment already stay there alone."""
    path = env_file(config)
    kept = read_env_file(path)
    new = {
        name: value
        for name, value in given.secrets.items()
        if os.environ.get(name) != value and kept.get(name) != value
    }
    if taken := new.keys() & kept.keys():
        message = f"{', '.join(taken)} stands there already with another value: take it out first"
        raise ConfigError([Problem(file=str(path), line=1, key=".env", message=message)])
    if new:
        before = path.read_bytes() if path.exists() else b""
        gap = b"\n" if before and not before.endswith(b"\n") else b""
        lines = "".join(f"{assignment(*pair)}\n" for pair in new.items())
        write_whole(path, [before, gap, lines.encode()], mode=PRIVATE)
        say(f"{path} holds {', '.join(new)}, readable by you alone")


def _not_looked_up(wanted: Picked) -> Iterator[tuple[str, str]]:
    for name in wanted.unchecked:
        yield f"{name} was not looked up in EMA's table", f"watcher add {name!r} --dry-run"


def _try(config: Config, done: _Done, *, wanted: bool) -> None:
    """Send the sample through the channel, and note what the receiver said."""
    if not wanted:
        done.later.append(("no sample was sent", f"watcher test-channel {CHANNEL}"))
        return
    ways = channels_of(config, SystemClock())
    done.test = sampled(config.channels[0], ways[CHANNEL])
    say(f"a sample to {config.channels[0].url}: {done.test['outcome']}; {done.test['answer']}")
    if done.test["outcome"] != "taken":
        done.is_good = False
        done.later.append(("the sample was not taken", f"watcher test-channel {CHANNEL}"))


def _look(config: Config, done: _Done, *, offline: bool, why_not: str) -> None:
    """Take the baseline of the table and of the first pages, and note what is watched."""
    if offline or why_not:
        done.later.append(("the first look was not taken", "watcher once"))
        return
    with _opened(config) as watcher:
        watcher.note_configuration(person(""))
        known = first_look.table_looked_at(watcher)
        if known.why_not:
            say(f"{TABLE}: {known.why_not}")
            done.is_good = False
            done.later.append(("the first look was not taken", "watcher once"))
            return
        pages, left = first_look.pages_looked_at(watcher)
        done.medicines = first_look.watched(watcher)
    done.is_good = done.is_good and all(each.capture.verdict.is_good for each in pages)
    if left:
        done.later.append(
            (f"{left} pages wait for their first look, some 10 s each", "watcher run")
        )


def _tell(config: Path, done: _Done, *, json: bool) -> None:
    """Tell what was found, what was not done and what to do now; exit code 1: not all is good."""
    if json:
        as_json(
            {
                "config": config,
                "test": done.test,
                "medicines": [
                    {
                        "name": each.name,
                        "number": each.number,
                        "substance": each.substance,
                        "status": each.status,
                        "since": each.since,
                    }
                    for each in done.medicines
                ],
                "not_done": [{"what": what, "command": command} for what, command in done.later],
            }
        )
    elif done.medicines:
        first_look.show(done.medicines)
        say("this is the baseline: what was so already is told to no one")
    for what, command in done.later:
        say(f"not done: {what}: `{command}` does it")
    say("now: `watcher run` watches from here on; `watcher doctor` looks whether all is well")
    if not done.is_good:
        raise typer.Exit(FOUND_NOTHING_GOOD)
