"""Brings folders of definitions into the catalogue: content it knows already changes nothing.

Content is known by its hash. What is new becomes the next version, a draft; versions are never changed. A
folder is loaded as a whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Max

from processes.bpmn import BpmnError, parse
from processes.bpmn.model import Model
from processes.catalog.decision_labels import labels_of
from processes.catalog.examples import main_decision
from processes.catalog.folder import DRAWING, DecisionFile, Folder, folders_in, read_folder, refused
from processes.catalog.models import (
    DecisionDefinition,
    DecisionVersion,
    Definition,
    ProcessDefinition,
    ProcessVersion,
)
from processes.dmn import Decisions, DmnError, load
from processes.spoken import gettext as _
from processes.spoken import spoken

SHIPPED = Path(__file__).resolve().parents[2] / "fixtures" / "processes"
"""Where the content that comes with the product lies."""


@dataclass(frozen=True)
class Loaded:
    """What became of one folder: the process version of its content and the decision versions beside it.

    `new` says whether any version was added.
    """

    version: ProcessVersion
    decisions: tuple[DecisionVersion, ...]
    new: bool

    @property
    def key(self) -> str:
        """The key of the process."""
        return self.version.definition.key


def load_all(roots: Iterable[Path | str] = (SHIPPED,), *, user: Any = None) -> list[Loaded]:
    """Load every folder under the given paths. UnreadableFolder names the file and the place; what was
    loaded before it stays."""
    return [load_folder(path, user=user) for root in roots for path in folders_in(root)]


@transaction.atomic
def load_folder(path: Path | str, *, user: Any = None) -> Loaded:
    """Load one folder; UnreadableFolder with a sentence, and nothing stored, when it cannot be."""
    return take_in(read_folder(path), user=user)


def take_in(folder: Folder, *, user: Any = None, as_draft: bool = False) -> Loaded:
    """Load a folder that was read. `as_draft` leaves titles, owner and subject of what is here already as they are."""
    decisions = [_decision(file, folder, user, as_draft) for file in folder.decisions]
    version, new = _process(folder, user, as_draft)
    return Loaded(version, tuple(found for found, _new in decisions), new or any(new for _v, new in decisions))


def known_version(folder: Folder) -> ProcessVersion | None:
    """The newest version of this very content with these tests, whatever its state."""
    found = _known(ProcessVersion, folder.key, folder.content_hash)
    return found if found is not None and folder.tests in (None, found.tests) else None


def known_decision(file: DecisionFile) -> DecisionVersion | None:
    """The newest version of this very decision, whatever its state."""
    found: DecisionVersion | None = _known(DecisionVersion, file.key, file.content_hash)
    return found


# --- processes ---------------------------------------------------------------------------------------------
def _process(folder: Folder, user: Any, as_draft: bool) -> tuple[ProcessVersion, bool]:
    known = known_version(folder)
    if known is not None:
        return known, False
    _check_drawing(folder)
    definition = _definition(
        ProcessDefinition, folder.key, as_draft,
        titles=dict(folder.titles), descriptions=dict(folder.descriptions), category=folder.category,
        subject_type=folder.subject_type, owner_role=folder.owner_role,
    )  # fmt: skip
    version = ProcessVersion(
        definition=definition, number=_next(definition), bpmn=folder.bpmn, forms=dict(folder.forms),
        notes=folder.notes, tests=folder.tests or [], created_by=user,
    )  # fmt: skip
    version.save()
    return version, True


def _check_drawing(folder: Folder) -> None:
    """The file is BPMN and holds an executable process of the folder's key."""
    model = read_drawing(folder.bpmn, folder.path / DRAWING)
    if folder.key not in model.processes or not model.processes[folder.key].is_executable:
        raise refused(
            folder.path / DRAWING,
            _("The drawing holds no executable process with the id “%(key)s”, which is the key of this folder.")
            % {"key": folder.key},
        )


def read_drawing(bpmn: str, path: Path) -> Model:
    """The model of a drawing; UnreadableFolder with file and line when it is none."""
    try:
        return parse(bpmn)
    except BpmnError as error:
        said = spoken(error.sentence)
        if error.line:
            said = _("Line %(line)d: %(sentence)s") % {"line": error.line, "sentence": said}
        raise refused(path, said) from error


# --- decisions ---------------------------------------------------------------------------------------------
def _decision(file: DecisionFile, folder: Folder, user: Any, as_draft: bool) -> tuple[DecisionVersion, bool]:
    known = known_decision(file)
    if known is not None:
        return known, False
    decisions = read_decisions(file.dmn, file.path)
    titles = labels_of(file.dmn).get(main_decision(decisions, file.key), {})
    definition = _definition(
        DecisionDefinition, file.key, as_draft, titles=dict(titles) or {"en": file.key}, category=folder.category
    )
    version = DecisionVersion(
        definition=definition, number=_next(definition), dmn=file.dmn, examples=file.examples, created_by=user
    )
    version.save()
    return version, True


def read_decisions(dmn: str, path: Path) -> Decisions:
    """The decisions of a file; UnreadableFolder with file and element when it cannot be read."""
    try:
        return load(dmn)
    except DmnError as error:
        where = f"“{error.element}”: " if error.element else ""
        raise refused(path, where + spoken(error.message)) from error


# --- rows --------------------------------------------------------------------------------------------------
def _known(model: Any, key: str, content_hash: str) -> Any:
    """The newest version of this very content, whatever its state."""
    return (
        model.objects.select_related("definition")
        .filter(definition__key=key, content_hash=content_hash)
        .order_by("-number")
        .first()
    )


def _definition(model: type[Any], key: str, as_draft: bool, **values: Any) -> Any:
    """The definition of a key with the values that come with a new version of it; one that is here keeps its own for a
    mere draft."""
    found, new = model.objects.get_or_create(key=key, defaults=values)
    changed = [] if new or as_draft else [name for name, value in values.items() if getattr(found, name) != value]
    for name in changed:
        setattr(found, name, values[name])
    if changed:
        found.save(update_fields=changed)
    return found


def _next(definition: Definition) -> int:
    return int(definition.versions.aggregate(most=Max("number"))["most"] or 0) + 1  # type: ignore[attr-defined]
