"""Names of flow classes and of their nodes: the only place that maps BPMN ids to Python names and back.

A BPMN id is free text of up to 300 characters; a node is an attribute of a class, must not shadow Viewflow's
own attributes, and its whole reference must fit in a column of 255. So a node's name is `n_`, a readable
rest of the id, and, where that rest is not the id itself, a hash of the id. The map is injective up to
collisions of a 64-bit hash; `node_names` refuses those.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import blake2b

_FLOW = re.compile(r"(.+)_v(\d+)\Z")
_PLAIN = re.compile(r"[A-Za-z0-9_]{1,60}\Z")
_OTHER = re.compile(r"[^A-Za-z0-9]+")
_READABLE = 40

MODULE = "processes.compiler.flows"
"""The module in which flow classes are found; its path stands in stored references and is final."""


def flow_name(key: str, number: int) -> str:
    """The name of the class of a version: `complaint_handling_v3`."""
    return f"{key}_v{number}"


def parse_flow_name(name: str) -> tuple[str, int] | None:
    """Key and number that a class name stands for; None when it is not the name of a version."""
    match = _FLOW.match(name)
    return (match[1], int(match[2])) if match else None


def flow_path(key: str, number: int) -> str:
    """The dotted path under which the class of a version can be imported."""
    return f"{MODULE}.{flow_name(key, number)}"


def node_name(element_id: str) -> str:
    """The attribute name of an element's node. Names that carry a hash end in `_h` and 16 hex digits, so a
    plain id that looks like one is hashed as well."""
    if _PLAIN.match(element_id) and not re.search(r"_h[0-9a-f]{16}\Z", element_id):
        return f"n_{element_id}_n"
    readable = _OTHER.sub("_", element_id).strip("_")[:_READABLE]
    digest = blake2b(element_id.encode(), digest_size=8).hexdigest()
    return f"n_{readable}_h{digest}"


def node_names(element_ids: Iterable[str]) -> dict[str, str]:
    """Names for all elements of a drawing, by id; ValueError should two of them come out alike."""
    names = {element: node_name(element) for element in element_ids}
    if len(set(names.values())) != len(names):
        raise ValueError("Two elements of this drawing get the same internal name. Change one of their ids.")
    return names
