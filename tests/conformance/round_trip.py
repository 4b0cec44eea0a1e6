"""Files of other tools on their way through the studio: opened, checked, laid out, edited, saved, and compared.

Two suites over every drawing of the folder. In `bpmn/round-trip` one element is renamed by our own hand; the file must
then be the one that came but for that name, and but for the diagram where it had none. In `bpmn/editor` the browser's
editor does it: it writes files in its own manner and without comments, so what is saved is the difference of its two
texts, laid over the file that came (as `processes.catalog.drafts` does). Needs node and the installed front end.

The comparison is W3C canonical XML with comments, made by a plain parser that shares nothing with ours.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

from config.env import BASE_DIR
from processes.bpmn import BpmnError, Model, parse, write
from processes.bpmn.edit import rename
from processes.bpmn.layout import lay_out
from processes.bpmn.merge import merge
from processes.lint import check
from tests.conformance.bpmn_files import canonical

FRONTEND = BASE_DIR / "admin_ext" / "frontend"
NAME = "Renamed by the editor"
LINT_MOST = 5.0
"""How many seconds lint may take for one drawing."""
DI = "http://www.omg.org/spec/BPMN/20100524/DI"


@dataclass
class Figures:
    """What a suite counts besides cases: files without a diagram that were laid out, files with comments and how many of
    them kept them all, and the longest lint."""

    laid_out: int = 0
    with_comments: int = 0
    comments_kept: int = 0
    slowest_lint: float = 0.0
    failures: list[dict[str, str]] = field(default_factory=list)
    total: int = 0

    def told(self) -> dict[str, Any]:
        """The figures as JSON."""
        return {
            "passed": self.total - len(self.failures), "total": self.total, "laid_out": self.laid_out,
            "with_comments": self.with_comments, "comments_kept": self.comments_kept,
            "slowest_lint_seconds": round(self.slowest_lint, 2), "failures": self.failures,
        }  # fmt: skip


def run(folder: str | Path) -> dict[str, dict[str, Any]]:
    """Both suites over the drawings of a data folder (the one that holds `bpmn/`); the editor's where node is there."""
    base = Path(folder) / "bpmn"
    files = sorted(base.rglob("*.bpmn"))
    found = {"bpmn/round-trip": by_hand(files, base).told()}
    if has_editor():
        found["bpmn/editor"] = by_editor(files, base).told()
    return found


def has_editor() -> bool:
    """Whether the editor's library can be run here."""
    return bool(shutil.which("node")) and (FRONTEND / "node_modules" / "bpmn-moddle").is_dir()


def by_hand(files: list[Path], base: Path) -> Figures:
    """Every file opened, checked, laid out where it has no diagram, one element renamed, saved, compared."""
    figures = Figures(total=len(files))
    for file in files:
        reason = _by_hand(file.read_bytes(), figures)
        if reason:
            figures.failures.append({"case": file.relative_to(base).as_posix(), "reason": reason})
    return figures


def _by_hand(xml: bytes, figures: Figures) -> str:
    try:
        model = parse(xml)
    except BpmnError as error:
        return f"cannot be opened: {error.sentence}"
    begun = time.perf_counter()
    check(model)
    took = time.perf_counter() - begun
    figures.slowest_lint = max(figures.slowest_lint, took)
    if took > LINT_MOST:
        return f"lint takes {took:.1f} s"
    drawn = model
    if not model.shapes and model.nodes:
        drawn = lay_out(model)
        figures.laid_out += 1
        lacking = {node for node in drawn.nodes if node not in drawn.shapes and not _is_inner(drawn, node)}
        if lacking:
            return f"laid out, {len(lacking)} elements have no shape"
    element = named(drawn)
    saved = write(rename(drawn, element, NAME)) if element else write(drawn)
    return compared(xml, saved, element, figures, added_diagram=drawn is not model)


def compared(xml: bytes, saved: bytes, element: str, figures: Figures, *, added_diagram: bool) -> str:
    """In what a saved file differs besides the name of the element that was edited; empty when in nothing."""
    before, after = etree.fromstring(xml), etree.fromstring(saved)
    comments, left = _comments(before), _comments(after)
    figures.with_comments += bool(comments)
    figures.comments_kept += bool(comments) and comments == left
    if element:
        next(e for e in before.iter() if isinstance(e.tag, str) and e.get("id") == element).set("name", NAME)
    if added_diagram:
        for diagram in list(after.iter(f"{{{DI}}}BPMNDiagram")):
            after.remove(diagram)
        same = _bare(before) == _bare(after)
    else:
        same = canonical(etree.tostring(before.getroottree())) == canonical(saved)
    lost = "" if comments == left else f"; {len(comments) - len(left)} comments were lost"
    return "" if same else f"saved, it differs in more than was edited{lost}"


def named(model: Model) -> str:
    """The element that is renamed: the first that has a name, else the first."""
    nodes = [node for node in model.nodes.values() if not node.id.rpartition("_at_line_")[1]]
    return next((node.id for node in nodes if node.name), nodes[0].id if nodes else "")


def _is_inner(model: Model, node: str) -> bool:
    """Whether an element lies in a sub-process, which may be drawn closed."""
    return model.nodes[node].scope in model.nodes


def _comments(root: Any) -> list[str]:
    return [str(part.text) for part in root.getroottree().getroot().xpath("//comment()")]


def _bare(root: Any) -> str:
    """The canonical form without the white space between elements."""
    text = etree.tostring(root.getroottree(), encoding="unicode")
    return str(etree.canonicalize(text, strip_text=True, with_comments=True))


# --- the browser's editor --------------------------------------------------------------------------------------------
def by_editor(files: list[Path], base: Path) -> Figures:
    """Every file that opens, laid out where it has no diagram, renamed by the editor's library, saved, compared."""
    opened = {}
    for file in files:
        try:
            opened[file] = parse(file.read_bytes())
        except BpmnError:
            continue  # told by the other suite
    figures = Figures(total=len(opened))
    wrote = _manner({file: named(model) for file, model in opened.items()})
    for file in opened:
        found = wrote[str(file)]
        reason = _by_editor(file.read_bytes(), named(opened[file]), found, figures)
        if reason:
            figures.failures.append({"case": file.relative_to(base).as_posix(), "reason": reason})
    return figures


def _manner(wanted: dict[Path, str]) -> dict[str, dict[str, Any]]:
    script = (Path(__file__).parent / "editor.mjs").read_text(encoding="utf-8")
    pairs = [f"{file.resolve()}\n{element}" for file, element in wanted.items()]
    done = subprocess.run(
        ["node", "--input-type=module", "-", *pairs], input=script, cwd=FRONTEND, capture_output=True, text=True, check=True, timeout=300
    )
    answer: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return {str(file): answer[str(file.resolve())] for file in wanted}


def _by_editor(xml: bytes, element: str, found: dict[str, Any], figures: Figures) -> str:
    if "error" in found:
        return f"the editor cannot open it: {found['error']}"
    if "changed" not in found:
        return "the editor does not know the element that was to be renamed"
    # the text without its declaration: a text has no encoding left to declare
    text = etree.tostring(etree.fromstring(xml).getroottree(), encoding="unicode")
    saved = merge(found["origin"], text, found["changed"], prefer="mine")
    if saved.conflicts:
        return f"a conflict where nobody else changed anything: {saved.conflicts[0].element} {saved.conflicts[0].what}"
    return compared(xml, saved.text.encode(), element, figures, added_diagram=False)
