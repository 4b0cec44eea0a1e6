"""Many pieces of work to people, and to channels, at once: the assignment with the highest expected effect. Pure.

Effects are whole numbers of any small unit, so that sums are exact. Without a limit on channels this is the assignment
problem (Kuhn, 1955), solved exactly over places: each person has as many as is free, and each piece of work may stay
where it is for an effect of nothing. A limit on channels that such a solution breaks makes it an integer programme,
solved to the optimum by SciPy's HiGHS. Which of several best solutions comes out hangs on the order of what is given
alone. What would bring nothing, or cost more than it brings, is left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

LARGEST = 2**53
"""Sums of effects stay below this, where whole numbers are still exact in floating point."""


@dataclass(frozen=True, slots=True)
class Option:
    """A piece of work that a person may do, over a channel if one is named, with the effect to be expected."""

    item: int
    person: int
    effect: int
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Shared:
    """Who does what, by item, and why the rest is left: `no_member` (nobody may do it), `no_effect` (nobody brings more
    than it costs) or `over_capacity` (all who do are full, or of more use elsewhere)."""

    given: dict[int, Option]
    left: dict[int, str]

    @property
    def effect(self) -> int:
        """The effect of the whole."""
        return sum(option.effect for option in self.given.values())


def share_out(
    items: Sequence[int],
    options: Iterable[Option],
    *,
    capacity: Mapping[int, int],
    channel_capacity: Mapping[str, int | None] | None = None,
) -> Shared:
    """The best assignment of `items` by `options`, within the capacities of people and of channels (None: no limit).

    Somebody without an entry in `capacity` has none. Raises ValueError for effects too large to be summed exactly.
    """
    known, limits, asked = list(options), channel_capacity or {}, set(items)
    wanted = [option for option in known if option.effect > 0]
    if sum(max((one.effect for one in wanted), default=0) for _item in items) >= LARGEST:
        raise ValueError("The effects are too large to be added up exactly. Give them in a larger unit.")
    open_to = [
        option for option in wanted
        if option.item in asked and capacity.get(option.person, 0) > 0 and limits.get(option.channel) != 0
    ]  # fmt: skip
    given = _by_places(items, open_to, capacity)
    used = Counter(option.channel for option in given.values())
    if any(limit is not None and used[channel] > limit for channel, limit in limits.items()):
        given = _by_programme(open_to, capacity, limits)
    permitted, useful = {option.item for option in known}, {option.item for option in wanted}
    left = {
        item: "over_capacity" if item in useful else "no_effect" if item in permitted else "no_member"
        for item in items
        if item not in given
    }
    return Shared(given, left)


def _by_places(items: Sequence[int], options: Sequence[Option], capacity: Mapping[int, int]) -> dict[int, Option]:
    """The best assignment while channels have no limit: each pair takes the channel that is best for it."""
    best: dict[tuple[int, int], Option] = {}
    for option in options:
        kept = best.get((option.item, option.person))
        if kept is None or option.effect > kept.effect:
            best[option.item, option.person] = option
    if not best:
        return {}
    import numpy as np  # takes as long as half a page, so only where it is needed
    from scipy.optimize import linear_sum_assignment

    rows = {item: number for number, item in enumerate(dict.fromkeys(items))}
    asked = Counter(person for _item, person in best)
    places = [person for person in sorted(asked) for _one in range(min(capacity[person], asked[person]))]
    columns: dict[int, list[int]] = {}
    for number, person in enumerate(places):
        columns.setdefault(person, []).append(number)
    effects = np.full((len(rows), len(places) + len(rows)), -1.0)  # what may not be is worse than to stay
    effects[:, len(places) :] = 0.0
    for (item, person), option in best.items():
        effects[rows[item], columns[person]] = option.effect
    taken = dict(zip(*(part.tolist() for part in linear_sum_assignment(effects, maximize=True)), strict=True))
    return {item: best[item, places[taken[row]]] for item, row in rows.items() if taken[row] < len(places)}


def _by_programme(
    options: Sequence[Option], capacity: Mapping[int, int], limits: Mapping[str, int | None]
) -> dict[int, Option]:
    """The best assignment where channels are scarce too."""
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array

    most: dict[tuple[str, int | str], int] = {}
    entries: list[tuple[int, int]] = []
    numbers: dict[tuple[str, int | str], int] = {}
    for column, option in enumerate(options):
        ends: list[tuple[tuple[str, int | str], int | None]] = [
            (("item", option.item), 1), (("person", option.person), capacity[option.person]),
            (("channel", option.channel), limits.get(option.channel)),
        ]  # fmt: skip
        for end, limit in ends:
            if limit is not None:
                most[end] = limit
                entries.append((numbers.setdefault(end, len(numbers)), column))
    table = coo_array(
        (np.ones(len(entries)), tuple(np.array(entries).T)), shape=(len(numbers), len(options))
    )
    solved = milp(
        -np.array([float(option.effect) for option in options]), integrality=1, bounds=Bounds(0, 1),
        constraints=LinearConstraint(table.tocsr(), ub=np.array([float(most[end]) for end in numbers])),
        options={"mip_rel_gap": 0.0},
    )  # fmt: skip
    if not solved.success:
        raise RuntimeError(f"The best assignment was not found: {solved.message}")
    return {option.item: option for option, share in zip(options, solved.x, strict=True) if share > 0.5}
