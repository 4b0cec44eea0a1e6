"""The reference pages of the documentation, made from the registries: `python -m config.reference`.

A page is never written by hand: what the product knows is asked of the product, and a test
compares the committed pages with what it says today.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from config.env import BASE_DIR

FOLDER = BASE_DIR / "docs/reference"
CHINESE = "zh-hans"


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    return lines + [f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in row)} |" for row in rows]


def _page(title: str, intro: str, lines: Iterable[str]) -> str:
    note = "<!-- Made by `python -m config.reference`; change the registry, not this page. -->"
    return "\n".join([note, f"# {title}", intro, "", *lines]).rstrip() + "\n"


def _in(language: str, text: Any, context: str = "") -> str:
    from django.utils.translation import gettext, override, pgettext

    with override(language):
        if type(text) is not str or not text:
            return str(text)
        # Pure packages know no gettext: their words are translated here, as on the pages.
        return pgettext(context, text) if context else gettext(text)


def elements() -> str:
    """What of BPMN 2.0 runs."""
    from processes.bpmn.elements import ELEMENTS
    from processes.marked import BPMN

    rows = [
        (f"`{row.key}`", row.label, _in(CHINESE, row.label, BPMN), "yes" if row.executable else "no", row.instead)
        for row in ELEMENTS.values()
    ]
    runs = sum(row.executable for row in ELEMENTS.values())
    return _page(
        "BPMN elements",
        f"Of {len(rows)} kinds of elements {runs} can be run. Every other one is read, drawn and written unchanged; "
        "the check of a drawing names it and says what to draw in its place.",
        _table(("key", "element", "Chinese", "runs", "draw in its place"), rows),
    )


def actions() -> str:
    """What a service task can do."""
    from processes import api

    lines = []
    for action in api.all_actions():
        how = "as a background job, repeated until it succeeds" if action.background else "in the step's own transaction"
        lines += [f"## `{action.name}`", f"{_in('en', action.label)} ({_in(CHINESE, action.label)}); runs {how}."]
        if text := (_in("en", action.help) if action.help else (action.run.__doc__ or "").strip().split("\n")[0]):
            lines += ["", text]
        if action.result:
            lines += ["", f"Its result is kept in the variable `{action.result}` unless the drawing names another."]
        if action.parameters:
            rows = [
                (f"`{p.name}`", p.type, _in("en", p.label), _in(CHINESE, p.label), "yes" if p.required else "no")
                for p in action.parameters
            ]
            lines += ["", *_table(("input", "type", "meaning", "Chinese", "needed"), rows)]
        lines.append("")
    return _page("Actions", "What a service task of a drawing can do, by the name that the drawing gives.", lines)


def subjects() -> str:
    """What processes can be about, and which fields they may read and write."""
    from processes import ports

    lines = []
    for kind in ports.subjects().all():
        rows = [
            (f"`{kind.key}.{field.name}`", field.type, _in("en", field.label), _in(CHINESE, field.label),
             "read and write" if field.writable else "read",
             ", ".join(f"`{value}`" for value, _label in field.choices if value))
            for field in kind.fields
        ]  # fmt: skip
        lines += [f"## `{kind.key}`: {_in('en', kind.label)} ({_in(CHINESE, kind.label)})", ""]
        lines += [*_table(("name", "type", "field", "Chinese", "a process may", "values"), rows), ""]
    return _page(
        "Subjects",
        "The records that processes can be about. Expressions, conditions and forms use these names and no others.",
        lines,
    )


def roles() -> str:
    """The shipped roles and how far their rights reach."""
    data = tomllib.loads((BASE_DIR / "fixtures/roles/roles.toml").read_text(encoding="utf-8"))
    lines = []
    for key, role in data.items():
        rows = [
            (f"`{record}`", *(cells.get(action, "none") for action in ("view", "add", "change", "delete", "export")))
            for record, cells in role.get("records", {}).items()
        ]
        lines += [f"## `{key}`: {role['label']['en']} ({role['label'][CHINESE]})", role["description"]["en"], ""]
        lines += [*_table(("record", "view", "add", "change", "delete", "export"), rows), ""]
    return _page(
        "Roles",
        "How far a role's rights reach as the product ships: none, own, team, branch or all records. An administrator may "
        "change every cell; what is not named is none. Shares and the grants of a process step come on top.",
        lines,
    )


def findings() -> str:
    """What the check of a drawing and of its decision tables can say."""
    from processes.catalog.table_findings import TOLD
    from processes.lint.messages import MESSAGES

    rows = [
        (f"`{code}`", message.severity, {"": "–", message.severity: "the same"}.get(message.drawing, message.drawing),
         message.template, _in(CHINESE, message.template))
        for code, message in MESSAGES.items()
        if message.template != "{sentence}"
    ]  # fmt: skip
    tables = [
        (f"`{code}`", told.severity, str(template), _in(CHINESE, str(template)))
        for code, told in TOLD.items() for template in told.templates
    ]
    return _page(
        "Findings",
        "What the check of a drawing can say. An error keeps it from being published; a block does unless a reviewer lets it "
        "pass with a reason; a warning does not. The third column is the severity in a drawing that is not meant to run.",
        [
            *_table(("code", "severity", "only drawn", "sentence", "Chinese"), rows),
            "", "## Decision tables", "", "What the check of a decision table can say.", "",
            *_table(("code", "severity", "sentence", "Chinese"), tables),
        ],
    )


def feel() -> str:
    """The functions of the expression language."""
    from processes.feel.builtins.registry import BUILTINS

    groups: dict[str, list[tuple[str, str]]] = {}
    for name, function in BUILTINS.items():
        for signature in function.signatures:
            given = ", ".join(
                f"{p.name}: {' or '.join(sorted(p.kinds))}{'?' if p.optional else ''}{' …' if p.variadic else ''}"
                for p in signature.parameters
            )
            group = function.signatures[0].code.__module__.rsplit(".", 1)[-1]
            groups.setdefault(group, []).append((name, f"`{name}({given})`"))
    lines = []
    for group in sorted(groups):
        lines += [f"## {group.capitalize()}", "", *(f"- {call}" for _name, call in sorted(groups[group])), ""]
    return _page(
        "FEEL functions",
        f"The {len(BUILTINS)} built-in functions of the expression language. `?` marks what may be left out or null, `…` "
        "what may be given several times, `any` what may be of every type.",
        lines,
    )


PAGES: dict[str, Callable[[], str]] = {
    "elements.md": elements, "actions.md": actions, "subjects.md": subjects, "roles.md": roles,
    "findings.md": findings, "feel.md": feel,
}  # fmt: skip


def write(folder: Path = FOLDER) -> list[str]:
    """Write every page that differs; their names."""
    changed = []
    for name, make in PAGES.items():
        text = make()
        if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != text:
            (folder / name).write_text(text, encoding="utf-8")
            changed.append(name)
    return changed


if __name__ == "__main__":
    import os

    import django

    from config.messages import compile_catalogues

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    compile_catalogues()
    django.setup()
    for page in write():
        print(f"written: docs/reference/{page}")
