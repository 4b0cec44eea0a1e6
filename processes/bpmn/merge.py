"""Two people changed the same drawing: one drawing with the changes of both.

Elements are the same when their ids are, shapes and edges when they picture the same element, our own settings when
they have the same tag and key. What would be left pointing at nothing is brought back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import Any

from processes.bpmn.errors import BpmnError
from processes.bpmn.merge_language import Drawing
from processes.bpmn.parser import parse
from processes.bpmn.references import issues_of
from processes.bpmn.writer import serialise
from processes.bpmn.xml import BPMN, local, namespace, read, reference, text_of
from processes.marked import word
from processes.merging import MINE, THEIRS, Conflict, Merged
from processes.merging.index import Key
from processes.merging.outside import gathered, merge_outside
from processes.merging.trees import Grown, merge_trees
from processes.merging.writing import put, take_out

_ENDS = {"incoming": "targetRef", "outgoing": "sourceRef"}


def merge(base: str, theirs: str, mine: str, *, prefer: str = THEIRS) -> Merged:
    """One drawing of two that began with `base`. `prefer` ("theirs" or "mine") says whose value stands in a conflict.

    Raises `BpmnError` when one of the three cannot be read.
    """
    if theirs in (base, mine):
        return Merged(mine, (), () if theirs == base else _grown(base, theirs, theirs, prefer, ()).theirs)
    known = _troubles(theirs) | _troubles(mine)
    keep: set[Key] = set()
    while True:
        grown = _grown(base, theirs, mine, prefer, keep)
        lacking = {ref for ref in _dangling(grown.root) if ref not in known}
        found = {("id", ref) for _element, _name, ref in lacking} - keep
        found = {key for key in found if any(key in tree for tree in grown.trees)}
        if not found:
            break
        keep |= found
    text = theirs if mine == base else serialise(grown.root).decode()
    if lacking or not _reads(text):
        return _whole(base, theirs, mine, prefer, grown)
    return Merged(text, gathered(grown.conflicts), grown.theirs)


def _grown(base: str, theirs: str, mine: str, prefer: str, keep: Iterable[Key]) -> Grown:
    trees = [read(text) for text in (base, theirs, mine)]
    _apart(trees)
    pairs = [_listed(tree) for tree in trees]
    faulty = {pair for pair in pairs[1] if not _right(pair, _flows(trees[1]))}
    merge_outside(trees)
    grown = merge_trees(trees, Drawing(), prefer, keep=keep)
    _list_flows(grown.root, pairs, faulty)
    return grown


def _whole(base: str, theirs: str, mine: str, prefer: str, grown: Grown) -> Merged:
    """What both made does not fit together: the text of one of them, and the conflict is about all of it."""
    conflict = Conflict("", word("the whole drawing"), base, theirs, mine)
    return Merged(mine if prefer == MINE else theirs, (conflict,), grown.theirs)


def _reads(text: str) -> bool:
    try:
        parse(text)
    except BpmnError:
        return False
    return True


# --- references -----------------------------------------------------------------------------------------------
def _dangling(root: Any) -> Iterable[tuple[str, str, str]]:
    for issue in issues_of(root):
        if issue.code in ("dangling_reference", "dangling_shape"):
            yield issue.element, str(issue.params.get("attribute", "")), reference(str(issue.params["ref"]))


def _troubles(text: str) -> set[tuple[str, str, str]]:
    """What points at nothing already, before anything is merged."""
    return set(_dangling(read(text)))


def _apart(trees: Sequence[Any]) -> None:
    """Give what mine added another id where they added something of another kind with the same one."""
    before, there, here = (
        {e.get("id"): e for e in tree.iter() if isinstance(e.tag, str) and e.get("id")} for tree in trees
    )
    mine = trees[2]
    taken = {*before, *there, *here}
    for name in [n for n in here if n in there and n not in before and here[n].tag != there[n].tag]:
        new = next(made for number in count(2) if (made := f"{name}_{number}") not in taken)
        taken.add(new)
        for element in (e for e in mine.iter() if isinstance(e.tag, str)):
            for attribute, value in element.attrib.items():
                if value == name and attribute not in ("name", "value", "key"):
                    element.set(attribute, new)
            if (element.text or "").strip() == name and namespace(element) == BPMN and not len(element):
                element.text = new


# --- the lists of flows, which repeat what the flows say --------------------------------------------------------
def _listed(root: Any) -> set[tuple[str, str, str]]:
    return {
        (part.getparent().get("id", ""), tag, reference(text_of(part)))
        for tag in _ENDS for part in root.iter(f"{{{BPMN}}}{tag}") if part.getparent() is not None
    }  # fmt: skip


def _flows(root: Any) -> dict[str, Any]:
    return {flow.get("id", ""): flow for flow in root.iter(f"{{{BPMN}}}sequenceFlow")}


def _list_flows(root: Any, pairs: list[set[tuple[str, str, str]]], faulty: set[tuple[str, str, str]]) -> None:
    """Make the lists of incoming and outgoing flows agree with the flows, for nodes that keep such lists; what was faulty
    before and nobody mended stays as it came."""
    base, theirs, mine = pairs
    flows = _flows(root)
    nodes = {e.get("id"): e for e in root.iter(f"{{{BPMN}}}*") if e.get("id")}
    wanted = {pair for pair in base | theirs | mine if pair in base & theirs & mine or _right(pair, flows)}
    wanted |= {pair for pair in faulty if pair in mine or pair not in base}
    for pair in sorted(_listed(root) - wanted):
        for part in [p for p in nodes[pair[0]] if local(p) == pair[1] and reference(text_of(p)) == pair[2]]:
            take_out(part)
    for node, tag, flow in sorted(wanted - _listed(root)):
        if node in nodes and flow in flows:
            _list(nodes[node], tag, flow)


def _right(pair: tuple[str, str, str], flows: Mapping[str, Any]) -> bool:
    node, tag, flow = pair
    return flow in flows and reference(flows[flow].get(_ENDS[tag])) == node


def _list(node: Any, tag: str, flow: str) -> None:
    before = ("documentation", "extensionElements", "incoming", *(("outgoing",) if tag == "outgoing" else ()))
    at = sum(1 for part in node if local(part) in before)
    part = node.makeelement(f"{{{BPMN}}}{tag}", nsmap=node.nsmap)
    part.text = flow
    put(node, at, part)
