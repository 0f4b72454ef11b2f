"""Who was told what, as one page of HTML: no script, nothing fetched, for screen and paper."""

from __future__ import annotations

from watcher.core import wording
from watcher.core.phrases import instant
from watcher.services.dossier_page import STYLE
from watcher.services.html import Html, Piece, element, join, lines, table
from watcher.services.told import Figures, Receipt, Report

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))
_COLUMNS = {
    "seen": 12,
    "severity": 9,
    "what": 29,
    "told": 17,
    "taken": 15,
    "answer": 18,
}


def told_page(told: Report) -> str:
    """Return a report as a whole page.

    Args:
        told: What to tell; every text of it is escaped here.
    """
    still, rest = (
        [each for each in told.receipts if each.is_open is is_open] for is_open in (True, False)
    )
    body = join(
        (
            _section("Not answered", still, "Everything that asks for an answer has one."),
            _section("All else", rest, "Nothing else was told."),
        ),
        "\n",
    )
    head = element(
        "header",
        element("p", "REPORT", class_="kind"),
        element("h1", "Who was told what"),
        element("p", _period(told), class_="soft"),
        element("div", *_figures(told.figures), class_="now"),
    )
    main = element("main", head, body, element("footer", wording.FOOT_GENERAL))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="robots" content="noindex">\n'
        "<title>Who was told what</title>\n"
        f"<style>{STYLE}</style>\n</head>\n<body>\n{main}\n</body>\n</html>\n"
    )


def _period(told: Report) -> str:
    since = f"from {told.since[:10]}" if told.since else "from the beginning"
    until = f"to {told.until[:10]}" if told.until else "to now"
    return f"Messages {since} {until}. Made {instant(told.made_at, seconds=False)}."


def _figures(told: Figures) -> list[Html]:
    """Return the figures, each in a box of its own."""
    share = f"{100 * told.answered // told.cases} %" if told.cases else "–"
    most = f"nine of ten within {span(told.taken_most)}" if told.taken_most is not None else ""
    boxes = (
        ("Critical, not answered", str(told.critical_open), ""),
        ("Cases answered", share, f"{told.answered} of {told.cases}; {told.escalated} escalated"),
        ("From our look to the receiver's yes", span(told.taken_median), most),
        ("From there to the answer", span(told.answered_median), "median"),
        ("Told", str(told.receipts), f"{told.undelivered} not delivered"),
    )
    return [
        element(
            "div",
            element("div", name, class_="soft small"),
            element("div", value, class_="value"),
            element("div", note, class_="soft small"),
        )
        for name, value, note in boxes
    ]


def _section(name: str, receipts: list[Receipt], nothing: str) -> Html:
    content = (
        table(_COLUMNS, map(_row, receipts), caption=name)
        if receipts
        else element("p", nothing, class_="none")
    )
    return element("section", element("h2", f"{name} ({len(receipts)})"), content)


def _row(each: Receipt) -> tuple[Piece, ...]:
    seen = instant(each.seen_at or each.queued_at, seconds=False)
    event = f"{each.event}, event {each.position}" if each.position else each.kind
    return (
        seen,
        element("span", str(each.severity).upper(), class_=f"badge {each.severity}"),
        lines([element("strong", each.product) if each.product else "", each.what, _small(event)]),
        lines([each.person or each.channel, _small(f"{each.kind}, through {each.channel}")]),
        lines([_taken(each), _small(each.said)]),
        lines(_answer(each)),
    )


def _taken(each: Receipt) -> str:
    if not each.taken_at:
        return each.state.replace("_", " ")
    after = each.seconds_to_take
    late = f", after {span(after)}" if after is not None else ""
    return f"{instant(each.taken_at, seconds=False)}{late}"


def _answer(each: Receipt) -> list[Piece]:
    if not each.asks:
        return ["none is asked for"]
    told: list[Piece] = []
    if each.answer:
        after = span(each.seconds_to_answer)
        told += [f"{each.answer} by {each.answered_by}, after {after}", _small(each.why)]
    if each.is_open:
        told.insert(0, element("strong", "nobody has answered"))
    if each.escalated_at:
        told.append(_small(f"escalated {instant(each.escalated_at, seconds=False)}"))
    return told


def _small(text: str) -> Piece:
    return element("span", text, class_="soft small") if text else ""


def span(seconds: float | None) -> str:
    """Return seconds as `2 h 5 min`: the two largest units that are not nothing."""
    if seconds is None:
        return "–"
    left, told = round(seconds), list[str]()
    for size, unit in _UNITS:
        if count := left // size:
            told.append(f"{count} {unit}")
        left %= size
    return " ".join(told[:2]) or "0 s"
