"""Registers articles as something that processes can be about."""

from __future__ import annotations

from typing import Any

from crm_core.kernel.declared import subject_type
from crm_core.knowledge import services
from crm_core.knowledge.fields import ARTICLE
from crm_core.knowledge.models import Article
from processes import api


def _update(article: Article, **how: Any) -> None:
    services.revise(article=article, **how)


def register() -> None:
    """Called once from AppConfig.ready."""
    api.register_subject(subject_type(key="article", model=Article, fields=ARTICLE, update=_update))
