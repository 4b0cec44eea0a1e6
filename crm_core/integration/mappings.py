"""Mappings that people keep: for the next file with the same headers, of one's own or shared with all who import."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm_core.integration.definitions import definitions
from crm_core.integration.mapping import ColumnMapping, from_json
from crm_core.integration.models import ImportRun, SavedMapping
from crm_core.integration.policies import SavedMappingPolicy
from crm_core.kernel.access.authority import allow
from crm_core.kernel.access.policies import policy_for, rows_for
from processes import ports
from processes.errors import Invalid


def mapping_of(kept: SavedMapping) -> ColumnMapping:
    """A kept mapping as it is used."""
    return from_json(kept.definition, kept.mapping)


def mappings_for(user: Any) -> list[SavedMapping]:
    """The mappings that a person may use, by name."""
    known = [each.key for each in definitions()]
    return list(rows_for(user, SavedMapping).filter(definition__in=known).select_related("owner"))


def fitting(user: Any, headers: Sequence[str], wanted: str = "") -> SavedMapping | None:
    """The mapping kept for a file with just these headers: an own one before a shared one, the newest first."""
    if user is None:
        return None
    found = [
        kept for kept in mappings_for(user)
        if set(kept.headers) == set(headers) and wanted in ("", kept.definition)
    ]  # fmt: skip
    return max(found, key=lambda kept: (kept.owner_id == user.pk, kept.changed_at), default=None)


def may_share(user: Any) -> bool:
    """Whether a person may keep mappings for everybody."""
    policy = policy_for(SavedMapping)
    return isinstance(policy, SavedMappingPolicy) and policy.may_share(user)


@transaction.atomic
def keep(*, run: ImportRun, name: str, by: Any, shared: bool = False) -> SavedMapping:
    """Keep the mapping of a run under a name; the same name again replaces what was kept under it.

    Raises Invalid without a name, Denied when `by` may not keep mappings, or not for everybody.
    """
    allow(by, "view", run)
    allow(by, "add", SavedMapping)
    name = name.strip()
    if not name:
        raise Invalid(_("Give the mapping a name, such as that of the system the file comes from."))
    if shared and not may_share(by):
        raise policy_for(SavedMapping).denied(by, "change", None)
    mapping = {**run.mapping, "shift_days": 0}
    kept, _new = SavedMapping.objects.update_or_create(
        owner=by, name=name[:100],
        defaults={"definition": run.definition, "headers": run.headers, "mapping": mapping, "shared": shared, "changed_at": ports.now()},
    )  # fmt: skip
    return kept


def forget(*, kept: SavedMapping, by: Any) -> None:
    """Delete a kept mapping. What was loaded by it stays."""
    allow(by, "delete", kept)
    kept.delete()
