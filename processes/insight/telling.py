"""A replay told as plain text, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from processes.catalog.models import DecisionVersion
from processes.insight.deciding import CHANGED, SAME, UNDECIDED, UNREPRODUCED
from processes.insight.selectors import GroupFigures, OutputFigures, groups_said, outputs_said, words_of
from processes.insight.tally import Tally

MOST = 12
"""Lines told of each output and of each group; the rest is in the CSV file."""


def told_of(tally: Tally, *versions: DecisionVersion) -> Iterator[str]:
    """The lines of the figures of a replay between versions."""
    counts = tally.counts
    yield (
        f"{tally.total} decisions taken again: {counts[SAME]} the same, {counts[CHANGED]} otherwise,"
        f" {counts[UNDECIDED]} cannot be decided, {counts[UNREPRODUCED]} do not come out as they were recorded."
    )
    for output in outputs_said(tally, *words_of(*versions)):
        yield from _output(output)
    for group in groups_said(tally):
        yield from _group(group)


def _output(output: OutputFigures) -> Iterator[str]:
    changed = [move for move in output.moves if move.changed]
    if not changed:
        return
    yield f"{output.label}: {sum(move.count for move in changed)} otherwise"
    for move in changed[:MOST]:
        yield f"  {move.count:>8}  {move.before} → {move.after}"
    if len(changed) > MOST:
        yield f"  {sum(move.count for move in changed[MOST:]):>8}  in {len(changed) - MOST} other ways"
    if output.mean_before is not None and output.mean_after is not None:
        yield (
            f"  on average {_short(output.mean_before)} before, {_short(output.mean_after)} after;"
            f" {output.higher} higher, {output.lower} lower"
        )


def _group(group: GroupFigures) -> Iterator[str]:
    touched = [share for share in group.shares if share.changed or share.undecided]
    if not touched:
        return
    yield f"By {group.label}:"
    for share in touched[:MOST]:
        rest = f", {share.undecided} cannot be decided" if share.undecided else ""
        yield f"  {share.label}: {share.changed} of {share.total} otherwise ({share.share:.1%}){rest}"
    if len(touched) > MOST:
        yield f"  and {len(touched) - MOST} more"


def _short(number: Decimal) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
