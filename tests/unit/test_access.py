"""Who may do what, and what an organisation's groups are here."""

from __future__ import annotations

import pytest

from watcher.core.access import LEAST, Act, Grants, Role, may

READER, EDITOR, OPERATOR, ADMIN = Role.READER, Role.EDITOR, Role.OPERATOR, Role.ADMIN
TABLE = {
    Act.KNOCK: (None, READER, EDITOR, OPERATOR, ADMIN),
    Act.SEE: (READER, EDITOR, OPERATOR, ADMIN),
    Act.CHECK: (READER, EDITOR, OPERATOR, ADMIN),
    Act.OWN: (READER, EDITOR, OPERATOR, ADMIN),
    Act.ANSWER: (EDITOR, OPERATOR, ADMIN),
    Act.SEE_DELIVERIES: (OPERATOR, ADMIN),
    Act.RESEND: (OPERATOR, ADMIN),
    Act.DECIDE: (OPERATOR, ADMIN),
    Act.SEE_SETTINGS: (OPERATOR, ADMIN),
    Act.MANAGE: (ADMIN,),
}
GRANTS = Grants(reader=("staff",), editor=("pv", "ward"), admin=("it",))


@pytest.mark.parametrize("act", Act)
def test_each_act_is_open_to_exactly_these(act):
    allowed = tuple(role for role in (None, *Role) if may(role, act))

    assert allowed == TABLE[act]


def test_every_act_has_its_row():
    assert set(LEAST) == set(Act)


def test_who_is_more_may_all_that_who_is_less_may():
    for act in Act:
        allowed = [may(role, act) for role in (None, *Role)]
        assert allowed == sorted(allowed)


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        ((), None),
        (("others",), None),
        (("staff",), READER),
        (("ward", "staff"), EDITOR),
        (("staff", "it"), ADMIN),
        (("IT",), None),
    ],
)
def test_the_highest_of_several_groups_counts(groups, role):
    assert GRANTS.role_of(groups) is role


def test_everyone_is_at_least_what_everyone_is():
    grants = Grants(reader=("staff",), admin=("it",), everyone=EDITOR)

    assert grants.role_of(()) is EDITOR
    assert grants.role_of(("staff",)) is EDITOR
    assert grants.role_of(("it",)) is ADMIN


def test_every_act_can_be_said_after_you_may():
    assert Act.MANAGE.in_words == "manage users and tokens"
    assert len({act.in_words for act in Act}) == len(Act)
