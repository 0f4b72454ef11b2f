"""Commands about proof: `verify`, `seal`, `prove`, `evidence`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from watcher.bootstrap import Watcher
from watcher.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigPath,
    say,
    told_errors,
    watching,
)
from watcher.cli.moments import instant_of
from watcher.cli.printing import as_json, progressing
from watcher.cli.proofs import capture_in_words, checks_in_words, event_in_words, plain_proof
from watcher.core.events import Recorded
from watcher.core.note import Checkpoint, Note, VerifierKey, notes
from watcher.errors import NoteError
from watcher.readers.reader import Reader
from watcher.readers.registry import READERS
from watcher.services.audit import Against, Counts, steps, verify_event
from watcher.services.audit import verify as verify_all
from watcher.services.bundle import bundle
from watcher.services.prove import prove_capture, prove_checks, prove_event

_CAPTURE = re.compile(r"\d{8}T")
Key = Annotated[
    str, typer.Option("--vkey", help="Believe this public key only, not those beside the database.")
]
_COUNTED = ("events", "tiles", "seals", "captures", "checkpoints", "snapshots", "gone")


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    for command in (verify, seal, prove, evidence):
        app.command()(command)


@told_errors
def verify(
    event: Annotated[str, typer.Argument(help="One event's position or id; empty: all.")] = "",
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="Signed checkpoints that you kept elsewhere."
        ),
    ] = None,
    vkey: Key = "",
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Check that the history is the one that was written, and that its evidence is whole.

    Rows, chain, tree, seals, signed checkpoints and every payload; with `--checkpoint` also that
    the log still begins with the one that was signed then. Exit code 3 where it does not; the
    first thing wrong is named.
    """
    kept = _kept(checkpoint) if checkpoint else ()
    with watching(config, writable=False) as watcher:
        if event:
            verify_event(watcher.store, watcher.snapshots, event)
            found = Counts(events=1)
        else:
            against = Against(signing=watcher.signing, keys=_keys(watcher, vkey), kept=kept)
            found = _everything(watcher, against)
    if json:
        as_json({"ok": True, **{name: found[name] for name in (*_COUNTED, "kept")}})
    else:
        told = [f"{found[name]:,} {name}" for name in (*_COUNTED, "kept") if found[name]]
        say(f"whole: {', '.join(told) or 'nothing yet'}")


@told_errors
def seal(
    key: Annotated[
        bool, typer.Option("--key", help="Print the public key that signs here, and end.")
    ] = False,
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Seal what was looked at into the log, and sign the log's head.

    The service does it every hour and when it ends. Keep `checkpoints.txt`, which stands beside the
    database, somewhere else too: `watcher verify --checkpoint` holds the log against it.
    """
    if key:
        with watching(config, writable=False) as watcher:
            known = watcher.signing.keys()
            public = str(known[-1] if known else watcher.signing.key())
        as_json({"vkey": public}) if json else typer.echo(public)
        return
    with watching(config, writable=True) as watcher:
        done = watcher.seal()
    if json:
        as_json({"seal": plain_proof(done.seal), "checkpoint": plain_proof(done.checkpoint)})
        return
    if done.seal:
        say(f"sealed captures {done.seal.first} to {done.seal.last}")
    if done.checkpoint:
        say(f"signed a checkpoint over {done.checkpoint.size} events")
        typer.echo(done.checkpoint.note, nl=False)
    else:
        say("nothing new since the last one")


@told_errors
def prove(
    what: Annotated[str, typer.Argument(help="An event's position or id, or a capture's id.")] = "",
    checks: Annotated[
        str, typer.Option("--checks", metavar="SOURCE", help="Every look at a source instead.")
    ] = "",
    since: Annotated[str, typer.Option(help="From this day or instant.")] = "",
    until: Annotated[str, typer.Option(help="To this day (its end), instant or `now`.")] = "now",
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Show what proves that an event stands in the log, or that we looked.

    `watcher prove --checks ema --since 2024-12-01 --until 2024-12-14` shows every look in that time
    and the seals that hold them: none can have been left out or added later.
    """
    if bool(what) == bool(checks):
        message = "name an event or a capture, or a source by --checks"
        raise typer.BadParameter(message, param_hint="WHAT")
    with watching(config, writable=False) as watcher:
        if checks:
            words, told = _checks(watcher, checks, since, until)
        elif _CAPTURE.match(what):
            capture = prove_capture(watcher.store, what)
            words, told = capture_in_words(capture), plain_proof(capture)
        else:
            event = prove_event(watcher.store, what)
            words, told = event_in_words(event), plain_proof(event)
    as_json(told) if json else typer.echo(words)


@told_errors
def evidence(
    event: Annotated[str, typer.Argument(help="The event's position or id.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The zip file; evidence-POSITION.zip if not said."),
    ] = None,
    config: ConfigPath = DEFAULT_CONFIG,
) -> None:
    """Pack an event with all its evidence, for people without this program or trust in it.

    The bundle holds the page's bytes, the proof, a page to read and `verify.py`, which needs
    Python alone. The same event gives the same file.
    """
    with watching(config, writable=False) as watcher:
        made = bundle(
            watcher.store,
            watcher.snapshots,
            event,
            find_reader=lambda told: _reader(watcher, told),
            keys=watcher.signing.keys(),
        )
    place = output or Path(f"evidence-{made.position}.zip")
    place.write_bytes(made.packed())
    for lack in made.lacks:
        say(f"not proven yet: {lack}; `watcher seal` does it")
    say(f"{place}: {len(made.members)} files; check it with `python verify.py {place.name}`")


def _checks(watcher: Watcher, source: str, since: str, until: str) -> tuple[str, object]:
    """Return every look at a source in words and for machines; a day begins at its midnight."""
    first = f"{since}T00:00:00Z" if len(since) == len("2024-12-01") else since
    since_at = instant_of(first, "--since") if since else ""
    found = prove_checks(watcher.store, source, since_at, instant_of(until, "--until"))
    return checks_in_words(found), plain_proof(found)


def _everything(watcher: Watcher, against: Against) -> Counts:
    found = Counts()
    audit = verify_all(watcher.store, watcher.snapshots, against)
    for found in progressing("verifying", audit, total=steps(watcher.store)):  # noqa: B007
        pass
    return found


def _keys(watcher: Watcher, vkey: str) -> tuple[VerifierKey, ...]:
    if not vkey:
        return watcher.signing.keys()
    try:
        return (VerifierKey.parse(vkey),)
    except NoteError as error:
        raise typer.BadParameter(str(error), param_hint="--vkey") from error


def _kept(path: Path) -> tuple[str, ...]:
    """Return the notes of a file that someone kept; it must be one, or several."""
    try:
        found = notes(path.read_bytes().decode("utf-8"))
        for note in found:
            Checkpoint.parse(Note.parse(note).text)
    except (NoteError, UnicodeDecodeError) as error:
        message = f"{path}: {error}"
        raise typer.BadParameter(message, param_hint="--checkpoint") from error
    if not found:
        message = f"{path} is empty"
        raise typer.BadParameter(message, param_hint="--checkpoint")
    return found


def _reader(watcher: Watcher, told: Recorded) -> Reader | None:
    """Return the reader that reads an event's snapshot now: its source's, or one of that name."""
    name = told.provenance.reader.partition("@")[0]
    source = watcher.sources.get(told.provenance.source)
    if source is not None and source.reader.name == name:
        return source.reader
    return READERS[name] if name in READERS and name != "generic" else None
