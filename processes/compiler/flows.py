"""Flow classes by name, compiled when they are first asked for (PEP 562).

The path of this module stands in stored references (`process_compiler/flows.complaint_handling_v3`) and is
final. Names that are not those of a version cost no query. One class per version and process: nodes are told
apart by identity, two copies of one version would silently lose their boundary events.
"""

from __future__ import annotations

import threading
from typing import Any
from uuid import UUID

from processes.apart import is_apart
from processes.bpmn import BpmnError
from processes.compiler.compile import CompileError, compile_version
from processes.compiler.naming import parse_flow_name
from processes.runtime.flow import ProcessFlow

_lock = threading.RLock()
_compiled: dict[tuple[bool, str], tuple[tuple[UUID, str], type[ProcessFlow]]] = {}
"""By whether it is a rehearsal's, and name: row and content hash, class. A class knows the row it was compiled from."""


def __getattr__(name: str) -> Any:
    parsed = parse_flow_name(name)
    if parsed is None or name.startswith("_"):
        raise AttributeError(name)
    from processes.catalog.models import ProcessVersion

    key, number = parsed
    version = (
        ProcessVersion.objects.select_related("definition").filter(definition__key=key, number=number).first()
    )
    if version is None:
        raise AttributeError(name)  # import_string turns it into ImportError, reference fields give None
    place = (is_apart(), name)
    with _lock:
        kept = _compiled.get(place)
        if kept is not None and kept[0] == (version.pk, version.content_hash):
            return kept[1]
        try:
            compiled = compile_version(version)
        except (CompileError, BpmnError) as error:
            raise AttributeError(name) from error
        _compiled[place] = ((version.pk, version.content_hash), compiled)
        return compiled
