"""Reading XML from strangers: no entities, no network, no DOCTYPE, bounded size and depth, any encoding.

The text is decoded here and not by libxml2, so that a wrong encoding gives a sentence, and so that a DOCTYPE
is seen (and refused) before any XML parser looks at it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from functools import lru_cache

from lxml import etree

from processes.bpmn.errors import BpmnError
from processes.bpmn.extensions import NAMESPACE
from processes.marked import say

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
OURS = NAMESPACE
CAMUNDA = ("http://camunda.org/schema/1.0/bpmn", "http://activiti.org/bpmn")

MAX_BYTES = 10 * 1024 * 1024
MAX_DEPTH = 200

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._\-]+)["']""")
_KNOWN = re.compile(
    r"(?i)^(utf-?8|utf-?16|utf-?32|us-ascii|ascii|gb|hz|big5|iso|latin|windows|cp|shift|sjis|euc|koi8|mac)"
)
_DECLARATION = re.compile(r"^\s*<\?xml\b.*?\?>", re.DOTALL)
_PROLOG = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)

Element = etree._Element


def read(xml: bytes | str, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Element:
    """Parse a document to its root element, or raise `BpmnError` saying why it was refused.

    `max_bytes` bounds the file as given, `max_depth` the nesting of its elements.
    """
    text = _decoded(xml, max_bytes)
    body = _DECLARATION.sub(lambda m: "\n" * m.group().count("\n"), text, count=1)
    at = 0
    while found := _PROLOG.match(body, at):
        at = found.end()
    if body.startswith("<!DOCTYPE", at):
        raise BpmnError(
            "doctype", say("The file begins with a DOCTYPE, which is refused for safety. Take it out, try again.")
        )
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=False, remove_pis=False, strip_cdata=False, encoding="utf-8",
    )  # fmt: skip
    try:
        root = etree.fromstring(body.encode("utf-8"), parser)
    except UnicodeEncodeError as error:
        raise BpmnError("encoding", say("The text holds half of a character (a lone surrogate). Take it out and try again.")) from error
    except etree.XMLSyntaxError as error:
        raise _refused(error) from error
    _bounded(root, max_depth)
    return root


def _decoded(xml: bytes | str, max_bytes: int) -> str:
    size = len(xml) if isinstance(xml, bytes) else len(xml.encode("utf-8", "surrogatepass"))
    if size > max_bytes:
        raise BpmnError(
            "too_large",
            say("The file has %(size)s bytes; at most %(most)s are read. Split the drawing.", size=f"{size:,}", most=f"{max_bytes:,}"),
        )
    if isinstance(xml, str):
        return xml.removeprefix("\ufeff")
    encoding = _encoding_of(xml)
    try:
        return xml.decode(encoding).removeprefix("\ufeff")
    except (UnicodeError, LookupError) as error:
        raise BpmnError(
            "encoding",
            say("The file says that it is written in %(encoding)s, but it is not. Save it as UTF-8 and try again.", encoding=encoding),
        ) from error


def _encoding_of(xml: bytes) -> str:
    for mark, name in _BOMS:
        if xml.startswith(mark):
            return name
    if xml.startswith(b"<\x00"):
        return "utf-16-le"
    if xml.startswith(b"\x00<"):
        return "utf-16-be"
    declared = _DECLARED.match(xml[:400])
    if declared is None:
        return "utf-8"
    name = declared.group(1).decode("ascii")
    if not _KNOWN.match(name):
        raise BpmnError("encoding", say("The file’s encoding %(name)s is not known here. Save it as UTF-8.", name=name))
    # a byte file that could be read this far is not UTF-16, whatever it says
    return "utf-8" if name.lower().startswith(("utf-16", "utf16")) else name


def _refused(error: etree.XMLSyntaxError) -> BpmnError:
    text = (error.msg or "").split(", line")[0]
    line = error.lineno or 0
    if "xcessive depth" in text or "maximum depth" in text.lower():
        return BpmnError("too_deep", say("The file is nested too deeply to be read. Move inner parts into processes of their own."), line=line)
    return BpmnError("not_well_formed", say("The file is not well-formed XML: %(text)s (line %(line)s).", text=text, line=line), line=line)


def _bounded(root: Element, max_depth: int) -> None:
    depth = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > max_depth:
            raise BpmnError("too_deep", say("The file is nested too deeply to be read. Move inner parts into processes of their own."), line=line_of(element))


def as_bytes(text: str) -> bytes:
    """A document given as text, as UTF-8 bytes whose declaration says so."""
    declaration = _DECLARATION.match(text)
    if declaration is None:
        return text.encode("utf-8")
    said = re.sub(r"""\s+encoding\s*=\s*["'][^"']*["']""", ' encoding="UTF-8"', declaration.group())
    return (said.lstrip() + text[declaration.end() :]).encode("utf-8")


@lru_cache(maxsize=4096)
def _names(tag: str) -> tuple[str, str]:
    """Namespace and local name of a tag; a file has a few dozen, and they are asked for all the time."""
    space, _brace, name = tag.rpartition("}")
    return space[1:], name


def local(element: Element) -> str:
    """The tag of an element without its namespace; "" for comments and processing instructions."""
    tag = element.tag
    return _names(tag)[1] if isinstance(tag, str) else ""


def namespace(element: Element) -> str:
    """The namespace of an element; "" for comments, processing instructions and elements without one."""
    tag = element.tag
    return _names(tag)[0] if isinstance(tag, str) else ""


def children(element: Element, *tags: str, space: str = BPMN) -> Iterator[Element]:
    """The child elements of one namespace, all or those with one of the given tags."""
    for child in element:
        tag = child.tag
        if isinstance(tag, str):
            its, name = _names(tag)
            if its == space and (not tags or name in tags):
                yield child


def child(element: Element, tag: str, space: str = BPMN) -> Element | None:
    """The first such child element, or None."""
    return next(children(element, tag, space=space), None)


def text_of(element: Element | None) -> str:
    """The whole text inside an element, stripped."""
    return "" if element is None else "".join(str(part) for part in element.itertext()).strip()


def line_of(element: Element) -> int:
    """The line of an element in the file, 0 when unknown."""
    line = element.sourceline
    return line if isinstance(line, int) else 0


def reference(text: str | None) -> str:
    """The id meant by a QName: ids hold no colon, so a prefix is cut off."""
    return (text or "").strip().rpartition(":")[2]


def flag(element: Element, name: str, default: bool) -> bool:
    """An xsd:boolean attribute."""
    value = element.get(name)
    return default if value is None else value.strip() in ("true", "1")


def number(element: Element, name: str) -> int | None:
    """An xsd:integer attribute, None when absent or not a number (lint says so)."""
    value = (element.get(name) or "").strip()
    return int(value) if re.fullmatch(r"[+-]?\d{1,18}", value) else None
