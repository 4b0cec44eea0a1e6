"""A folder of definitions as it lies on disk: `fixtures/processes/<key>/`.

    meta.toml               key, category, subject type, owner, titles and descriptions by language
    process.bpmn            the drawing
    forms/<id>.json         form-js schemas, named in the drawing by their id
    <key>.dmn               decisions that the drawing asks, one file each
    <key>.examples.json     for each: inputs with the outcome they must give
    tests.json              process tests: what is entered, and the way and the end that must come of it
    README.md               what the process is for; becomes the notes of a new version

Reading takes texts as they are and refuses what cannot be one of these, with the file and the place in it.
Whether the drawing makes sense is asked when it is published.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from processes.catalog.errors import UnreadableFolder
from processes.catalog.hashing import decision_hash, process_hash
from processes.spoken import gettext as _

META, DRAWING, FORMS, NOTES, TESTS = "meta.toml", "process.bpmn", "forms", "README.md", "tests.json"
EXAMPLES = ".examples.json"
MOST_BYTES = 10 * 1024 * 1024
_KEY = re.compile(r"[a-z][a-z0-9_]*\Z")
_TEXTS = ("category", "subject_type", "owner_role")
_WORDS = {"key", "title", "description", *_TEXTS}


@dataclass(frozen=True)
class DecisionFile:
    """One decision file with its examples."""

    key: str
    path: Path
    dmn: str
    examples: list[dict[str, Any]]

    @property
    def content_hash(self) -> str:
        """The hash a version of this content has."""
        return decision_hash(self.dmn, self.examples)


@dataclass(frozen=True)
class Folder:
    """What a folder holds, read but not yet judged. `tests` is None where the folder says nothing of tests.

    Tests are no part of the hash: recording one changes nothing of what runs.
    """

    path: Path
    key: str
    titles: Mapping[str, str]
    descriptions: Mapping[str, str]
    category: str
    subject_type: str
    owner_role: str
    bpmn: str
    forms: Mapping[str, Any]
    decisions: tuple[DecisionFile, ...]
    notes: str = field(default="", repr=False)
    tests: list[dict[str, Any]] | None = field(default=None, repr=False)

    @property
    def content_hash(self) -> str:
        """The hash a process version of this content has."""
        return process_hash(self.bpmn, self.forms)


def read_folder(path: Path | str) -> Folder:
    """Read a folder; UnreadableFolder with a sentence when something in it cannot be what it should be."""
    base = Path(path)
    if not base.is_dir():
        raise UnreadableFolder(_("There is no folder “%(path)s”.") % {"path": base})
    meta = _meta(base / META)
    key = meta["key"]
    return Folder(
        path=base,
        key=key,
        titles=meta["title"],
        descriptions=meta["description"],
        bpmn=_text(base / DRAWING),
        forms=_forms(base / FORMS),
        decisions=tuple(_decision(file) for file in sorted(base.glob("*.dmn"))),
        notes=_text(base / NOTES) if (base / NOTES).exists() else "",
        tests=_tests(base / TESTS) if (base / TESTS).exists() else None,
        **{name: meta[name] for name in _TEXTS},
    )


def folders_in(root: Path | str) -> list[Path]:
    """The folders of definitions under a path, which may be one itself."""
    base = Path(root)
    if (base / META).exists() or (base / DRAWING).exists():
        return [base]
    if not base.is_dir():
        raise UnreadableFolder(_("There is no folder “%(path)s”.") % {"path": base})
    found = sorted(inner.parent for inner in base.glob(f"*/{META}"))
    if not found:
        raise UnreadableFolder(
            _("The folder “%(path)s” holds no process. A process is a folder with a %(meta)s and a %(drawing)s.")
            % {"path": base, "meta": META, "drawing": DRAWING}
        )
    return found


# --- files -------------------------------------------------------------------------------------------------
def refused(path: Path, sentence: str) -> UnreadableFolder:
    """The refusal of a file: its place first, then what is wrong with it."""
    return UnreadableFolder(f"{path.parent.name}/{path.name}: {sentence}")


def _text(path: Path) -> str:
    if not path.is_file():
        raise refused(path, _("The file is missing."))
    if path.stat().st_size > MOST_BYTES:
        raise refused(path, _("The file is too large: at most %(most)d MB.") % {"most": MOST_BYTES // 2**20})
    try:
        # Line ends stay as they are: the text is kept word for word.
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refused(
            path, _("Byte %(place)d is not UTF-8. Save the file as UTF-8.") % {"place": error.start + 1}
        ) from error


def _json(path: Path) -> Any:
    try:
        return json.loads(_text(path))
    except RecursionError as error:
        raise refused(path, _("The file is nested too deeply to be read.")) from error
    except json.JSONDecodeError as error:
        raise refused(
            path,
            _("Line %(line)d, column %(column)d is not JSON: %(reason)s.")
            % {"line": error.lineno, "column": error.colno, "reason": error.msg},
        ) from error


def _meta(path: Path) -> dict[str, Any]:
    try:
        meta = tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        raise refused(path, _("The file is not TOML: %(reason)s.") % {"reason": error}) from error
    strange = sorted(set(meta) - _WORDS)
    if strange:
        raise refused(path, _("“%(word)s” is not known here. Known are: %(known)s.")
                      % {"word": strange[0], "known": ", ".join(sorted(_WORDS))})  # fmt: skip
    key = meta.get("key")
    if not isinstance(key, str) or not _KEY.match(key) or len(key) > 60:
        raise refused(
            path,
            _("The key “%(key)s” must begin with a small letter and hold only small letters, digits and underscores.")
            % {"key": key},
        )
    for name in ("title", "description"):
        texts = meta.setdefault(name, {})
        if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
            raise refused(path, _("“%(word)s” must give a text for each language.") % {"word": name})
    if not meta["title"]:
        raise refused(path, _("The title is missing. Give one for each language under [title]."))
    for name in _TEXTS:
        if not isinstance(meta.setdefault(name, ""), str):
            raise refused(path, _("“%(word)s” must be a text.") % {"word": name})
    return meta


def _forms(folder: Path) -> dict[str, Any]:
    forms: dict[str, Any] = {}
    for path in sorted(folder.glob("*.json")):
        schema = _json(path)
        if not isinstance(schema, dict):
            raise refused(path, _("A form is an object with components; this is something else."))
        if schema.get("id", path.stem) != path.stem:
            raise refused(
                path,
                _("The form calls itself “%(id)s”. Its id and the name of its file must be the same.")
                % {"id": schema["id"]},
            )
        forms[path.stem] = schema
    return forms


def _tests(path: Path) -> list[dict[str, Any]]:
    found = _json(path)
    if not isinstance(found, list) or not all(isinstance(test, dict) for test in found):
        raise refused(path, _("The file must hold a list of tests, each an object."))
    return found


def _decision(path: Path) -> DecisionFile:
    if not _KEY.match(path.stem):
        raise refused(
            path, _("The file’s name is the key of the decision: small letters, digits and underscores only.")
        )
    examples_path = path.with_name(path.stem + EXAMPLES)
    examples = _json(examples_path) if examples_path.exists() else []
    if not isinstance(examples, list):
        raise refused(examples_path, _("The file must hold a list of examples."))
    for number, example in enumerate(examples, start=1):
        if not isinstance(example, dict) or not {"in", "out"} <= set(example) <= {"in", "out", "decision", "note"}:
            raise refused(
                examples_path,
                _("Example %(number)d must have “in” and “out”, and may have “decision” and “note”.")
                % {"number": number},
            )
        note = example.get("note", "")
        texts = note.values() if isinstance(note, dict) else [note]
        if not all(isinstance(text, str) for text in texts):
            raise refused(
                examples_path,
                _("“note” of example %(number)d must be a text, or a text for each language.") % {"number": number},
            )
        if not isinstance(example["in"], dict):
            raise refused(examples_path, _("“in” of example %(number)d must be an object.") % {"number": number})
    return DecisionFile(path.stem, path, _text(path), examples)
