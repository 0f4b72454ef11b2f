"""A few hundred of the ten thousand bad inputs of `make badinput`; the rest take minutes."""

from __future__ import annotations

import warnings

from fuzz.badinput import attempts, play


def test_no_bad_input_breaks_anything():
    with warnings.catch_warnings():
        # importing a service of Apprise may warn of that service's own libraries
        warnings.simplefilter("ignore", DeprecationWarning)
        played = list(play(250))

    assert [line for _, _, broken, _ in played for line in broken] == []
    counted = sum((counts.total() for _, counts, _, _ in played))
    assert counted == 250
    outcomes = {word for _, counts, _, _ in played for word in counts}
    assert outcomes >= {"read", "refused", "unusable"}


def test_the_counts_add_up_whatever_the_number():
    assert [sum(each for _, _, each in attempts(count)) for count in (250, 10_000)] == [250, 10_000]
