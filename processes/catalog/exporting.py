"""A version as the folder that `processes.catalog.folder` reads: what is written and read again is the same content.

So definitions can be kept in version control beside other work, and looked at there. Nothing that lies in the folder
already and says something else is written over unless that is asked for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from processes.bpmn.model import Model, Task
from processes.catalog import selectors
from processes.catalog.errors import WouldOverwrite
from processes.catalog.folder import DRAWING, EXAMPLES, FORMS, META, NOTES, TESTS
from processes.catalog.models import DecisionVersion, ProcessVersion
from processes.errors import NotFound
from processes.spoken import gettext as _

_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")


def files_of(version: ProcessVersion) -> dict[str, bytes]:
    """The files of a version by their path in the folder, with those of the decisions that it asks."""
    found = {META: _meta(version).encode(), DRAWING: version.bpmn.encode()}
    if version.notes:
        found[NOTES] = version.notes.encode()
    if version.tests:
        found[TESTS] = _json(version.tests)
    for key, schema in sorted(version.forms.items()):
        found[f"{FORMS}/{key}.json"] = _json(schema)
    for decision in decisions_of(version):
        found[f"{decision.definition.key}.dmn"] = decision.dmn.encode()
        if decision.examples:
            found[decision.definition.key + EXAMPLES] = _json(decision.examples)
    return found


def decisions_of(version: ProcessVersion) -> list[DecisionVersion]:
    """The decision versions that a version asks in its drawing, or explains in its forms: pinned ones, of a draft the
    drafts of its decisions."""
    found = []
    for key in sorted({*_asked(selectors.model_of(version)), *_explained(version.forms)}):
        try:
            found.append(selectors.decision_beside(version, key))
        except NotFound:
            continue  # a drawing may name a decision that nobody has drawn yet
    return found


def write_folder(version: ProcessVersion, to: Path, *, replace: bool = False) -> tuple[Path, list[str]]:
    """Write the folder of a version below `to`; gives it, and the names of the files that were written or taken away.

    WouldOverwrite names the files there that say something else, unless they may be replaced; then nothing is written.
    """
    base, files = to / version.definition.key, files_of(version)
    present = dict(_present(base))
    other = sorted(name for name, data in present.items() if files.get(name) != data)
    if other and not replace:
        raise WouldOverwrite(
            _("In “%(folder)s” these files say something else: %(files)s. Move them away, or export with --replace.")
            % {"folder": base, "files": ", ".join(other)}
        )
    for name in (name for name in other if name not in files):
        (base / name).unlink()
    written = [name for name, data in files.items() if present.get(name) != data]
    for name in written:
        path = base / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(files[name])
    return base, sorted({*written, *(name for name in other if name not in files)})


def _present(base: Path) -> Iterator[tuple[str, bytes]]:
    """The files in a folder that belong to a definition."""
    for pattern in (META, DRAWING, NOTES, TESTS, f"{FORMS}/*.json", "*.dmn", f"*{EXAMPLES}"):
        for path in base.glob(pattern):
            yield path.relative_to(base).as_posix(), path.read_bytes()


# --- what is asked ------------------------------------------------------------------------------------------------
def _asked(model: Model) -> Iterator[str]:
    return (n.decision.key for n in model.nodes.values() if isinstance(n, Task) and n.decision is not None)


def _explained(value: Any) -> Iterator[str]:
    """The decisions that fields of a form explain, anywhere in it."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name == "explain" and isinstance(inner, str):
                yield inner
            else:
                yield from _explained(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _explained(inner)


# --- texts --------------------------------------------------------------------------------------------------------
def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def _meta(version: ProcessVersion) -> str:
    row = version.definition
    plain = {"key": row.key, "category": row.category, "subject_type": row.subject_type, "owner_role": row.owner_role}
    lines = [f"{name} = {quoted(text)}" for name, text in plain.items() if text]
    for name, texts in (("title", row.titles or {"en": row.key}), ("description", row.descriptions)):
        if texts:
            lines += ["", f"[{name}]", *(f"{_name(language)} = {quoted(text)}" for language, text in texts.items())]
    return "\n".join(lines) + "\n"


def _name(key: str) -> str:
    return key if _BARE.match(key) else quoted(key)


def quoted(text: str) -> str:
    """A text as a basic string of TOML, whose escapes are those of JSON except for the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
