"""Two people changed the same decision file: one file with the changes of both.

Tables are merged rule by rule and column by column. A rule that one added gets an empty cell in a column that the
other added; what would be left pointing at nothing is brought back.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lxml import etree

from processes.dmn.errors import DmnError
from processes.dmn.merge_language import CELLS, Tables, columns_of, is_dmn, tag
from processes.dmn.reader import Reader, root_of
from processes.dmn.writer import Document
from processes.marked import word
from processes.merging import MINE, THEIRS, Conflict, Merged
from processes.merging.index import Key
from processes.merging.outside import gathered, merge_outside
from processes.merging.trees import Grown, merge_trees
from processes.merging.writing import put, take_out


def merge(base: str, theirs: str, mine: str, *, prefer: str = THEIRS) -> Merged:
    """One decision file of two that began with `base`. `prefer` ("theirs" or "mine") says whose value stands in a conflict.

    Raises `DmnError` when one of the three cannot be read.
    """
    if theirs in (base, mine):
        return Merged(mine, (), () if theirs == base else _grown(base, theirs, theirs, prefer, ()).theirs)
    known = _dangling(root_of(theirs)) | _dangling(root_of(mine))
    keep: set[Key] = set()
    while True:
        grown = _grown(base, theirs, mine, prefer, keep)
        lacking = _dangling(grown.root) - known
        found = {key for ref in lacking if any((key := ("id", ref)) in tree for tree in grown.trees)} - keep
        if not found:
            break
        keep |= found
    text = theirs if mine == base else _written(grown.root)
    if lacking or not _reads(text):
        conflict = Conflict("", word("the whole file"), base, theirs, mine)
        return Merged(mine if prefer == MINE else theirs, (conflict,), grown.theirs)
    return Merged(text, gathered(grown.conflicts), grown.theirs)


def _grown(base: str, theirs: str, mine: str, prefer: str, keep: Iterable[Key]) -> Grown:
    trees = [root_of(text, whole=True) for text in (base, theirs, mine)]
    for tree in trees:
        Reader(tree)  # refuses what is no decision file
    merge_outside(trees)
    grown = merge_trees(trees, Tables(), prefer, keep=keep)
    names = {id(element): key for key, element in grown.elements.items()}
    for table in [e for e in grown.root.iter() if is_dmn(e) and tag(e) == "decisionTable"]:
        for rule in columns_of(table, "rule"):
            for kind, column in CELLS.items():
                columns = [names.get(id(part)) for part in columns_of(table, column)]
                _row(rule, kind, [grown.elements.get(("cell", names.get(id(rule)), key)) for key in columns])
    return grown


def _written(root: Any) -> str:
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8").decode()


def _reads(text: str) -> bool:
    try:
        Document(text)
    except DmnError:
        return False
    return True


def _dangling(root: Any) -> set[str]:
    """Ids that are referred to within the file and are not in it."""
    there = {element.get("id") for element in root.iter() if isinstance(element.tag, str)}
    meant = {element.get("href", "") for element in root.iter() if isinstance(element.tag, str)}
    return {ref[1:] for ref in meant if ref.startswith("#") and ref[1:] not in there}


def _row(rule: Any, kind: str, cells: list[Any]) -> None:
    """Give a rule one cell for each column, in the order of the columns; notes only as far as there are some."""
    present = columns_of(rule, kind)
    while kind == "annotationEntry" and cells and cells[-1] is None:
        cells.pop()
    if present == cells or any(not any(cell is known for known in cells) for cell in present):
        return  # nothing to do, or more cells than columns: the file came so
    at = rule.index(present[0]) if present else _behind(rule, kind)
    for offset, cell in enumerate(cells):
        part = cell if cell is not None else _empty(rule, kind)
        if part.getparent() is None or rule.index(part) != at + offset:
            take_out(part)
            put(rule, at + offset, part)


def _behind(rule: Any, kind: str) -> int:
    before = ("description", "extensionElements", *list(CELLS)[: list(CELLS).index(kind)])
    return sum(1 for part in rule if tag(part) in before)


def _empty(rule: Any, kind: str) -> Any:
    space = etree.QName(rule).namespace
    found = rule.makeelement(f"{{{space}}}{kind}", nsmap=rule.nsmap)
    etree.SubElement(found, f"{{{space}}}text").text = "-" if kind == "inputEntry" else ""
    return found
