"""All commands as plain values: what each takes, and of what kind that is."""

from __future__ import annotations

from typing import Any

from typer.main import get_command

from watcher.cli.main import app

_KINDS = {
    "config": "config",
    "source": "source",
    "source_id": "source",
    "channel": "channel",
    "watch_list": "list",
    "type_": "event type",
    "event_type": "event type",
    "product": "medicine",
    "medicine": "medicine",
    "reader": "reader",
    "person": "person",
    "shell": "shell",
}
"""What a parameter's name says of its values; of any other nothing is known: it may be a file."""


def tree() -> dict[str, Any]:
    """Return the program's commands, the whole of them below one."""
    return _command(get_command(app))


def _command(command: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "help": (command.help or "").partition("\n\n")[0].strip(),
        "options": [
            {
                "names": [*parameter.opts, *parameter.secondary_opts],
                "help": parameter.help or "",
                "takes": not parameter.is_flag,
                "of": _KINDS.get(parameter.name, ""),
            }
            for parameter in command.params
            if parameter.param_type_name == "option" and not parameter.hidden
        ],
        "arguments": [
            {"of": _KINDS.get(parameter.name, ""), "many": parameter.nargs != 1}
            for parameter in command.params
            if parameter.param_type_name == "argument"
        ],
    }
    told["options"].append({"names": ["--help"], "help": "Show it all.", "takes": False, "of": ""})
    if parts := getattr(command, "commands", {}):
        told["commands"] = {name: _command(each) for name, each in sorted(parts.items())}
    return told
