"""The audit trail: append-only rows written by generated triggers on both databases.

Bulk updates and raw SQL are caught because nothing in Python writes the trail. Who acts comes
from `crm_core.kernel.acting`: SQLite's triggers call a function of the connection for it,
PostgreSQL's read a setting that is sent once per transaction, before its first write.
"""

from crm_core.kernel.acting import acting
from crm_core.kernel.audit.registry import audited

__all__ = ["acting", "audited"]
