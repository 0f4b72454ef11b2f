"""Which two captures of a target to compare, chosen or found."""

from __future__ import annotations

from watcher.core.capture import Capture
from watcher.errors import NotFoundError
from watcher.ports.store import Work

MOST_LISTED = 200


def chosen(work: Work, before: str, after: str) -> tuple[Capture, Capture]:
    """Return the two captures that are meant; one alone is compared with the look before it.

    Args:
        work: The tables.
        before: Id of the one, or the beginning of it; empty: the last other page before `after`.
        after: Id of the other; empty: the next other page after `before`.

    Raises:
        NotFoundError: There is no such capture, no other one, or they are of two targets.
    """
    if before and after:
        pair = _kept(work, before), _kept(work, after)
    elif after:
        later = _kept(work, after)
        pair = _other(work, later, is_earlier=True), later
    else:
        earlier = _kept(work, before)
        pair = earlier, _other(work, earlier, is_earlier=False)
    if (pair[0].source, pair[0].url) != (pair[1].source, pair[1].url):
        message = "these are captures of two addresses: choose two of one"
        raise NotFoundError(message)
    return pair if pair[0].at <= pair[1].at else (pair[1], pair[0])


def _kept(work: Work, capture_id: str) -> Capture:
    found = work.captures.capture(capture_id)
    if found.digest:
        return found
    repeated = work.captures.unchanged(found.source, found.url).get(found.id)
    if repeated is None:
        message = f"nothing was kept of the look {found.id}: {found.reason or found.verdict}"
        raise NotFoundError(message)
    return work.captures.capture(repeated)


def _other(work: Work, capture: Capture, *, is_earlier: bool) -> Capture:
    """Return the nearest good capture of the same target that has another payload."""
    bound = {"until": capture.at} if is_earlier else {"since": capture.at}
    found: Capture | None = None
    for each in work.captures.read(source=capture.source, url=capture.url, **bound):
        if each.digest and each.verdict.is_good and each.digest != capture.digest:
            found = each
            if not is_earlier:
                break
    if found is None:
        word = "before" if is_earlier else "after"
        message = (
            f"no other page was kept {word} the look {capture.id}: there is nothing to compare"
        )
        raise NotFoundError(message)
    return found


def choices(work: Work, source: str, url: str) -> tuple[Capture, ...]:
    """Return the good captures of a target that had another payload than the one before them.

    The newest first, `MOST_LISTED` at most.
    """
    found: list[Capture] = []
    for each in work.captures.read(source=source, url=url):
        is_new = each.digest and (not found or found[-1].digest != each.digest)
        if each.verdict.is_good and is_new:
            found.append(each)
    return tuple(found[: -MOST_LISTED - 1 : -1])
