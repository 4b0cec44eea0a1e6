"""Who may import, and see what was imported."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from crm_core.integration.models import ImportedRow, ImportRun, SavedMapping
from crm_core.kernel.access.policies import NOTHING, Policy, register
from crm_core.kernel.access.standing import Standing, standing_of
from crm_core.kernel.models.access import Level


@register
class ImportPolicy(Policy):
    """The right to import is `import.add`; what may be written is asked of each record's policy."""

    key = "import"
    model = ImportRun
    owner = "user"
    branch = ""


@register
class ImportedRowPolicy(Policy):
    """Read with its import, never written by people."""

    key = "imported_row"
    model = ImportedRow
    owner = branch = ""
    via = ("run",)
    via_actions = {"view": "view", "export": "export"}


@register
class SavedMappingPolicy(Policy):
    """Own ones, and to look at and use those that are shared. To share is to change for all: who may change all may."""

    key = "import_mapping"
    model = SavedMapping
    branch = ""

    def more(self, user: Any, standing: Standing, action: str) -> Q:
        may_look = action == "view" and standing.level(self.key, action) != Level.NONE
        return Q(shared=True) if may_look else NOTHING

    def may_share(self, user: Any) -> bool:
        """Whether the person may keep mappings for everybody."""
        standing = standing_of(user)
        return standing.active and (standing.superuser or standing.level(self.key, "change") == Level.ALL)
