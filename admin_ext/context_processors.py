"""What every page of the house needs: rooms, the person, the languages, counts. Computed when asked for."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from admin_ext.navigation import house_for
from crm_core.kernel.access.standing import standing_of
from crm_core.kernel.models import Role
from processes import api, ports


class Shell:
    """The frame's data for one request. Every property is computed once, and only when drawn."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @property
    def rooms(self) -> list[Any]:
        """The ways through the house that are open to the person."""
        return house_for(self.request)

    @property
    def inbox_count(self) -> int | None:
        """How many tasks wait for the person."""
        return api.count(self.request.user, box="mine")

    @property
    def in_inbox(self) -> bool:
        """Whether the reader is in the inbox or at a task."""
        return self.request.path.startswith(("/inbox/", "/work/"))

    @property
    def in_notices(self) -> bool:
        """Whether the reader is at the notices."""
        return self.request.path.startswith("/notices/")

    @property
    def name(self) -> str:
        """The person's name in both scripts."""
        user = self.request.user
        names = [getattr(user, "display_name", ""), getattr(user, "display_name_zh", "")]
        return " ".join(dict.fromkeys(name for name in names if name)) or ports.people().display(user)

    @property
    def place(self) -> str:
        """What the person is and where: role or job title, and branch."""
        user = self.request.user
        employee = getattr(user, "employee", None)
        roles = standing_of(user).roles
        role = Role.objects.filter(key=roles[0]).first() if roles else None
        parts = [str(role) if role else "", str(employee.branch) if employee and employee.branch_id else ""]
        return " · ".join(part for part in parts if part)

    @property
    def languages(self) -> list[tuple[str, str, bool]]:
        """The languages of the product: code, own name, whether it is the present one."""
        return [(code, name, code == get_language()) for code, name in settings.LANGUAGES]


def shell(request: HttpRequest) -> dict[str, Any]:
    """`shell`, made when a template asks for it."""
    return {"shell": SimpleLazyObject(lambda: Shell(request))}
