"""Runs cases of the DMN TCK (github.com/dmn-tck/tck, Apache 2.0) against processes.dmn.

The cases are outside data: folders compliance-level-2 and -3, each case a .dmn and -test-NN.xml files. Counted per
result node. `0076-feel-external-java` asks for Java and is left out of the totals.

    python -m tests.conformance.dmn_tck FOLDER
"""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from lxml import etree

from processes.dmn import DmnError, load
from processes.feel import from_json
from processes.feel.values import admit, equal, kind

LEFT_OUT = frozenset({"0076-feel-external-java"})
SECONDS_PER_CASE = 10
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_KINDS = {"date": "date", "time": "time", "dateTime": "date and time", "duration": "duration",
          "dayTimeDuration": "duration", "yearMonthDuration": "duration"}
_NUMBERS = frozenset({"decimal", "double", "float", "integer", "int", "long", "short"})


def _local(element: Any) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _children(element: Any, name: str) -> list[Any]:
    return [child for child in element if _local(child) == name]


def _value(element: Any) -> Any:
    """The FEEL value that an element of a test case describes by value, list or component children."""
    components = _children(element, "component")
    if components:
        return {child.get("name"): _value(child) for child in components}
    lists = _children(element, "list")
    if lists:
        return [] if lists[0].get(_NIL) == "true" else [_value(item) for item in _children(lists[0], "item")]
    values = _children(element, "value")
    return _simple(values[0]) if values else None


def _simple(element: Any) -> Any:
    if element.get(_NIL) == "true":
        return None
    text = "".join(element.itertext())
    of = element.get(_TYPE, "").rpartition(":")[2]
    if of == "boolean":
        return text.strip() in ("true", "1")
    if of in _NUMBERS:
        return Decimal(text.strip())
    if of in _KINDS:
        return from_json(text.strip(), _KINDS[of])
    if not of:
        try:
            return Decimal(text.strip())
        except InvalidOperation:
            return text
    return text


def _close(one: Decimal, two: Decimal) -> bool:
    """The suite gives irrational results with few digits."""
    return abs(one - two) <= Decimal("1e-8") * max(Decimal(1), abs(one), abs(two))


def same(expected: Any, actual: Any) -> bool:
    """Whether a result is what the case expects."""
    actual = admit(actual)
    if kind(expected) != kind(actual):
        return False
    if isinstance(expected, Decimal):
        return _close(expected, actual)
    if isinstance(expected, list):
        return len(expected) == len(actual) and all(same(a, b) for a, b in zip(expected, actual, strict=True))
    if isinstance(expected, Mapping):
        return set(expected) == set(actual) and all(same(expected[key], actual[key]) for key in expected)
    return expected is None or equal(expected, actual) is True


@contextmanager
def _bounded(seconds: int) -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise TimeoutError(f"took more than {seconds} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _outcome(decisions: Any, case: Any, node: Any, inputs: dict[str, Any]) -> Any:
    name = node.get("name")
    if case.get("type") == "decisionService" or node.get("type") == "decisionService":
        service = case.get("invocableName") or name
        value = decisions.evaluate(service, inputs).value
        return value[name] if isinstance(value, dict) and name in value and name != service else value
    return decisions.evaluate(name, inputs).value


def _inputs(case: Any) -> dict[str, Any]:
    """The input nodes by name."""
    return {node.get("name"): _value(node) for node in _children(case, "inputNode")}


def run_file(tests: Path) -> Iterator[tuple[str, bool, str]]:
    """(case, whether the expected value is null, reason of the failure or empty) for each result node of a file."""
    root = etree.parse(str(tests)).getroot()
    model_name = "".join(_children(root, "modelName")[0].itertext()).strip()
    model = tests.parent / model_name
    problem, decisions = "", None
    try:
        with _bounded(SECONDS_PER_CASE):
            others = {path.name: path.read_bytes() for path in tests.parent.glob("*.dmn") if path.name != model_name}
            text = model.read_bytes()
            decisions = load(text, imports=others if b"import" in text else None)
    except (DmnError, TimeoutError, OSError) as error:
        problem = f"load: {error}"
    for case in _children(root, "testCase"):
        for node in _children(case, "resultNode"):
            label = f"{tests.parent.name}/{tests.stem}#{case.get('id')}:{node.get('name')}"
            expected = _value(_children(node, "expected")[0])
            yield label, expected is None, problem or _run_node(decisions, case, node, expected)


def _run_node(decisions: Any, case: Any, node: Any, expected: Any) -> str:
    try:
        with _bounded(SECONDS_PER_CASE):
            actual = _outcome(decisions, case, node, _inputs(case))
    except Exception as error:  # whatever goes wrong is a failed case, with its reason
        return f"{type(error).__name__}: {error}"
    return "" if same(expected, actual) else f"expected {expected!r}, got {actual!r}"


def run(folder: Path) -> dict[str, Any]:
    """Figures of all cases under a folder that has compliance-level-2 and compliance-level-3."""
    figures: dict[str, Any] = {
        name: {"passed": 0, "total": 0, "failures": []}
        for name in ("dmn-tck/level-2", "dmn-tck/level-3", "dmn-tck/level-3-non-null")
    }
    folders: dict[str, list[int]] = {}
    for level in ("2", "3"):
        for tests in sorted((Path(folder) / f"compliance-level-{level}").glob("*/*test*.xml")):
            if tests.parent.name in LEFT_OUT:
                continue
            count = folders.setdefault(tests.parent.name, [0, 0])
            for label, null, reason in run_file(tests):
                rows = [f"dmn-tck/level-{level}"]
                if level == "3" and not null:
                    rows.append("dmn-tck/level-3-non-null")
                count[0] += not reason
                count[1] += 1
                for row in rows:
                    figures[row]["passed"] += not reason
                    figures[row]["total"] += 1
                    if reason:
                        figures[row]["failures"].append({"case": label, "reason": reason})
    figures["dmn-tck/folders"] = folders
    return figures


def main(arguments: list[str]) -> int:
    """Print the figures as JSON; 1 when there is nothing to run."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print("Give the folder that has compliance-level-2 and compliance-level-3.", file=sys.stderr)
        return 2
    figures = run(Path(arguments[0]))
    json.dump(figures, sys.stdout, indent=1, default=str, ensure_ascii=False)
    return 0 if figures["dmn-tck/level-3"]["total"] else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
