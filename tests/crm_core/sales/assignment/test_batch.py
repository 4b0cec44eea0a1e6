"""The best assignment of a batch: equal to trying everything, within every capacity, with a reason for what is left."""

from __future__ import annotations

from collections import Counter
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from crm_core.sales.services.assignment.batch import LARGEST, Option, Shared, share_out

CHANNELS = ("", "phone", "field")


def best_by_trying(
    items: list[int], options: list[Option], capacity: dict[int, int], channels: dict[str, int | None]
) -> int:
    """The highest effect of all assignments that keep to the capacities, by trying each of them."""
    ways = [[None, *(option for option in options if option.item == item)] for item in items]
    best = 0
    for tried in product(*ways):
        chosen = [option for option in tried if option is not None]
        people, over = Counter(one.person for one in chosen), Counter(one.channel for one in chosen)
        if all(count <= capacity.get(pk, 0) for pk, count in people.items()) and all(
            limit is None or over[channel] <= limit for channel, limit in channels.items()
        ):
            best = max(best, sum(one.effect for one in chosen))
    return best


def check(shared: Shared, items: list[int], capacity: dict[int, int], channels: dict[str, int | None]) -> None:
    """Everything has its place or its reason, and no capacity is broken."""
    assert sorted([*shared.given, *shared.left]) == sorted(items)
    people = Counter(option.person for option in shared.given.values())
    assert all(count <= capacity.get(pk, 0) for pk, count in people.items())
    over = Counter(option.channel for option in shared.given.values())
    assert all(limit is None or over[channel] <= limit for channel, limit in channels.items())
    assert all(option.effect > 0 for option in shared.given.values())


@settings(max_examples=300, deadline=None)
@given(some.data())
def test_the_optimum_is_that_of_trying_everything(data: some.DataObject) -> None:
    items = list(range(data.draw(some.integers(0, 4))))
    people = list(range(10, 10 + data.draw(some.integers(1, 3))))
    capacity = {pk: data.draw(some.integers(0, 3)) for pk in people}
    used = CHANNELS[: data.draw(some.sampled_from([1, 1, 2, 3]))]
    channels: dict[str, int | None] = {name: data.draw(some.none() | some.integers(0, 2)) for name in used if name}
    options = [
        Option(item, person, data.draw(some.integers(-50, 200)), channel)
        for item, person, channel in product(items, people, used)
        if data.draw(some.integers(0, 3))
    ]
    shared = share_out(items, options, capacity=capacity, channel_capacity=channels)
    check(shared, items, capacity, channels)
    assert shared.effect == best_by_trying(items, options, capacity, channels)
    assert shared == share_out(items, options, capacity=capacity, channel_capacity=channels)
    permitted, useful = {one.item for one in options}, {one.item for one in options if one.effect > 0}
    for item, why in shared.left.items():
        assert why == ("over_capacity" if item in useful else "no_effect" if item in permitted else "no_member")


def test_a_channel_that_is_scarce_goes_where_it_brings_most() -> None:
    options = [Option(1, 7, 50, "field"), Option(1, 7, 45, "phone"), Option(2, 7, 50, "field"), Option(2, 7, 10, "phone")]
    shared = share_out([1, 2], options, capacity={7: 5}, channel_capacity={"field": 1, "phone": None})
    assert {item: option.channel for item, option in shared.given.items()} == {1: "phone", 2: "field"}
    assert shared.effect == 95


def test_the_better_of_two_gets_the_last_place_and_the_other_is_told_why() -> None:
    shared = share_out([1, 2, 3, 4], [Option(1, 7, 30), Option(2, 7, 40), Option(3, 7, -5)], capacity={7: 1})
    assert set(shared.given) == {2}
    assert shared.left == {1: "over_capacity", 3: "no_effect", 4: "no_member"}


def test_a_large_batch_is_within_every_capacity() -> None:
    items, people = list(range(600)), list(range(1000, 1030))
    options = [Option(item, pk, (item * 7919 + pk * 104729) % 1000) for item in items for pk in people]
    capacity = dict.fromkeys(people, 15)
    shared = share_out(items, options, capacity=capacity)
    check(shared, items, capacity, {})
    assert len(shared.given) == 450


def test_effects_that_floating_point_cannot_add_up_are_refused() -> None:
    with pytest.raises(ValueError, match="larger unit"):
        share_out([1, 2], [Option(1, 7, LARGEST // 2), Option(2, 7, 1)], capacity={7: 2})
