"""The content of a process taken out as files and brought in again, by who answers for it.

What comes in becomes a draft, never more: titles, owner and subject of the process stay as they are here, a draft that
somebody works on stays too, and decisions that others answer for are not touched.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.db import transaction

from processes.catalog import archive, exporting, loading
from processes.catalog import selectors as catalog
from processes.catalog.errors import UnreadableArchive
from processes.catalog.folder import Folder, read_folder
from processes.catalog.loading import Loaded
from processes.catalog.models import DecisionDefinition, DecisionVersion, ProcessDefinition, ProcessVersion
from processes.errors import AlreadyDone, NotAllowed, NotFound
from processes.inbox.supervision import answers_for, answers_for_decision
from processes.spoken import gettext as _


def export(key: str, number: int | None = None, *, user: Any) -> tuple[str, bytes]:
    """The folder of a version (the published one, else the newest, unless told) as a ZIP file with its name.

    NotFound without it, NotAllowed for who does not answer for the process.
    """
    _demand(key, user)
    version = catalog.version(key, number) if number is not None else shown(key)
    return f"{key}-v{version.number}.zip", archive.packed(exporting.files_of(version), key)


def bring_in(key: str, data: bytes, *, user: Any) -> Loaded:
    """Take in a ZIP file as the next draft of a process. Known content changes nothing.

    UnreadableArchive or UnreadableFolder for what is no folder of this process, AlreadyDone when somebody has a draft
    open, NotAllowed for decisions that the person does not answer for; then nothing is stored.
    """
    definition = _demand(key, user)
    files = archive.unpacked(data)
    with tempfile.TemporaryDirectory() as place, transaction.atomic():
        ProcessDefinition.objects.select_for_update().get(pk=definition.pk)
        folder = _folder(Path(place) / key, files)
        if folder.key != key:
            raise UnreadableArchive(
                _("This is the process “%(other)s”, and not “%(key)s”. Bring it in on the page of that process.")
                % {"other": folder.key, "key": key}
            )
        if loading.known_version(folder) is None:
            _demand_no_draft(ProcessVersion.objects.filter(definition=definition))
        for file in folder.decisions:
            if loading.known_decision(file) is None:
                _demand_decision(file.key, user)
        return loading.take_in(folder, user=user, as_draft=True)


def shown(key: str) -> ProcessVersion:
    """The published version of a process, else its newest; NotFound when there is none."""
    definition = catalog.definition(key)
    rows = ProcessVersion.objects.select_related("definition").filter(definition=definition)
    found = rows.filter(state="published").first() or rows.order_by("-number").first()
    if found is None:
        raise NotFound(_("The process “%(key)s” has no version yet.") % {"key": key})
    return found


def _folder(base: Path, files: dict[str, bytes]) -> Folder:
    for name, content in files.items():
        path = base / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    base.mkdir(exist_ok=True)
    return read_folder(base)


def _demand(key: str, user: Any) -> ProcessDefinition:
    definition = catalog.definition(key)
    if not answers_for(definition, user):
        raise NotAllowed(_("Only who answers for this process may take its files out or bring files in."))
    return definition


def _demand_no_draft(rows: Any) -> None:
    found = next((row for row in rows.select_related("definition").order_by("-number") if row.is_open), None)
    if found is not None:
        raise AlreadyDone(
            _("%(version)s is being worked on. Publish or discard it first; what you bring in would take its place.")
            % {"version": found}
        )


def _demand_decision(key: str, user: Any) -> None:
    definition = DecisionDefinition.objects.filter(key=key).first()
    if definition is None:
        return
    if not answers_for_decision(definition, user):
        raise NotAllowed(
            _("The file also changes the decision “%(title)s”, which somebody else answers for. Take it out of the file.")
            % {"title": definition.title()}
        )
    _demand_no_draft(DecisionVersion.objects.filter(definition=definition))
