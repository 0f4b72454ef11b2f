"""Commands about who may sign in: `users` and `tokens`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from watcher.bootstrap import SystemClock, argon2
from watcher.cli.common import DEFAULT_CONFIG, AsJson, ConfigPath, say, told_errors, watching
from watcher.cli.ordering import As, Done, NoWait, Why, ordered
from watcher.cli.printing import as_json, escaped, table
from watcher.core.access import Role
from watcher.core.sign_in import why_not
from watcher.errors import OperationalError
from watcher.ports.access import Token, User
from watcher.services.accounts import is_usable
from watcher.services.orders import Arguments
from watcher.services.sign_in import draw_token

Name = Annotated[str, typer.Argument(help="What the user is called: lower-case.")]
AsRole = Annotated[Role, typer.Option("--role", help="What they may do; see `docs/security.md`.")]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from stdin, one line.")
]
_LONGEST_LINE = 4_096


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    users = typer.Typer(
        no_args_is_help=True, help="Who may sign in to the pages, and what each may do there."
    )
    users.command("add")(add_user)
    users.command("list")(list_users)
    users.command("role")(change_role)
    users.command("password")(change_password)
    users.command("disable")(disable)
    users.command("enable")(enable)
    users.command("remove")(remove)
    app.add_typer(users, name="users")
    tokens = typer.Typer(
        no_args_is_help=True, help="Which programs may ask the API, each with a token of its own."
    )
    tokens.command("add")(add_token)
    tokens.command("list")(list_tokens)
    tokens.command("revoke")(revoke)
    app.add_typer(tokens, name="tokens")


@told_errors
def add_user(
    name: Name,
    role: AsRole = Role.READER,
    title: Annotated[str, typer.Option(help="Their name for people: 'Anna Visser'.")] = "",
    password_stdin: FromStdin = False,
    named: As = "",
    no_wait: NoWait = False,
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Let somebody sign in with a password, which is asked for twice and shown nowhere."""
    kept = _password(name, from_stdin=password_stdin)
    told: Arguments = {"name": name, "title": title, "role": str(role), "password": kept}
    done = ordered(config, "user_add", told, named=named, no_wait=no_wait)
    _tell(done, f"{name} can sign in as {role}", json=json)


@told_errors
def list_users(config: ConfigPath = DEFAULT_CONFIG, json: AsJson = False) -> None:
    """List who may sign in: role, since when, last sign-in, sessions."""
    with watching(config, writable=False) as watcher, watcher.store.reading() as work:
        found = [(each, len(work.access.sessions_of(each.name))) for each in work.access.users()]
    if json:
        as_json([_plain(user) | {"sessions": count} for user, count in found])
        return
    columns = ("name", "who", "role", "by", "added", "last signed in", "sessions#", "state")
    table("", columns, (_user_row(user, count) for user, count in found))


def _plain(user: User) -> dict[str, object]:
    """Return what may be told of a user: all but the hash of their password."""
    return {
        "name": user.name,
        "title": user.title,
        "role": user.role,
        "kind": user.kind,
        "subject": user.subject,
        "created_at": user.created_at,
        "signed_in_at": user.signed_in_at,
        "disabled_at": user.disabled_at,
    }


def _user_row(user: User, sessions: int) -> tuple[str | int, ...]:
    return (
        user.name,
        escaped(user.title),
        user.role,
        "password" if user.kind == "local" else "OpenID Connect",
        user.created_at[:10],
        user.signed_in_at[:16].replace("T", " ") or "never",
        sessions,
        f"disabled {user.disabled_at[:10]}" if user.disabled_at else "may sign in",
    )


@told_errors
def change_role(
    name: Name,
    role: Annotated[Role, typer.Argument(help="What they may do from now on.")],
    named: As = "",
    no_wait: NoWait = False,
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Let a user be something else; it holds from their next page on."""
    told: Arguments = {"name": name, "role": str(role)}
    done = ordered(config, "user_role", told, named=named, no_wait=no_wait)
    _tell(done, f"{name}: {done.result['before']} → {done.result['after']}", json=json)


@told_errors
def change_password(
    name: Name,
    password_stdin: FromStdin = False,
    named: As = "",
    no_wait: NoWait = False,
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Give a user a new password; wherever they are signed in, they are no longer."""
    kept = _password(name, from_stdin=password_stdin)
    told: Arguments = {"name": name, "password": kept, "keep": ""}
    done = ordered(config, "user_password", told, named=named, no_wait=no_wait)
    _tell(done, f"{name} has a new password; {done.result['after']}", json=json)


@told_errors
def disable(
    name: Name,
    why: Why = "",
    named: As = "",
    no_wait: NoWait = False,
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Let a user sign in no more, and end all their sessions at once."""
    told: Arguments = {"name": name, "disabled": True, "why": why}
    done = ordered(config, "user_disable", told, named=named, no_wait=no_wait)
    _tell(done, f"{name} can sign in no more; all sessions ended", json=json)


@told_errors
def enable(
    name: Name,
    why: Why = "",
    named: As = "",
    no_wait: NoWait = False,
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Let a user who was disabled sign in again."""
    told: Arguments = {"name": name, "disabled": False, "why": why}
    done = ordered(config, "user_disable", told, named=named, no_wait=no_wait)
    _tell(done, f"{name} can sign in again", json=json)


@told_errors
def remove(
    name: Name,
    why: Why = "",
    named: As = "",
    no_wait: NoWait = False,
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Take a user away; what they decided stays in the log, with their name."""
    told: Arguments = {"name": name, "why": why}
    done = ordered(config, "user_remove", told, named=named, no_wait=no_wait)
    _tell(done, f"{name} is no user any more", json=json)


@told_errors
def add_token(
    title: Annotated[str, typer.Argument(help="What the token is for: 'the dashboard'.")],
    role: AsRole = Role.READER,
    days: Annotated[
        int, typer.Option(min=0, max=3_660, help="For how long; 0: until it is revoked.")
    ] = 365,
    named: As = "",
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Let a program in, and print its token: this once, as only its digest is kept."""
    token_id, token, kept = draw_token()
    told: Arguments = {
        "id": token_id,
        "title": title,
        "role": str(role),
        "secret": kept,
        "days": days,
    }
    done = ordered(config, "token_add", told, named=named)
    if json:
        as_json({**done.result, "id": token_id, "token": token})
        return
    typer.echo(token)
    say(f"token {token_id}: {done.result['after']}")
    say("it is shown this once; a program sends it as `Authorization: Bearer …`")


@told_errors
def list_tokens(config: ConfigPath = DEFAULT_CONFIG, json: AsJson = False) -> None:
    """List the tokens: what for, role, by whom, until when, when last used."""
    with watching(config, writable=False) as watcher, watcher.store.reading() as work:
        found = work.access.tokens()
    if json:
        as_json([_plain_token(each) for each in found])
        return
    columns = ("token", "what for", "role", "made", "by", "until", "last used", "state")
    table("", columns, map(_token_row, found))


def _plain_token(token: Token) -> dict[str, object]:
    """Return what may be told of a token: all but the digest of its secret."""
    return {
        "id": token.id,
        "title": token.title,
        "role": token.role,
        "created_at": token.created_at,
        "created_by": token.created_by,
        "expires_at": token.expires_at,
        "used_at": token.used_at,
        "revoked_at": token.revoked_at,
    }


def _token_row(token: Token) -> tuple[str, ...]:
    if token.revoked_at:
        state = f"revoked {token.revoked_at[:10]}"
    else:
        state = "can be used" if is_usable(token, SystemClock().now()) else "its time is over"
    return (
        token.id,
        escaped(token.title),
        token.role,
        token.created_at[:10],
        escaped(token.created_by),
        token.expires_at[:10] or "revoked",
        token.used_at[:16].replace("T", " ") or "never",
        state,
    )


@told_errors
def revoke(
    token: Annotated[str, typer.Argument(help="The token's id; see `watcher tokens list`.")],
    why: Why = "",
    named: As = "",
    no_wait: NoWait = False,
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Let a token be used no more, from the next request on."""
    told: Arguments = {"token": token, "why": why}
    done = ordered(config, "token_revoke", told, named=named, no_wait=no_wait)
    _tell(done, f"token {token} can be used no more", json=json)


def _password(name: str, *, from_stdin: bool) -> str:
    """Return what is kept of a password that somebody types twice, or that stdin brings.

    Raises:
        OperationalError: It cannot be used.
    """
    if from_stdin:
        typed = sys.stdin.readline(_LONGEST_LINE).rstrip("\r\n")
    else:
        typed = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    if problem := why_not(typed, name):
        raise OperationalError(problem)
    return argon2().hashed(typed)


def _tell(done: Done, words: str, *, json: bool) -> None:
    if json:
        as_json(done.result)
    else:
        say(words)
