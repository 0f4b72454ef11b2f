"""The command that proposes an entry for a page: `sources add`."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Annotated

import typer

from watcher.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigPath,
    configuration,
    configured,
    say,
    told_errors,
)
from watcher.cli.pages import believed, chosen, fetched, is_address, payload_of
from watcher.cli.printing import as_json
from watcher.config.addition import add_source
from watcher.config.model import Config
from watcher.config.writing import as_item
from watcher.errors import NotFoundError
from watcher.ports import Answer
from watcher.readers.outline import outline
from watcher.readers.page_look import looks_like_html
from watcher.readers.reader import Payload, Reader
from watcher.readers.recognition import recognised
from watcher.readers.registry import READERS
from watcher.services.proposal import GENERIC, Proposal, proposal, suggested_id
from watcher.services.reading import payloads

_ALONE = "contact: mailto:nobody@example.org\nsources:\n"


def register(sources: typer.Typer) -> None:
    """Add this command to the group `sources`."""
    sources.command()(add)


@told_errors
def add(
    what: Annotated[
        str, typer.Argument(help="The page's address, or a file it was saved in.", metavar="PAGE")
    ],
    reader: Annotated[str, typer.Option("--reader", "-r", help="Empty: whichever knows it.")] = "",
    id_: Annotated[str, typer.Option("--id", help="The entry's id; empty: one is made.")] = "",
    url: Annotated[str, typer.Option(help="Of a file: the address it was saved from.")] = "",
    write: Annotated[bool, typer.Option("--write", help="Add it to the configuration.")] = False,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="The page is in a private network.")
    ] = False,
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Look at a page and propose an entry of sources.yaml for it.

    A page of a kind that is known gets its reader; any other one gets the reader `generic`, with
    the labels and lists that stand on it as options.
    """
    known = configuration(config) if write or is_address(what) else None
    answer, address = _looked_at(what, url, known, allow_private=allow_private)
    if write and not address:
        message = "the file does not say from which address it was saved"
        raise typer.BadParameter(message, param_hint="--url")
    found, why = (chosen(reader), f"Read by {reader}.") if reader else _recognised(answer)
    taken = [source.id for source in known.sources] if known else []
    proposed = proposal(
        believed(answer, address, found),
        found,
        url=address,
        id_=id_ or suggested_id(address or what, taken),
        why=why,
        allow_private=allow_private,
    )
    _give(proposed, config, write=write, json=json)


def _looked_at(
    what: str, url: str, known: Config | None, *, allow_private: bool
) -> tuple[Answer, str]:
    """Return the page a person named, and the address to look at from then on; empty: unknown."""
    if known is None or not is_address(what):
        saved = _saved(what, url)
        return saved, saved.url
    if url:
        message = "goes with a file; an address is the page's own"
        raise typer.BadParameter(message, param_hint="--url")
    return fetched(what, known, allow_private=allow_private), what


def _saved(name: str, url: str) -> Answer:
    """Return the page in a file as if a server had sent it.

    Its address is the one given, else the one it states itself, else empty.
    """
    found = list(payloads([Path(name)]))
    if len(found) != 1:
        message = f"{name}: expected one page, found {len(found)}"
        raise NotFoundError(message)
    _, payload = found[0]
    headers = {"content-type": payload.media_type}
    return Answer(url=url or _own_address(payload), status=200, headers=headers, body=payload.body)


def _own_address(payload: Payload) -> str:
    """Return the address that an HTML page states as its own; empty: none."""
    text = payload.text() if payload.media_type == "text/html" else ""
    stated = outline(payload).meta.get("canonical", "") if looks_like_html(text) else ""
    return stated if is_address(stated) else ""


def _recognised(answer: Answer) -> tuple[Reader, str]:
    """Return the reader that understands a page, else `generic`, and why it is this one."""
    refusals: list[str] = []
    for found in recognised(payload_of(answer), READERS.values()):
        if found.reading is not None:
            return (
                found.reader,
                f"It bears {found.marker!r}, and {found.reader.name} understands it.",
            )
        refusals.append(f"it bears {found.marker!r}, but is not understood: {found.refusal}")
    for refusal in refusals:
        say(refusal)
    return chosen(GENERIC), "It bears the marker of no reader that would understand it."


def _give(proposed: Proposal, config: Path, *, write: bool, json: bool) -> None:
    """Print the entry, and add it to the configuration if wanted."""
    item = as_item(proposed.entry, head=proposed.head, notes=proposed.notes)
    entry = textwrap.indent(item, "  ")
    configured(f"{_ALONE}{entry}".encode(), Path("the proposal"))
    if json:
        as_json(proposed.entry)
    else:
        typer.echo(entry, nl=False)
    if write:
        add_source(config, item, lambda body: configured(body, config))
        name = proposed.entry["id"]
        say(f"{config}: {name} is added; `watcher check {name}` looks at it")
