"""Who may import, and see what was imported."""

from __future__ import annotations

from crm_core.integration.models import ImportedRow, ImportRun
from crm_core.kernel.access.policies import Policy, register


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
