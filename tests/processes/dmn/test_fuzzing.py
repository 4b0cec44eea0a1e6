"""Whatever the file: a decision model is read and evaluated, or refused with a DmnError, and nothing else. Files are the
shipped ones with something changed. `python -m tests.processes.dmn.test_fuzzing SEED` runs one case again."""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections import Counter
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from lxml import etree

from processes.dmn import DmnError, load
from processes.feel import Limits
from tests.processes.feel.grammar import Grammar
from tests.processes.feel.test_fuzzing import MARGIN, Stuck, watched
from tests.processes.feel.traps import Record, Touched, Untouchable

FOLDER = Path(__file__).resolve().parents[3] / "fixtures" / "processes"
FILES = sorted(FOLDER.glob("*/*.dmn"))
TIGHT = Limits(steps=10_000, items=2_000, text=50_000, regex_seconds=0.02, seconds=1.0)
READING = 5.0
"""Seconds of processor time in which a file must be read, refused or not; the largest shipped one takes 0.2."""

ATTRIBUTES = ("typeRef", "hitPolicy", "aggregation", "href", "id", "name", "isCollection", "kind", "namespace", "label", "iteratorVariable", "outputTypeRef")
VALUES = ("", "string", "number", "tNope", "COLLECT", "PRIORITY", "OUTPUT ORDER", "SUM", "#nowhere", "urn:x#y", "true", "Java", "date and time", "feel:number", "{urn:x}number", "a b", "客户", "\U0001f600")
ENTITIES = b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>'
BOXES = (
    "<literalExpression><text>1 + </text></literalExpression>", "<context><contextEntry><variable name='x'/><literalExpression><text>x</text></literalExpression></contextEntry></context>",
    "<relation><column name='a'/><row><literalExpression><text>1</text></literalExpression></row></relation>", "<list/>", "<invocation/>", "<functionDefinition kind='PMML'/>", "<conditional/>",
    "<filter><in><literalExpression><text>[1, 2]</text></literalExpression></in><match><literalExpression><text>item &gt; 1</text></literalExpression></match></filter>",
    "<for iteratorVariable='i'><in><literalExpression><text>1..3</text></literalExpression></in><return><literalExpression><text>i</text></literalExpression></return></for>", "<some/>", "<every/>",
    "<decisionTable/>", "<decisionTable hitPolicy='COLLECT' aggregation='MAX'><input/><output/><rule/></decisionTable>",
)  # fmt: skip


def _elements(root: Any) -> list[Any]:
    return [element for element in root.iter() if isinstance(element.tag, str)]


def _tree(chance: Random, xml: bytes) -> bytes:
    """A file with elements left out, repeated, moved, renamed, rewritten or put in."""
    root = etree.fromstring(xml)
    space = etree.QName(root).namespace
    for _ in range(chance.choice((1, 1, 2, 3, 6))):
        elements = _elements(root)
        element, other = chance.choice(elements), chance.choice(elements)
        way = chance.randrange(9)
        if way == 0 and element is not root:
            element.getparent().remove(element)
        elif way == 1 and element is not root:
            element.addnext(etree.fromstring(etree.tostring(element, with_tail=False)))
        elif way == 2 and element is not root and other is not element and other not in element.iter():
            other.append(element)
        elif way == 3:
            element.set(chance.choice(ATTRIBUTES), chance.choice((*VALUES, *(found.get("id", "") for found in chance.choices(elements, k=3)), "#" + other.get("id", ""))))
        elif way == 4 and element.attrib:
            del element.attrib[chance.choice(sorted(element.attrib))]
        elif way == 5:
            element.tag = other.tag
        elif way == 6:
            box = etree.fromstring(f"<x xmlns='{space}'>{chance.choice(BOXES)}</x>")[0]
            element.append(box)
        else:
            texts = [found for found in elements if etree.QName(found).localname == "text"]
            if texts:
                words, _tests = Grammar(chance, 25).text()
                chance.choice(texts).text = "".join(sign for sign in words if sign >= " " and not "\ud800" <= sign <= "\udfff" and sign < "\ufffe")
    return bytes(etree.tostring(root))


def _bytes(chance: Random, xml: bytes) -> bytes | str:
    """A file with bytes changed, cut, repeated, or said to be in another encoding."""
    way = chance.randrange(7)
    at = chance.randrange(len(xml))
    if way == 0:
        return xml[:at]
    if way == 1:
        return xml[:at] + bytes(chance.randrange(256) for _ in range(chance.randint(1, 4))) + xml[at + 2 :]
    if way == 2:
        return ENTITIES + xml.partition(b"?>")[2].replace(b"<text>", chance.choice((b"<text>&b;", b"<text>&x;", b"<text>&nope;")), 1)
    if way == 3:
        return xml.decode()[:at] + chance.choice(("\ud800", "\x00", "\ufffe", "]]>", "<![CDATA[", "<!-- -- -->", "<?x?>", "&#0;", "&#x110000;")) + xml.decode()[at:]
    if way == 4:
        return b"<?xml version='1.0' encoding='" + chance.choice((b"utf-16", b"latin-1", b"nope", b"utf-7", b"ebcdic-cp-us")) + b"'?>" + xml.partition(b"?>")[2]
    if way == 5:
        depth = chance.choice((50, 99, 101, 250, 3000))
        name = chance.choice((b"list", b"itemComponent", b"context", b"conditional", b"x"))
        return xml.replace(b"</decision>", b"<" + name + b">" * 1 + (b"<" + name + b">") * depth + (b"</" + name + b">") * (depth + 1) + b"</decision>", 1)
    return chance.choice((b"", b"<", b"<x/>", "<definitions/>", b"\xff\xfe", b"\x00" * 50, b"PK\x03\x04", xml + xml))


def value(chance: Random, kind: str, allowed: str) -> Any:
    """An input, right or wrong."""
    if chance.random() < 0.5:
        if kind == "number":
            return chance.choice((0, 1, -5, Decimal("1000.5"), 10**9, 3.5))
        if allowed and '"' in allowed:
            return chance.choice(allowed.split('"')[1::2])
    record = Record(name="x", amount=Decimal(3))
    return chance.choice((
        None, "", "open", True, 7, Decimal("NaN"), Decimal("1E+99999"), dt.date(2026, 1, 1), dt.timedelta(days=3), [], [1, "a"], record, [record], {"a": Untouchable()}, Untouchable(),
    ))  # fmt: skip


def case(seed: int) -> bytes | str:
    """The file of a seed."""
    chance = Random(seed)
    xml = chance.choice(FILES).read_bytes()
    return _bytes(chance, xml) if chance.random() < 0.2 else _tree(chance, xml)


def judged(seed: int, xml: bytes | str) -> str:
    """How a case ended: refused, or with how many decisions. Anything else is raised."""
    chance = Random(seed)
    began = time.thread_time()
    try:
        decisions = load(xml)
        infos = decisions.decisions
    except DmnError as refusal:
        ended, message = "refused", str(refusal.message)
        assert message
        return ended
    finally:
        took = time.thread_time() - began
        assert took < READING, f"reading took {took:.1f} s"
    for info in infos:
        inputs = {item.name: value(chance, item.type, item.allowed) for item in info.inputs if chance.random() < 0.9}
        began = time.thread_time()
        result = None
        try:
            result = decisions.evaluate(info.id or info.name, inputs, limits=TIGHT)
        except DmnError as refusal:
            message = str(refusal.message)
        took = time.thread_time() - began
        assert took < TIGHT.seconds + MARGIN, f"evaluating took {took:.1f} s"
        assert all(str(diagnostic) for diagnostic in result.diagnostics) if result else message
    return "evaluated" if infos else "empty"


def run(seeds: range) -> Counter[str]:
    """Runs the cases; the first that fails is told with its seed."""
    ends: Counter[str] = Counter()
    for seed in seeds:
        try:
            with watched():
                ends[judged(seed, case(seed))] += 1
        except (Exception, Touched, Stuck) as failure:
            pytest.fail(f"{type(failure).__name__}: {failure}\nagain: python -m tests.processes.dmn.test_fuzzing {seed}")
    return ends


def test_some_changed_files_are_read_or_refused():
    ends = run(range(150))
    assert ends["evaluated"] > 20
    assert ends["refused"] > 20


@pytest.mark.long
@pytest.mark.parametrize("block", range(10))
def test_10_000_changed_files_are_read_or_refused(block):
    assert sum(run(range(block * 1000, (block + 1) * 1000)).values()) == 1000


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        print(dict(run(range(int(argument), int(argument) + 1))))
