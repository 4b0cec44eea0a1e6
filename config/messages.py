"""Message catalogues: `python -m config.messages compile` at set-up, `extract` when strings changed.

Both are Babel's work, with Django's own reading of templates, so that nobody needs gettext's binaries. There is
a catalogue for each package, and one (in `config/locale`) for what the libraries show on our pages and say in no
Chinese of their own. A catalogue never guesses: a new string comes in untranslated, and the tests name it.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract as python_messages
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from config.env import BASE_DIR
from processes.bpmn.elements import ELEMENTS
from processes.marked import BPMN, WORD

LANGUAGE = "zh_Hans"
PACKAGES = ("processes", "crm_core", "admin_ext")
OTHERS = "config"
"""The package that keeps the words of the libraries."""

LIBRARIES = ("unfold", "axes", "guardian", "import_export", "viewflow")
TRANSLATED = ("django", "django_q", *LIBRARIES)
"""Where a library's word may stand in Chinese already."""

SAID_BETTER = (
    "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun",
    "Add %s", "Change %s", "View %s", "Select %s", "Select %s to change", "Select %s to view",
    "Delete selected %(model)s", "Delete selected %(verbose_name_plural)s", "Successfully deleted %(count)d %(items)s.",
    "The {name} “{obj}” was added successfully.", "The {name} “{obj}” was changed successfully.",
    "The {name} “{obj}” was added successfully. You may add another {name} below.",
    "The {name} “{obj}” was changed successfully. You may edit it again below.",
    "The {name} “{obj}” was changed successfully. You may add another {name} below.",
    "The %(name)s “%(obj)s” was deleted successfully.", " By %(filter_title)s ",
)  # fmt: skip
"""Texts that Django says in Chinese, but too long, to the wrong person, or wrongly."""

_PYTHON = {
    "_": None, "_lazy": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3), "npgettext_lazy": ((1, "c"), 2, 3),
}  # fmt: skip
# The pure packages know no gettext: the floors above translate their templates.
_PURE = {"processes/lint/messages.py": {"_error": None, "_block": None, "_warning": None}}
_MARKED = re.compile(r"^from processes\.marked import .*\b(?:say|word|mark)\b", re.MULTILINE)
_MARKS = {"mark": BPMN, "say": None, "word": WORD}
"""The marks of those packages and the contexts of what they mark."""

_ELEMENTS = "processes/bpmn/elements.py"
_SAYS_NOTHING = (
    b'"Project-Id-', b'"Report-Msgid-', b'"POT-Creation-', b'"PO-Revision-', b'"Last-Translator', b'"Language-Team',
    b'"Generated-By',
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Word:
    """A text to be translated: what it is (with its plural, where it has one), its context, its file."""

    id: str | tuple[str, str]
    context: str | None
    file: str

    @property
    def key(self) -> tuple[str, str | None]:
        """What gettext looks it up by."""
        return (self.id if isinstance(self.id, str) else self.id[0]), self.context


def words_of(folder: Path, named: str) -> Iterator[Word]:
    """Every text that the Python files and templates under a folder mark for translation, in order of files."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if {"migrations", "node_modules", "locale", "static"} & set(inside.parts):
            continue
        file = f"{named}/{inside.as_posix()}"
        if path.suffix == ".py":
            yield from _read(path.read_text(encoding="utf-8"), file)
        elif path.suffix in {".html", ".txt"} and "templates" in inside.parts:
            code = templatize(path.read_text(encoding="utf-8"), origin=str(path))
            # What is left of a template is a run of calls; its indentation means nothing.
            yield from _read("\n".join(line.lstrip() for line in code.split("\n")), file)


def _read(source: str, file: str) -> Iterator[Word]:
    keywords = _PYTHON | _PURE.get(file, {})
    found = python_messages("python", io.BytesIO(source.encode()), keywords)
    for _line, text, _comments, context in found:
        yield Word(text if isinstance(text, str) else (text[0], text[1]), context, file)
    for name, context in _MARKS.items() if _MARKED.search(source) else ():
        for _line, text, _comments, _context in python_messages("python", io.BytesIO(source.encode()), {name: None}):
            yield Word(str(text), context, file)
    if file == _ELEMENTS:
        for row in ELEMENTS.values():
            yield from (Word(text, BPMN, file) for text in (row.label, row.instead) if text)


def words(package: str) -> list[Word]:
    """The texts of a catalogue, those of the libraries for `OTHERS`."""
    if package != OTHERS:
        return list(words_of(BASE_DIR / package, package))
    said = {key for library in TRANSLATED for key in _translated(library)}
    said |= {word.key for ours in PACKAGES for word in words(ours)}
    return [Word(text, None, "django") for text in SAID_BETTER] + [
        word
        for library in LIBRARIES
        for word in words_of(_place(library), library)
        if word.key not in said and not word.file.startswith(("unfold/contrib/simple_history", "viewflow/"))
    ]


def _place(library: str) -> Path:
    spec = find_spec(library)
    if spec is None or not spec.submodule_search_locations:
        raise LookupError(f"The library “{library}” is not installed.")
    return Path(spec.submodule_search_locations[0])


def _translated(library: str) -> Iterator[tuple[str, str | None]]:
    """What a library says in Chinese of its own."""
    for file in _place(library).rglob(f"locale/{LANGUAGE}/LC_MESSAGES/django.mo"):
        with file.open("rb") as compiled:
            catalogue = read_mo(compiled)
        for message in catalogue:
            if message.id:
                yield (message.id if isinstance(message.id, str) else message.id[0]), message.context


def path_of(package: str) -> Path:
    """The catalogue of a package."""
    return BASE_DIR / package / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"


def _catalogue(path: Path) -> Catalog:
    with path.open("rb") as lines:
        return read_po(lines, locale=LANGUAGE)


def catalogue_of(package: str) -> Catalog:
    """The committed catalogue of a package, an empty one where there is none yet."""
    return _catalogue(path_of(package)) if path_of(package).exists() else Catalog(locale=LANGUAGE)


def brought_up_to_date(package: str, found: Iterable[Word]) -> Catalog:
    """The catalogue with exactly the texts found: translations kept, lost ones dropped, new ones empty."""
    before = catalogue_of(package)
    after = Catalog(
        locale=LANGUAGE, charset="utf-8", fuzzy=False,
        header_comment="# Simplified Chinese. `make messages` brings it up to date with the source.",
    )  # fmt: skip
    for word in found:
        known = before.get(word.key[0], word.key[1])
        empty: str | tuple[str, ...] = "" if isinstance(word.id, str) else ("",)
        text = known.string if known and isinstance(known.id, str) == isinstance(word.id, str) else empty
        after.add(word.id, text, locations=[(word.file, 0)], context=word.context)
    return after


def written(catalogue: Catalog) -> bytes:
    """A catalogue as it stands in its file, without the head's dates and names, which say nothing."""
    out = io.BytesIO()
    write_po(out, catalogue, width=110, include_lineno=False)
    return b"\n".join(line for line in out.getvalue().split(b"\n") if not line.startswith(_SAYS_NOTHING))


def extract() -> list[str]:
    """Bring the catalogues of all packages up to date with the source; the texts that want a translation."""
    wanting = []
    for package in (*PACKAGES, OTHERS):
        catalogue = brought_up_to_date(package, words(package))
        path_of(package).parent.mkdir(parents=True, exist_ok=True)
        path_of(package).write_bytes(written(catalogue))
        wanting += [f"{package}: {message.id}" for message in catalogue if message.id and not _said(message.string)]
    return wanting


def _said(string: str | tuple[str, ...] | list[str] | None) -> bool:
    return all(string) if isinstance(string, (tuple, list)) else bool(string)


def compile_catalogues(root: Path = BASE_DIR) -> int:
    """Write the .mo file of every catalogue that is newer than it; the number written."""
    number = 0
    for package in (*PACKAGES, OTHERS):
        for source in sorted((root / package / "locale").glob("*/LC_MESSAGES/*.po")):
            target = source.with_suffix(".mo")
            if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
                continue
            partial = target.with_suffix(".part")
            with partial.open("wb") as out:
                write_mo(out, _catalogue(source))
            partial.replace(target)
            number += 1
    return number


if __name__ == "__main__":
    if sys.argv[1:] == ["extract"]:
        for line in extract():
            print(f"wants a translation: {line}")
    else:
        compile_catalogues()
