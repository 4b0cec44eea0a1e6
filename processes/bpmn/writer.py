"""From a model back to XML, without loss.

A model carries the document it was read from, so writing gives back every element, comment, processing
instruction, foreign attribute and the diagram. An edit (see `processes.bpmn.edit`) changes that document and
reads it again; hence model and document never disagree.
"""

from __future__ import annotations

import io

from lxml import etree

from processes.bpmn.model import Model
from processes.bpmn.parser import tree_of
from processes.bpmn.xml import Element


def write(model: Model) -> bytes:
    """The model as a UTF-8 XML document; equal to what was read in canonical form (C14N with comments)."""
    return serialise(tree_of(model))


def serialise(root: Element) -> bytes:
    """A tree as a UTF-8 document with its declaration, and the comments before and after the root."""
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")


def canonical(xml: bytes | Model) -> bytes:
    """The document in canonical form (W3C Canonical XML 1.0, with comments), to compare by."""
    root = tree_of(xml) if isinstance(xml, Model) else tree_of(Model(source=xml))
    out = io.BytesIO()
    root.getroottree().write_c14n(out, with_comments=True)
    return out.getvalue()
