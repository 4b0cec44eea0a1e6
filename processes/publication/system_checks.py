"""A system check (`manage.py check --database default`): versions in use that this program can no longer run.

Their instances stay readable; whoever upgraded the program should hear of them before people do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.checks import CheckMessage, Warning
from django.db import connections
from django.db.models import Q

from processes.bpmn import BpmnError
from processes.catalog.models import ProcessVersion, State
from processes.compiler.compile import CompileError, compile_version

ID = "process_publication.W001"


def versions_run(app_configs: Sequence[Any] | None, databases: Iterable[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """A warning for each version that is published or has running instances and does not compile."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        tables = set(connections[alias].introspection.table_names())
        if not {"process_catalog_processversion", "process_runtime_processinstance"} <= tables:
            continue  # not migrated yet
        used = Q(state__in=[State.PUBLISHED, State.PILOTED]) | Q(processinstance__status="NEW")
        versions = ProcessVersion.objects.using(alias).filter(used).select_related("definition").distinct()
        for version in versions.only("number", "state", "bpmn", "content_hash", "definition__key"):
            try:
                compile_version(version)
            except (CompileError, BpmnError) as error:
                found.append(
                    Warning(
                        f"{version} cannot be run by this version of the program: {error}",
                        hint="Its instances can be read and cancelled. Publish a version that can be run.", id=ID,
                    )
                )  # fmt: skip
    return found
