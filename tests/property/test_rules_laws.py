"""Laws of rules: only what was observed alerts, and a further filter never widens a rule."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from kit.watching import ALOFISEL, SOURCE, STATE, recorded
from watcher.core.events import Cause, Event
from watcher.core.rules import Rule, WatchList, applies
from watcher.core.taxonomy import TYPES, Severity

NAMES = sorted(TYPES)
MEDICAL = [name for name in NAMES if not TYPES[name].is_operational]
PATTERNS = [*NAMES, *sorted({f"{kind.family}.*" for kind in TYPES.values()})]

WATCH_FILTERS = {
    "products": ("Alofisel", "Entyvio", "H-C-4258"),
    "substances": ("CX-601", "vedolizumab"),
    "atc": ("L04", "A10", "L04AX08"),
    "holders": ("Takeda Pharma", "Another"),
    "areas": ("Crohn", "Asthma"),
    "jurisdictions": ("EU", "JP", "UK"),
}
RULE_FILTERS = {
    "events": tuple(PATTERNS),
    "jurisdictions": ("EU", "JP"),
    "sources": ("ema-medicines", "medpath"),
    "tiers": (1, 2, 3, 4),
}


def tuples_of(values):
    return st.lists(st.sampled_from(values), unique=True, max_size=3).map(tuple)


states = st.dictionaries(st.sampled_from(sorted(STATE)), st.none()).map(
    lambda dropped: {path: value for path, value in STATE.items() if path not in dropped}
)
watch_lists = st.builds(
    WatchList, id=st.just("mine"), **{name: tuples_of(of) for name, of in WATCH_FILTERS.items()}
)
rules = st.builds(
    Rule,
    id=st.just("rule"),
    watch_list=watch_lists,
    least=st.sampled_from(Severity),
    channels=st.just(("pv-team",)),
    **{name: tuples_of(of) for name, of in RULE_FILTERS.items()},
)


@st.composite
def events(draw, names=NAMES):
    name = draw(st.sampled_from(names))
    subject = SOURCE if TYPES[name].is_operational else ALOFISEL
    return Event(type=name, subject=subject, jurisdiction=draw(st.sampled_from(["", "EU", "JP"])))


def told(event, cause=Cause.OBSERVED):
    return st.builds(
        recorded,
        st.just(event),
        cause=st.just(cause),
        source=st.sampled_from(["ema-medicines", "medpath"]),
        tier=st.integers(1, 4),
    )


@given(rules, events(), states, st.data())
def test_no_rule_ever_fires_on_anything_but_an_observed_event(rule, event, state, data):
    cause = data.draw(st.sampled_from([cause for cause in Cause if cause is not Cause.OBSERVED]))

    decision = applies(rule, data.draw(told(event, cause)), state)

    assert not decision.is_told
    assert decision.reason == f"cause is {cause.value}: only observed events alert"


@given(rules, events(), states, st.data())
def test_every_decision_has_a_reason(rule, event, state, data):
    assert applies(rule, data.draw(told(event)), state).reason


@given(rules, events(MEDICAL), states, st.data())
def test_adding_a_filter_never_widens_a_rule(rule, event, state, data):
    seen = data.draw(told(event))
    unused = [name for name in RULE_FILTERS if not getattr(rule, name)]
    name = data.draw(st.sampled_from([*unused, "least"]))
    value = Severity.CRITICAL
    if name != "least":
        value = (data.draw(st.sampled_from(RULE_FILTERS[name])),)

    narrower = replace(rule, **{name: value})

    assert applies(rule, seen, state).is_told or not applies(narrower, seen, state).is_told


@given(rules, events(MEDICAL), states, st.data())
def test_adding_a_filter_to_its_watch_list_never_widens_a_rule(rule, event, state, data):
    seen = data.draw(told(event))
    unused = [name for name in WATCH_FILTERS if not getattr(rule.watch_list, name)]
    if not unused:
        return
    name = data.draw(st.sampled_from(unused))
    values = (data.draw(st.sampled_from(WATCH_FILTERS[name])),)

    narrower = replace(rule, watch_list=replace(rule.watch_list, **{name: values}))

    assert applies(rule, seen, state).is_told or not applies(narrower, seen, state).is_told


@given(rules, events(), states, st.data())
def test_an_event_about_watching_reaches_only_rules_that_name_it(rule, event, state, data):
    decision = applies(rule, data.draw(told(event)), state)

    if decision.is_told and TYPES[event.type].is_operational:
        assert {event.type, f"{TYPES[event.type].family}.*"} & set(rule.events)
