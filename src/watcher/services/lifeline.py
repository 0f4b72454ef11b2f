"""The life line of one medicine, from what each source says and every event that counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from watcher.core.amend import counting
from watcher.core.events import Recorded
from watcher.core.facts import Subject
from watcher.core.lifeline import LifeLine, life_line
from watcher.core.lifeline_steps import Voice
from watcher.core.past import Bounds, stand
from watcher.errors import NotFoundError
from watcher.ports.store import Store, Work
from watcher.services.past import Moment, bounds_of, of_product


def life_of(store: Store, product: str, moment: Moment, *, until: date) -> LifeLine:
    """Return the life line of one medicine, as it was known at a moment.

    Args:
        store: Where the log is.
        product: A name, a product number or a substance.
        moment: As known when.
        until: The day up to which it is drawn.

    Raises:
        NotFoundError: Nothing was known of it, or what is named is several medicines.
    """
    with store.reading() as work:
        bounds = bounds_of(work, moment)
        told = counting(filter(bounds.hold, of_medicine(work, product)), frozenset())
    voices = tuple(voices_of(told, bounds))
    if not voices:
        message = f"nothing is known of {product!r}; see `watcher replay --as-of now` for all"
        raise NotFoundError(message)
    return life_line(identity(told).id, voices, told, until)


def identity(told: Sequence[Recorded]) -> Subject:
    """Return the subject that the events of one medicine are about: it, or an article alone."""
    ids = {each.event.subject for each in told}
    return min(ids, key=lambda subject: (subject.kind != "medicine", subject.id))


def of_medicine(work: Work, product: str) -> list[Recorded]:
    """Return the events of one medicine and of articles on its substance that name it.

    Raises:
        NotFoundError: What is named is several medicines.
    """
    told = [*of_product(work, product)]
    subjects = {each.event.subject for each in told}
    medicines = sorted(subject.id for subject in subjects if subject.kind == "medicine")
    if len(medicines) > 1:
        listed = ", ".join(medicines[:10])
        message = f"{product!r} is {len(medicines)} medicines: ask for one of {listed}"
        raise NotFoundError(message)
    brands = {
        str(change.after)
        for each in told
        if (change := each.event.change("product.brand_name")) and change.after
    }
    for brand in sorted(brands):
        # asked for by its number, a medicine is meant with the articles that know its name alone
        others = [each for each in of_product(work, brand) if each.event.subject not in subjects]
        told += (each for each in others if each.event.subject.kind == "substance")
        subjects |= {each.event.subject for each in others}
    return told


def voices_of(told: Sequence[Recorded], bounds: Bounds) -> Iterator[Voice]:
    """Yield what each source says, from its events that count, in the order of observation."""
    by_stream: dict[str, list[Recorded]] = defaultdict(list)
    for each in told:
        by_stream[each.stream].append(each)
    for stream in sorted(by_stream):
        standing = stand(by_stream[stream], bounds)
        if standing is not None and standing.state:
            last = by_stream[stream][-1].provenance
            yield Voice(source=last.source, tier=last.tier, state=standing.state)
