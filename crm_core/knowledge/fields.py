"""What processes may read and write of an article."""

from __future__ import annotations

from crm_core.kernel.declared import Declared as D

ARTICLE = (
    D("number", "text"),
    D("kind", "choice", writable=True),
    D("language", "choice", writable=True),
    D("title", "text", writable=True),
    D("body", "text", writable=True),
    D("keywords", "text", writable=True),
    D("product", "text", writable=True),
    D("product_group", "text", writable=True),
    D("status", "choice"),
    D("is_public", "boolean", writable=True),
    D("edition", "number"),
    D("owner", "user"),
    D("branch", "text", lookup="key"),
    D("published_at", "datetime"),
)
