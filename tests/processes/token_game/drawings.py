"""Random drawings: of blocks within blocks, with what may go wrong in them, and without any structure.

`pick(n)` gives a number below n; hypothesis or a seeded generator stands behind it. Every loop goes through a user
task, so no drawing spins by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.processes.sketch import END, Element, error, plain, signal, sketch, sub

Pick = Callable[[int], int]
AND, XOR, OR, FIRST = "parallelGateway", "exclusiveGateway", "inclusiveGateway", "eventBasedGateway"


@dataclass
class Scope:
    """A process or sub-process as it is drawn."""

    paths: list[str] = field(default_factory=list)
    elements: dict[str, Element | str] = field(default_factory=dict)


@dataclass
class Drawing:
    """A drawing, and the variables that its gateways read: by name, whether a list, and of how many ways."""

    bpmn: str
    variables: dict[str, tuple[bool, int]]

    def values(self, pick: Pick) -> dict[str, Any]:
        """Values for all variables."""
        return {
            name: [way for way in range(ways) if pick(2)] if is_list else pick(ways)
            for name, (is_list, ways) in sorted(self.variables.items())
        }


class Sketcher:
    """Draws; `left` is how many elements may still be drawn."""

    def __init__(self, pick: Pick, size: int) -> None:
        self.pick = pick
        self.left = size
        self.count = 0
        self.variables: dict[str, tuple[bool, int]] = {}

    def name(self, kind: str) -> str:
        self.count += 1
        self.left -= 1
        return f"{kind}{self.count}"

    def some(self, odds: int) -> bool:
        """True about once in `odds` times, and false in the simplest case."""
        return self.pick(odds) == odds - 1

    # --- blocks: each gives its first and its last element; no last one when nothing goes on behind it ----------
    def blocks(self) -> Drawing:
        scope = Scope()
        self.process(scope, depth=0)
        return Drawing(sketch(*scope.paths, **scope.elements), self.variables)

    def process(self, scope: Scope, depth: int, *, fails: bool = False) -> None:
        """Start, content, end; one that fails may end in an error instead."""
        first, last = self.row(scope, depth, 1 + self.pick(3))
        scope.paths.append(f"{self.name('Start')} -> {first}")
        if last and fails:
            choice, bad = self.name("C"), self.name("End")
            scope.elements |= {choice: XOR, bad: error("broken")}
            badly, well = self.conditions(XOR, choice, 2)
            scope.paths += [f"{last} -> {choice} {badly} {bad}", f"{choice} {well} {self.name('End')}"]
        elif last:
            scope.paths.append(f"{last} -> {self.name('End')}")

    def row(self, scope: Scope, depth: int, length: int) -> tuple[str, str]:
        """Blocks one after another."""
        first, last = self.block(scope, depth)
        for _more in range(length - 1):
            if not last:
                break
            following, after = self.block(scope, depth)
            scope.paths.append(f"{last} -> {following}")
            last = after
        return first, last

    def block(self, scope: Scope, depth: int) -> tuple[str, str]:
        simple = (self.task, self.note, self.catch)
        kinds = simple if depth > 2 or self.left < 5 else (
            *simple, self.parallel, self.exclusive, self.inclusive, self.first, self.loop, self.guarded, self.inside,
        )  # fmt: skip
        return kinds[self.pick(len(kinds))](scope, depth)

    def task(self, _scope: Scope, _depth: int) -> tuple[str, str]:
        name = self.name("A")
        return name, name

    def note(self, scope: Scope, _depth: int) -> tuple[str, str]:
        name = self.name("T")
        scope.elements[name] = "task"
        return name, name

    def catch(self, scope: Scope, _depth: int) -> tuple[str, str]:
        name = self.name("E")
        scope.elements[name] = signal(name)
        return name, name

    def ways(self, scope: Scope, depth: int, split: str, join: str, arrows: list[str]) -> int:
        """Branches between two gateways; a branch may also end by itself. Gives how many come to the join."""
        come = 0
        for arrow in arrows:
            first, last = self.row(scope, depth + 1, 1 + self.pick(2))
            scope.paths.append(f"{split} {arrow} {first}")
            if not last:
                continue
            if self.some(6):
                self.an_end(scope, last, depth)
            else:
                scope.paths.append(f"{last} -> {join}")
                come += 1
        return come

    def an_end(self, scope: Scope, last: str, depth: int) -> None:
        end = self.name("End")
        if self.some(2):
            scope.elements[end] = plain("terminate", END) if depth < 1 or self.some(2) else error("broken")
        scope.paths.append(f"{last} -> {end}")

    def split(self, scope: Scope, depth: int, kind: str, joins: tuple[str, ...]) -> tuple[str, str]:
        split, join = self.name("F"), self.name("J")
        ways = 2 + self.pick(2)
        scope.elements[split] = kind
        scope.elements[join] = joins[self.pick(len(joins))] if self.some(6) else joins[0]
        arrows = ["->"] * ways if kind == AND else self.conditions(kind, split, ways)
        return split, join if self.ways(scope, depth, split, join, arrows) else self.bare(scope, join)

    @staticmethod
    def bare(scope: Scope, join: str) -> str:
        """A join that nothing comes to is not drawn."""
        del scope.elements[join]
        return ""

    def conditions(self, kind: str, split: str, ways: int) -> list[str]:
        variable = f"v_{split}"
        self.variables[variable] = (kind == OR, ways)
        test = "list contains({v}, {n})" if kind == OR else "{v} <= {n}"
        return [f"-{{{test.format(v=variable, n=n)}}}->" for n in range(ways - 1)] + ["-else->"]

    def parallel(self, scope: Scope, depth: int) -> tuple[str, str]:
        return self.split(scope, depth, AND, (AND, OR, XOR))

    def exclusive(self, scope: Scope, depth: int) -> tuple[str, str]:
        return self.split(scope, depth, XOR, (XOR, OR, AND))

    def inclusive(self, scope: Scope, depth: int) -> tuple[str, str]:
        return self.split(scope, depth, OR, (OR, XOR, AND))

    def first(self, scope: Scope, depth: int) -> tuple[str, str]:
        gateway, join = self.name("F"), self.name("J")
        scope.elements |= {gateway: FIRST, join: XOR}
        for _way in range(2):
            event, _same = self.catch(scope, depth)
            first, last = self.row(scope, depth + 1, 1)
            scope.paths.append(f"{gateway} -> {event} -> {first}")
            scope.paths += [f"{last} -> {join}"] if last else []
        return gateway, join if any(path.endswith(f"-> {join}") for path in scope.paths) else self.bare(scope, join)

    def loop(self, scope: Scope, depth: int) -> tuple[str, str]:
        merge, choice = self.name("M"), self.name("C")
        scope.elements |= {merge: XOR, choice: XOR}
        task, _same = self.task(scope, depth)
        first, last = self.row(scope, depth + 1, 1)
        scope.paths.append(f"{merge} -> {task} -> {first}")
        if not last:
            del scope.elements[choice]
            return merge, ""
        again, onward = self.conditions(XOR, choice, 2)
        out, _same = self.note(scope, depth)
        scope.paths += [f"{last} -> {choice} {again} {merge}", f"{choice} {onward} {out}"]
        return merge, out

    def guarded(self, scope: Scope, depth: int) -> tuple[str, str]:
        task, _same = self.task(scope, depth)
        return task, self.borders(scope, depth, task)

    def borders(self, scope: Scope, depth: int, host: str, *, fails: bool = False) -> str:
        """Events on the border of an activity, and where they lead; gives the last element of the block."""
        merge = self.name("M")
        scope.elements[merge] = XOR
        scope.paths.append(f"{host} -> {merge}")
        for number in range(1 + self.pick(2)):
            event = self.name("B")
            if fails and number == 0:
                scope.elements[event] = error("broken", "boundaryEvent", on=host)
            else:
                scope.elements[event] = signal(event, "boundaryEvent", on=host, beside=bool(self.pick(2)))
            first, last = self.row(scope, depth + 1, 1)
            scope.paths.append(f"{event} -> {first}")
            if last and self.some(2):
                scope.paths.append(f"{last} -> {merge}")
            elif last:
                self.an_end(scope, last, 0)
        return merge

    def inside(self, scope: Scope, depth: int) -> tuple[str, str]:
        inner, fails = Scope(), self.some(2)
        self.process(inner, depth + 1, fails=fails)
        name = self.name("S")
        scope.elements[name] = sub(*inner.paths, **inner.elements)
        return name, self.borders(scope, depth, name, fails=fails) if fails or self.some(2) else name

    # --- without structure -----------------------------------------------------------------------------------------
    def tangle(self) -> Drawing:
        """Any nodes with any flows forward, and flows back from choices to tasks that wait."""
        size = 4 + self.pick(5)
        kinds = ["userTask", *(("userTask", "task", XOR, AND, OR)[self.pick(5)] for _node in range(size - 1))]
        names = [f"N{at}" for at in range(size)]
        flows: dict[str, list[str]] = {name: [] for name in names}
        for at in range(1, size):
            flows[names[self.pick(at)]].append(names[at])  # each is reached
        for _more in range(self.pick(size)):
            source = self.pick(size - 1)
            target = names[source + 1 + self.pick(size - source - 1)]
            if target not in flows[names[source]]:
                flows[names[source]].append(target)
        for at, name in enumerate(names):
            back = names[self.pick(at)] if at and kinds[at] == XOR and self.some(3) else ""
            if back and kinds[names.index(back)] == "userTask" and back not in flows[name]:
                flows[name].append(back)
            if not flows[name] or flows[name] == [back]:
                flows[name].append(f"End{at}")
        paths = [f"Start -> {names[0]}"]
        for name, kind in zip(names, kinds, strict=True):
            several = len(flows[name]) > 1 and kind in (XOR, OR)
            arrows = self.conditions(kind, name, len(flows[name])) if several else ["->"] * len(flows[name])
            paths += [f"{name} {arrow} {target}" for arrow, target in zip(arrows, flows[name], strict=True)]
        return Drawing(sketch(*paths, **dict(zip(names, kinds, strict=True))), self.variables)


def drawing(pick: Pick, size: int = 24) -> Drawing:
    """Any drawing."""
    sketcher = Sketcher(pick, size)
    return sketcher.tangle() if pick(3) == 2 else sketcher.blocks()
