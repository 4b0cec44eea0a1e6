"""The quality of decision tables: gaps, overlaps and rules that never decide, found exactly.

    report = analyse(table, types, names)

Exactly means: the columns' values are cut at every bound that a cell names, so nothing is sampled. Columns that ask
the same expression are one; of different expressions it is not known whether they depend on each other, so a gap may
lie where the inputs never come together. Pure, like all of `processes.dmn`."""

from .analysis import MOST, analyse
from .report import Example, Gap, NotAnalysed, Overlap, Part, Region, Report, Span, Unreachable

__all__ = [
    "MOST", "Example", "Gap", "NotAnalysed", "Overlap", "Part", "Region", "Report", "Span", "Unreachable", "analyse",
]
