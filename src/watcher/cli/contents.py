"""Every command with its module and its line of help, and the page that lists them.

Standard library only, and little of it: a module is loaded when one of its commands is called, so
that `watcher --help` need not load the database, the web pages and all the rest.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from types import MappingProxyType

SUMMARY = (
    "Watches regulatory sources and tells the right people, once and with the evidence, "
    "when a medicine is withdrawn."
)
EXIT_CODES = (
    "Exit codes: 0 done; 1 a look, a delivery or a search found nothing good; 2 the command "
    "or sources.yaml cannot be used as written; 3 the history would become wrong."
)
_OPTIONS = {
    "--version": "Print the version and end.",
    "--help": "Show this message; after a command, what it takes.",
}
COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "init": (
            "beginning",
            "Begin: ask for contact, medicines and where to send; write sources.yaml; take the first look.",
        ),
        "add": (
            "adding_medicine",
            "Watch one more medicine: look it up, add it to sources.yaml, show the difference, look at it.",
        ),
        "doctor": (
            "doctoring",
            "Look at all a watcher stands on: machine, configuration, database, channels, each source.",
        ),
        "run": (
            "serving",
            "Run the service: look when it is time, tell what is new, deliver what waits, serve pages.",
        ),
        "once": ("running", "Look at every source once, now; tell and deliver what is new; end."),
        "check": ("running", "Look at one source now; tell and deliver what is new."),
        "worker": (
            "clustering",
            "Look, tell and send, as one of many on PostgreSQL: start as many as you like.",
        ),
        "scheduler": (
            "clustering",
            "See what is due and wake the workers: one does it, a second takes over where it dies.",
        ),
        "serve": (
            "clustering",
            "Serve the pages, and nothing else: looks and messages are the workers'.",
        ),
        "captures": (
            "looking",
            "List looks, the failed ones too: verdict, reason and the signals it was drawn from.",
        ),
        "events": ("looking", "List events of the log, the newest last."),
        "history": ("looking", "Show everything that happened to one medicine, over all sources."),
        "show": (
            "looking",
            "Show one event with its evidence, or one capture with its headers and signals.",
        ),
        "alerts": ("looking", "List messages: to whom, about what, and what became of each."),
        "cases": (
            "acknowledging",
            "List the cases that anybody was told of: since when, how they stand, whose, who was told.",
        ),
        "acknowledge": (
            "acknowledging",
            "Say that you have seen a case and answer for it: nobody else is woken for it any more.",
        ),
        "assign": (
            "acknowledging",
            "Give a case to somebody. Until they acknowledge it, it can be passed on all the same.",
        ),
        "judge": (
            "acknowledging",
            "Say that a case does not concern us, or that it is wrong; --why has to say why.",
        ),
        "held": (
            "holding",
            "List changes alike in so many subjects at once that no one was told of them yet.",
        ),
        "release": ("holding", "Tell of a held batch after all, to whom the rules say."),
        "dismiss": ("holding", "Let a held batch stand in the log and tell no one of it."),
        "correct": (
            "deciding",
            "Put right what was told wrongly, and tell everyone who was told, and no one else.",
        ),
        "redact": (
            "deciding",
            "Drop the bytes of one kept page for good; its digest stays, with who wanted it and why.",
        ),
        "audit": (
            "deciding",
            "List what persons decided: when, who, what, why, and from what to what.",
        ),
        "replay": (
            "asking",
            "Show what was known at a moment, or what was so on a day by what was known then.",
        ),
        "facts": (
            "agreement",
            "Show what every source says of one medicine: where they agree, and where they contradict.",
        ),
        "diff": (
            "timing",
            "Show what changed between two moments: facts from → to, and the events that tell of them.",
        ),
        "timeline": (
            "timing",
            "Show a medicine's life: authorisations by jurisdiction, documents, market, holder, conflicts.",
        ),
        "verify": (
            "proving",
            "Check that the history is the one that was written, and that its evidence is whole.",
        ),
        "seal": ("proving", "Seal what was looked at into the log, and sign the log's head."),
        "prove": (
            "proving",
            "Show what proves that an event stands in the log, or that we looked.",
        ),
        "evidence": (
            "proving",
            "Pack an event with all its evidence, for people without this program or trust in it.",
        ),
        "timemap": (
            "exporting",
            "List the captures of an address as a Memento TimeMap (RFC 7089), in link format or JSON.",
        ),
        "feed": (
            "feeding",
            "Write the newest hundred cases of a watch list as a feed, to be subscribed to.",
        ),
        "read": (
            "reading",
            "Read pages and show every fact with its quote and place; nothing is kept.",
        ),
        "import": (
            "rereading",
            "Read archives of the past as history: observed at their own time, and told to no one.",
        ),
        "reread": (
            "rereading",
            "Read the stored snapshots anew with today's readers; what they see otherwise is history.",
        ),
        "backup": (
            "stored",
            "Copy everything that is kept, while the service runs; payloads are copied once.",
        ),
        "restore": (
            "stored",
            "Put a backup back into an empty folder, whole and verified, or not at all.",
        ),
        "upgrade": (
            "stored",
            "Bring the tables to the form of this version, and do nothing else.",
        ),
        "hosts": (
            "visiting",
            "List the servers we are guests of: how often we asked today, and which we leave alone.",
        ),
        "mcp": (
            "mcp",
            "Answer an assistant over stdin and stdout (Model Context Protocol); it can only read.",
        ),
        "test-channel": (
            "configuring",
            "Send a sample that is plainly a test, in all its forms, and say what the receiver answered.",
        ),
        "rehearse": (
            "rehearsing",
            "Run an archive through the whole line: what would have been sent, and why all else not.",
        ),
        "report": (
            "reporting",
            "Show who was told what and when, what the receiver said, who answered and after how long.",
        ),
        "selftest": (
            "selftesting",
            "Meet some thirty faults on loopback and show that each promise was kept.",
        ),
        "demo": (
            "demonstrating",
            "Play Alofisel's years on loopback: a site, a mail server, a chat, and the one message.",
        ),
        "completion": (
            "completing",
            "Print what teaches a shell to complete commands, ids, event types and medicines.",
        ),
        "sources": (
            "looking",
            "List the sources: where we are with each, and when it is looked at next.",
        ),
        "export": ("exporting", "Take out the log, the captured pages, or one medicine."),
        "snapshots": ("stored", "What is stored of pages and files: `stats`, `gc`, `move`."),
        "config": ("configuring", "Check, explain or show the configuration."),
        "store": (
            "storing",
            "The database itself: `move` to another engine, `digest`, `upgrade`, `grants`.",
        ),
        "cluster": (
            "cluster_status",
            "How the processes of one PostgreSQL do: workers, schedulers, pages.",
        ),
        "rules": (
            "ruling",
            "Who is told of what, who is not, and why; and what other rules would have told.",
        ),
        "users": ("accounts", "Who may sign in to the pages, and what each may do there."),
        "tokens": ("accounts", "Which programs may ask the API, each with a token of its own."),
    }
)
"""By the command's name: its module in `watcher.cli`, and the first sentence of its help."""
_WIDEST = 100


def page(width: int | None = None) -> str:
    """Return the list of all commands, for a person.

    Args:
        width: Characters of a line; None: as wide as the terminal, at most a hundred.
    """
    width = width or min(_terminal(), _WIDEST)
    helps = {name: told for name, (_, told) in COMMANDS.items()}
    parts = [
        "Usage: watcher [OPTIONS] COMMAND [ARGS]...",
        "\n".join(_wrapped(SUMMARY, width - 1)),
        "\n".join(("Options:", *_listed(_OPTIONS, width))),
        "\n".join(("Commands:", *_listed(helps, width))),
        "\n".join(_wrapped(EXIT_CODES, width - 1)),
    ]
    return "\n" + "\n\n".join(part.replace("\n", "\n ").join((" ", "")) for part in parts) + "\n"


def _terminal() -> int:
    try:
        return int(os.environ.get("COLUMNS", "") or os.get_terminal_size().columns)
    except (OSError, ValueError):
        return 80


def _listed(entries: Mapping[str, str], width: int) -> Iterator[str]:
    column = max(map(len, entries)) + 4
    for name, told in entries.items():
        first, *rest = _wrapped(told, max(width - column - 3, 20))
        yield f"  {name:{column - 2}}{first}"
        yield from (f"{'':{column}}{line}" for line in rest)


def _wrapped(text: str, width: int) -> Iterator[str]:
    line = ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield line
