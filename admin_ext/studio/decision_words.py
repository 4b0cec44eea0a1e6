"""What the page of a decision says of tables, fields and findings, for templates and for the script of the editor."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from admin_ext.studio import table_words
from admin_ext.studio.words import OURS
from admin_ext.studio.words import words as said


def policy(hit_policy: str) -> str:
    """What a table does when several of its rules apply."""
    said = {
        "U": _("One rule applies at most."), "F": _("The first rule that applies decides."),
        "P": _("Of the rules that apply, the most important answer counts."),
        "A": _("Rules that apply together give the same answer."), "C": _("All rules that apply count together."),
        "R": _("All rules that apply count, in their order."), "O": _("All rules that apply count, by importance."),
    }  # fmt: skip
    return said.get(hit_policy[:1], "")


def kind(name: str) -> str:
    """What a part of a file is that is no table."""
    said = {
        "literal": _("Expression"), "context": _("Boxed context"), "relation": _("Relation"), "list": _("List"), "invocation": _("Call of a knowledge model"),
        "function": _("Function"), "conditional": _("Condition (DMN 1.4)"), "filter": _("Filter (DMN 1.4)"), "iterator": _("Repetition (DMN 1.4)"), "service": _("Decision service"),
    }  # fmt: skip
    return said.get(name, name)


def mark(code: str) -> str:
    """What kind of finding it is, in a word."""
    said = {
        "table_gap": pgettext("in a decision table", "Gap"), "table_overlap": pgettext("in a decision table", "Overlap"),
        "table_unreachable": pgettext("in a decision table", "Idle rule"), "table_not_analysable": pgettext("in a decision table", "Not analysed"),
        "table_too_large": pgettext("in a decision table", "Too large"), "rule_without_example": pgettext("in a decision table", "No example"),
    }  # fmt: skip
    return said.get(code, "")


def found(table: Any) -> list[tuple[Any, str]]:
    """The findings of a table, each with its word."""
    return [(item, mark(item.code)) for item in table.findings]


# --- for the script ----------------------------------------------------------------------------------------------
def editor(page: Any, head: Any, revisions: Any) -> dict[str, Any]:
    """What the template and the script of the editor need."""
    key, number = head.definition.key, head.version.number
    return {"editor": page, "studio": {
        "xml": page.xml, "base": page.base, "sheets": sheets(page),
        "language": get_language(), "inputs": [field(one) for one in page.inputs], "outputs": [field(one) for one in page.outputs],
        "rows": [row(one) for one in page.rows], "look": look(page.look) if page.look is not None else None,
        "url": {"look": reverse("redraw:studio_decision_look", args=[key, number]), "save": reverse("redraw:studio_decision_save", args=[key, number]),
                "pulse": reverse("redraw:draft_pulse", args=[head.version.pk])},
        "draft": str(head.version.pk), "revisions": dict(revisions),
    }, "studio_words": words()}  # fmt: skip


def sheets(page: Any) -> list[dict[str, Any]]:
    """What can be edited, for the script."""
    return [{"id": sheet.id, "label": sheet.label, "table": sheet.table} for sheet in page.sheets]


def field(one: Any) -> dict[str, Any]:
    """An input or output for the script."""
    return {"name": one.name, "label": one.label, "kind": one.kind, "allowed": one.allowed, "choices": [list(choice) for choice in one.choices]}


def row(one: Any) -> dict[str, Any]:
    """An example for the script."""
    return {"note": one.note, "given": dict(one.given), "expected": dict(one.expected), "stored": one.stored, "decision": one.decision}


def look(one: Any) -> dict[str, Any]:
    """What was found, for the script. A finding that the editor shows otherwise (no example) is a mark of its rule alone."""
    return {
        "problem": one.problem,
        "cells": [{"table": cell.table, "rule": cell.rule, "column": cell.column, "text": cell.text, "sentence": cell.sentence, "position": cell.position} for cell in one.cells],
        "tables": [_table(table, gaps) for table, gaps in zip(one.tables, one.gap_rules, strict=True)],
        "results": [{"holds": result.holds, "sentence": result.sentence, "answer": result.answer} for result in one.results],
    }  # fmt: skip


def _table(table: Any, gaps: Any) -> dict[str, Any]:
    findings = [
        {"code": item.code, "word": mark(item.code), "severity": item.severity, "sentence": item.sentence, "rules": list(item.rules),
         "example": item.example_text, "cells": list(gaps[at]) if at in gaps else None}
        for at, item in enumerate(table.findings) if item.code != "rule_without_example"
    ]  # fmt: skip
    return {
        "label": table.label, "findings": findings, "complete": table.complete,
        "rules": [{"number": rule.number, "examples": None if rule.examples is None else list(rule.examples)} for rule in table.rules],
    }  # fmt: skip


def words() -> dict[str, str]:
    """What the script says, in the language in use; keeping a draft has the words of all drafts."""
    return said((*OURS, *table_words.OURS, *table_words.EDITOR)) | table_words.types()
