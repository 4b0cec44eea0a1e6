"""What processes may read and write of an account."""

from __future__ import annotations

from crm_core.kernel.declared import Declared as D

ACCOUNT = (
    D("name", "text", writable=True),
    D("name_zh", "text", writable=True),
    D("kind", "choice", writable=True),
    D("status", "choice", writable=True),
    D("industry", "text", writable=True),
    D("employees", "number", writable=True),
    D("founded", "number", writable=True),
    D("revenue", "money", writable=True),
    D("country", "text", writable=True),
    D("region", "text", writable=True),
    D("city", "text", writable=True),
    D("address", "text", writable=True),
    D("website", "text", writable=True),
    D("language", "choice", writable=True),
    D("currency", "text", writable=True),
    D("grade", "choice", writable=True),
    D("risk", "choice", writable=True),
    D("lifetime_value", "money"),
    D("manager", "user", writable=True),
    D("branch", "text", lookup="key"),
    D("parent", "number", writable=True),
    D("source_key", "text", writable=True),
    D("notes", "text", writable=True),
)
