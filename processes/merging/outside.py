"""What stands around the tree: comments before and after the root; and conflicts told once each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from typing import Any

from lxml import etree

from processes.merging import Conflict


def merge_outside(trees: Sequence[Any]) -> None:
    """Bring comments that mine added around the root to theirs, and take away those it took out."""
    theirs = trees[1]
    was, yours, ours = ({str(etree.tostring(part, with_tail=False)): (part, ahead) for part, ahead in _around(root)} for root in trees)
    for text, (part, ahead) in ours.items():
        if text not in was and text not in yours:
            (theirs.addprevious if ahead else theirs.addnext)(deepcopy(part))
    for text, (part, _ahead) in yours.items():
        if text in was and text not in ours:
            _drop(theirs, part)


def _around(root: Any) -> Iterator[tuple[Any, bool]]:
    for ahead, step in ((True, "getprevious"), (False, "getnext")):
        part = getattr(root, step)()
        while part is not None:
            yield part, ahead
            part = getattr(part, step)()


def _drop(root: Any, part: Any) -> None:
    # a part beside the root has no parent to be removed from: it is moved into the root, and taken out of there
    part.tail = None
    root.append(part)
    root.remove(part)


def gathered(conflicts: Iterable[Conflict]) -> tuple[Conflict, ...]:
    """The conflicts, those of one thing told as one."""
    found: dict[tuple[str, str], Conflict] = {}
    for one in conflicts:
        known = found.get((one.element, one.what))
        if known is None:
            found[one.element, one.what] = one
        elif known != one:
            sides = [
                ", ".join(filter(None, (getattr(known, side), getattr(one, side)))) for side in ("base", "theirs", "mine")
            ]
            found[one.element, one.what] = Conflict(one.element, one.what, *sides)
    return tuple(found.values())
