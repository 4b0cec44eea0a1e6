"""What drawings can do with articles."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm_core.knowledge import services
from crm_core.knowledge.models import Article
from processes import api


def _article(call: api.ActionCall) -> Article:
    if call.subject is None or call.subject.type != "article":
        raise api.ProcessError(
            gettext("“%(action)s” works on an article. Draw it in a process about articles.") % {"action": call.name}
        )
    return Article.objects.get(pk=call.subject.id)


@api.action("articles.publish", label=_("Publish the article"))
def publish(call: api.ActionCall) -> Any:
    """Publishes the present text."""
    return services.publish(article=_article(call), by=call.user, trusted=True).edition


@api.action("articles.retire", label=_("Retire the article"))
def retire(call: api.ActionCall) -> Any:
    """Takes the article out of the search."""
    services.retire(article=_article(call), by=call.user, trusted=True)
    return True
