"""What a person can have done that writes: a closed list, each order with its typed arguments.

The same list is carried out by a command, where no service runs, and by the service for a command
that found it running. An order that decides something is done once for its request, however often
it is carried out; the others do the same again and harm nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeAlias

from watcher.core.capture import instant
from watcher.core.events import Recorded
from watcher.errors import NotFoundError, OperationalError
from watcher.ports import Clock
from watcher.ports.snapshots import SnapshotStore
from watcher.ports.store import Store
from watcher.services import accounts, acknowledge, correct, holding, redact, resend
from watcher.services.decisions import Decider
from watcher.services.sealing import Sealed
from watcher.services.source import Source

Argument: TypeAlias = "str | int | bool | list[str]"
Arguments: TypeAlias = Mapping[str, Argument]
Result: TypeAlias = Mapping[str, str | int]
"""What an order came to, in a few words by name."""

_USER, _TOKEN = ("name", "title", "role", "password"), ("id", "title", "role", "secret")
LONGEST_TEXT = 4_000
MOST_TEXTS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """What orders are carried out with.

    Attributes:
        sources: By id.
        letters: Makes the messages of a correction.
        seal: Seals what was looked at since the last seal, and signs the log's head.
        people: Ids of the people that are configured; where there are none, any name will do.
    """

    store: Store
    snapshots: SnapshotStore
    clock: Clock
    sources: Mapping[str, Source]
    letters: correct.Letters
    seal: Callable[[], Sealed]
    people: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Order:
    """One thing that can be asked for.

    Attributes:
        arguments: The kind of each argument by its name; all of them are needed.
        carry_out: Does it.
    """

    arguments: Mapping[str, type[str | int | bool | list[str]]]
    carry_out: Callable[[Arguments, Hands, Decider], Result]


def carry_out(name: str, arguments: Arguments, hands: Hands, by: Decider) -> Result:
    """Do what is asked for and return what it came to.

    Raises:
        NotFoundError: There is no such thing to do it with.
        OperationalError: There is no such order, an argument is not of its kind, or it cannot be
            done as things are.
    """
    order = ORDERS.get(name)
    if order is None:
        message = f"there is no order {name[:40]!r}; there are: {', '.join(ORDERS)}"
        raise OperationalError(message)
    if problem := _problem(order, arguments):
        message = f"{name}: {problem}"
        raise OperationalError(message)
    return order.carry_out(arguments, hands, by)


def _problem(order: Order, arguments: Arguments) -> str:
    """Return what is wrong with the arguments, or nothing."""
    if arguments.keys() != order.arguments.keys():
        wanted, found = ", ".join(sorted(order.arguments)), ", ".join(sorted(arguments))
        return f"expected the arguments {wanted}; found {found[:200] or 'none'}"
    for name, kind in order.arguments.items():
        if not _is_of(arguments[name], kind):
            return f"{name} is not of its kind, or too long"
    return ""


def _is_of(value: object, kind: object) -> bool:
    if kind == list[str]:
        is_list = isinstance(value, list) and len(value) <= MOST_TEXTS
        return is_list and all(_is_of(each, str) for each in value)  # type: ignore[attr-defined]
    if type(value) is not kind:
        return False
    return not isinstance(value, str) or len(value) <= LONGEST_TEXT


def _text(arguments: Arguments, name: str) -> str:
    return str(arguments[name])


def _release(arguments: Arguments, hands: Hands, by: Decider) -> Result:
    batch = _text(arguments, "batch")
    done = holding.release(hands.store, batch, _text(arguments, "why"), by, hands.clock)
    return {"batch": batch, "events": done.event.details["events"], "position": done.position}


def _dismiss(arguments: Arguments, hands: Hands, by: Decider) -> Result:
    batch = _text(arguments, "batch")
    done = holding.dismiss(hands.store, batch, _text(arguments, "why"), by, hands.clock)
    return {"batch": batch, "events": done.event.details["events"], "position": done.position}


def _resend(arguments: Arguments, hands: Hands, by: Decider) -> Result:
    number = int(str(arguments["message"]))
    done = resend.resend(hands.store, number, _text(arguments, "why"), by, hands.clock)
    return {"message": number, "position": done.position}


def _resend_period(arguments: Arguments, hands: Hands, by: Decider) -> Result:
    period = resend.Period(
        channel=_text(arguments, "channel"),
        since=_text(arguments, "since"),
        until=_text(arguments, "until"),
        to=_text(arguments, "to"),
    )
    why = _text(arguments, "why")
    done = resend.resend_period(hands.store, period, why, by, hands.clock)
    told = done.event.details
    return {
        "channel": told["to"],
        "messages": int(told["messages"]),
        "left_out": int(told["left_out"]),
        "position": done.position,
    }


def _correct(arguments: Arguments, hands: Hands, by: Decider) -> Result:
    right = arguments["right"]
    wrong = correct.Wrong(
        event=_text(arguments, "event"),
        why=_text(arguments, "why"),
        right=tuple(right) if isinstance(right, list) else (),
        is_sources_fault=arguments["source_is_wrong"] is True,
    )
    done = correct.correct(hands.store, wrong, hands.letters, by, hands.clock)
    return {
        "event": done.by.event.details["position"],
        "position": done.by.position,
        "told": done.told,
        "cancelled": done.cancelled,
        "left_alone": ", ".join(done.by.event.details.get("left_alone", "").splitlines()),
    }


def _redact(arguments: Arguments, hands: Hands, by: Decider) -> Result:
    done = redact.redact(
        hands.store,
        hands.snapshots,
        _text(arguments, "snapshot"),
        _text(arguments, "why"),
        by,
        hands.clock,
    )
    return {"snapshot": done.event.details["snapshot"], "position": done.position}


def _acknowledge(arguments: Arguments, hands: Hands, by: Decider) -> Result:
    case, why = _text(arguments, "case"), _text(arguments, "why")
    return _of_case(acknowledge.acknowledge(hands.store, case, why, by, hands.clock))


def _assign(arguments: Arguments, hands: Hands, by: Decider) -> Result:
    case, to = _text(arguments, "case"), _text(arguments, "to")
    if hands.people and to not in hands.people:
        message = f"there is no person {to!r}; sources.yaml has: {', '.join(sorted(hands.people))}"
        raise NotFoundError(message)
    why = _text(arguments, "why")
    return _of_case(acknowledge.assign(hands.store, case, to, why, by, hands.clock))


def _judge(arguments: Arguments, hands: Hands, by: Decider) -> Result:
    case, verdict = _text(arguments, "case"), _text(arguments, "verdict")
    why = _text(arguments, "why")
    done = _of_case(acknowledge.judge(hands.store, case, verdict, why, by, hands.clock))
    with hands.store.reading() as work:
        row = next(iter(work.cases.named(str(done["case"]))), None)
    return {**done, "lead": row.lead if row else 0}


def _of_case(done: Recorded) -> Result:
    details = done.event.details
    return {
        "case": done.event.subject.id,
        "before": details["before"],
        "after": details["after"],
        "who": details["who"],
        "at": done.recorded_at,
        "position": done.position,
    }


def _look(arguments: Arguments, hands: Hands, _by: Decider) -> Result:
    """Make a source due now, so that it is looked at with all that politeness asks for."""
    source = hands.sources.get(_text(arguments, "source"))
    if source is None:
        message = f"there is no such source; sources.yaml has: {', '.join(hands.sources)}"
        raise NotFoundError(message)
    now = instant(hands.clock.now())
    with hands.store.writing() as work:
        for url in source.urls:
            target = work.captures.target(source.id, url)
            work.captures.put_target(replace(target, next_due=now))
    return {"source": source.id, "addresses": len(source.urls)}


def _seal(_arguments: Arguments, hands: Hands, _by: Decider) -> Result:
    done = hands.seal()
    return {
        "first": done.seal.first if done.seal else 0,
        "last": done.seal.last if done.seal else 0,
        "signed": done.checkpoint.size if done.checkpoint else 0,
    }


def _user_add(arguments: Arguments, hands: Hands, by: Decider) -> Result:
    new = accounts.NewUser(**{name: _text(arguments, name) for name in _USER})
    return _of_account(accounts.add_user(hands.store, new, by, hands.clock))


def _user_role(arguments: Arguments, hands: Hands, by: Decider) -> Result:
    name, role = _text(arguments, "name"), _text(arguments, "role")
    return _of_account(accounts.set_role(hands.store, name, role, by, hands.clock))


def _user_password(arguments: Arguments, hands: Hands, by: Decider) -> Result:
    name, password = _text(arguments, "name"), _text(arguments, "password")
    keep = _text(arguments, "keep")
    done = accounts.set_password(hands.store, name, password, by, hands.clock, keep=keep)
    return _of_account(done)


def _user_disable(arguments: Arguments, hands: Hands, by: Decider) -> Result:
    change = accounts.disable if arguments["disabled"] is True else accounts.enable
    name, why = _text(arguments, "name"), _text(arguments, "why")
    return _of_account(change(hands.store, name, why, by, hands.clock))


def _user_remove(arguments: Arguments, hands: Hands, by: Decider) -> Result:
    name, why = _text(arguments, "name"), _text(arguments, "why")
    return _of_account(accounts.remove(hands.store, name, why, by, hands.clock))


def _token_add(arguments: Arguments, hands: Hands, by: Decider) -> Result:
    told = {name: _text(arguments, name) for name in _TOKEN}
    new = accounts.NewToken(**told, days=int(str(arguments["days"])))
    return _of_account(accounts.add_token(hands.store, new, by, hands.clock))


def _token_revoke(arguments: Arguments, hands: Hands, by: Decider) -> Result:
    token, why = _text(arguments, "token"), _text(arguments, "why")
    return _of_account(accounts.revoke_token(hands.store, token, why, by, hands.clock))


def _of_account(done: Recorded) -> Result:
    details = done.event.details
    return {
        "subject": str(done.event.subject),
        "before": details.get("before", ""),
        "after": details.get("after", ""),
        "who": details["who"],
        "at": done.recorded_at,
        "position": done.position,
    }


ORDERS: Mapping[str, Order] = MappingProxyType(
    {
        "release": Order({"batch": str, "why": str}, _release),
        "dismiss": Order({"batch": str, "why": str}, _dismiss),
        "resend": Order({"message": int, "why": str}, _resend),
        "resend_period": Order(
            {"channel": str, "since": str, "until": str, "to": str, "why": str}, _resend_period
        ),
        "correct": Order(
            {"event": str, "why": str, "right": list[str], "source_is_wrong": bool}, _correct
        ),
        "redact": Order({"snapshot": str, "why": str}, _redact),
        "acknowledge": Order({"case": str, "why": str}, _acknowledge),
        "assign": Order({"case": str, "to": str, "why": str}, _assign),
        "judge": Order({"case": str, "verdict": str, "why": str}, _judge),
        "look": Order({"source": str}, _look),
        "seal": Order({}, _seal),
        "user_add": Order(dict.fromkeys(_USER, str), _user_add),
        "user_role": Order({"name": str, "role": str}, _user_role),
        "user_password": Order({"name": str, "password": str, "keep": str}, _user_password),
        "user_disable": Order({"name": str, "disabled": bool, "why": str}, _user_disable),
        "user_remove": Order({"name": str, "why": str}, _user_remove),
        "token_add": Order({**dict.fromkeys(_TOKEN, str), "days": int}, _token_add),
        "token_revoke": Order({"token": str, "why": str}, _token_revoke),
    }
)
"""Every order by its name: the closed list. A new one is added here and nowhere else."""
