"""Making a net smaller without losing what can go wrong in it (after Murata 1989, section VI).

What only passes tokens on is taken into the place before it; ways that lead to the same are taken once; branches
that begin and end together become one; a way back that changes nothing is left out. What a drawing has of
well-formed blocks is gone after that, however many branches they have, and what is left is looked at state by state.
"""

from __future__ import annotations

from dataclasses import replace

from processes.lint.net import ALL, ANY, EACH, SOME, Net, Outcome, Place, Transition


def reduce(net: Net) -> Net:
    """Reduce a net, in place, until no rule applies. Gives the net."""
    work = _Reduction(net)
    while any([work.alike(), work.ways_back(), work.branches(), work.chains()]):
        pass
    return net


class _Reduction:
    def __init__(self, net: Net) -> None:
        self.net = net
        self.begun = {place for begin in net.beginnings for place in begin}
        self.consumer = {place: t for t in net.transitions.values() for place in t.takes}
        self.producers: dict[str, set[str]] = {}
        for t in net.transitions.values():
            self._note(t)

    def _note(self, t: Transition) -> None:
        for outcome in t.outcomes:
            for place in outcome.lays:
                self.producers.setdefault(place, set()).add(t.node)

    def _made_only_by(self, place: str, t: Transition) -> bool:
        return place not in self.begun and self.producers.get(place) == {t.node}

    # --- what only passes on ----------------------------------------------------------------------------------
    def chains(self) -> bool:
        """A node with one way in and one way out becomes part of the place before it."""
        moved = False
        for t in list(self.net.transitions.values()):
            if len(t.takes) != 1 or t.quantity != 1 or len(t.outcomes) != 1 or t.outcomes[0].clears:
                continue
            before, lays = t.takes[0], t.outcomes[0].lays
            if len(lays) != 1 or lays[0] == before or not self._made_only_by(lays[0], t):
                continue
            after = lays[0]
            follower = self.consumer.get(after)
            if follower is None or follower is t:
                continue
            self._take_in(self.net.places[before], t, self.net.places[after])
            follower.takes = [before if place == after else place for place in follower.takes]
            self.consumer[before] = follower
            del self.net.transitions[t.node], self.net.places[after], self.consumer[after], self.producers[after]
            moved = True
        return moved

    @staticmethod
    def _take_in(place: Place, t: Transition, after: Place) -> None:
        place.passes = (*place.passes, t.node, *t.outcomes[0].via, *after.passes)
        place.covers |= t.covers | after.covers

    # --- ways that lead to the same ---------------------------------------------------------------------------
    def alike(self) -> bool:
        """Of a node's outcomes that lay the same, one is enough."""
        moved = False
        for t in self.net.transitions.values():
            kept: dict[tuple[tuple[str, ...], bool, str], Outcome] = {}
            for outcome in t.outcomes:
                known = kept.setdefault((tuple(sorted(outcome.lays)), outcome.clears, outcome.error), outcome)
                if known is not outcome:
                    t.covers.update(outcome.via)
            if len(kept) < len(t.outcomes):
                t.outcomes = list(kept.values())
                moved = True
        return moved

    def ways_back(self) -> bool:
        """An outcome after which everything is as it was before changes nothing."""
        moved = False
        for t in self.net.transitions.values():
            if len(t.takes) != 1 or t.quantity != 1 or t.mode == SOME:
                continue
            for outcome in list(t.outcomes):
                if len(t.outcomes) > 1 and self._leads_back(t, outcome):
                    t.outcomes.remove(outcome)
                    t.covers.update(outcome.via)
                    self._forget(outcome.lays[0], t)
                    moved = True
        return moved

    def _leads_back(self, t: Transition, outcome: Outcome) -> bool:
        if len(outcome.lays) != 1 or outcome.clears:
            return False
        place = outcome.lays[0]
        if place == t.takes[0]:
            return True
        merge = self.consumer.get(place)
        return (
            merge is not None
            and self._made_only_by(place, t)
            and sum(place in other.lays for other in t.outcomes) == 1
            and (merge.mode, merge.quantity, len(merge.outcomes)) == (EACH, 1, 1)
            and merge.outcomes[0].lays == (t.takes[0],)
            and not merge.outcomes[0].clears
            and len(merge.takes) > 1
        )

    def _forget(self, place: str, t: Transition) -> None:
        if place == t.takes[0]:
            if not any(place in outcome.lays for outcome in t.outcomes):
                self.producers[place].discard(t.node)
            return
        gone = self.net.places.pop(place)
        merge = self.consumer.pop(place)
        merge.takes.remove(place)
        del self.producers[place]
        t.covers.update((*gone.passes, *gone.covers))

    # --- branches that begin and end together -------------------------------------------------------------------
    def branches(self) -> bool:
        """Two places between the same two nodes become one where that cannot matter."""
        moved = False
        for t in self.net.transitions.values():
            laid = list(dict.fromkeys(place for outcome in t.outcomes for place in outcome.lays))
            for at, one in enumerate(laid):
                for other in laid[at + 1 :]:
                    if one in self.consumer and other in self.consumer and self._become_one(t, one, other):
                        moved = True
        return moved

    def _become_one(self, t: Transition, one: str, other: str) -> bool:
        end = self.consumer[one]
        if end is not self.consumer[other] or end is t or end.mode == SOME or end.quantity != 1:
            return False
        if not (self._made_only_by(one, t) and self._made_only_by(other, t)):
            return False
        counts = [(o.lays.count(one), o.lays.count(other)) for o in t.outcomes]
        if any(max(pair) > 1 for pair in counts):
            return False
        if end.mode == EACH and any(a and b for a, b in counts):
            return False  # both at once: what is behind runs twice
        if end.mode == ALL and any(a != b for a, b in counts):
            return False  # one without the other: the join waits
        self._merge(t, end, one, other)
        return True

    def _merge(self, t: Transition, end: Transition, one: str, other: str) -> None:
        kept, gone = self.net.places[one], self.net.places.pop(other)
        if end.mode == ALL:
            kept.passes += gone.passes
        else:
            kept.covers.update(gone.passes)
        kept.covers |= gone.covers
        t.outcomes = [replace(o, lays=_with_one(o.lays, one, other)) for o in t.outcomes]
        end.takes.remove(other)
        if len(end.takes) == 1 and end.mode in (ALL, ANY):
            end.mode = EACH
        del self.consumer[other], self.producers[other]


def _with_one(lays: tuple[str, ...], one: str, other: str) -> tuple[str, ...]:
    if other not in lays:
        return lays
    rest = tuple(place for place in lays if place != other)
    return rest if one in rest else (*rest, one)
