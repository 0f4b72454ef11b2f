"""The command that teaches a shell to complete: `completion`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from watcher.cli.common import told_errors
from watcher.cli.start import FOR_SHELL

_BASH = """\
# watcher completion bash > ~/.local/share/bash-completion/completions/watcher
_watcher_completion() {
    local each
    COMPREPLY=()
    while IFS= read -r each; do
        [ -n "$each" ] && COMPREPLY+=("$(printf %q "$each")")
    done < <(VARIABLE=bash "${COMP_WORDS[0]}" "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _watcher_completion watcher
"""
_ZSH = """\
#compdef watcher
# watcher completion zsh > a folder of $fpath/_watcher
_watcher() {
    local -a found
    found=("${(@f)$(VARIABLE=zsh "${words[1]}" "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    if [[ -n "${found[1]}" ]]; then
        _describe 'watcher' found
    else
        _files
    fi
}
if [ "$funcstack[1]" = "_watcher" ]; then _watcher "$@"; else compdef _watcher watcher; fi
"""
_FISH = """\
# watcher completion fish > ~/.config/fish/completions/watcher.fish
function __watcher_completion
    set -l words (commandline -opc) (commandline -ct)
    VARIABLE=fish $words[1] $words[2..] 2>/dev/null
end
complete -c watcher -a '(__watcher_completion)'
"""


class Shell(StrEnum):
    """The shells that are taught."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


_SCRIPTS = {Shell.BASH: _BASH, Shell.ZSH: _ZSH, Shell.FISH: _FISH}


def register(app: typer.Typer) -> None:
    """Add this command to `app`."""
    app.command()(completion)


@told_errors
def completion(
    shell: Annotated[Shell, typer.Argument(help="bash, zsh or fish.")],
) -> None:
    """Print what teaches a shell to complete commands, ids, event types and medicines.

    The first line of it says where to put it; a new shell then knows.
    """
    typer.echo(_SCRIPTS[shell].replace("VARIABLE", FOR_SHELL), nl=False)
