"""Who may see and change the organisation's own rows."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from crm_core.kernel.access.policies import NOTHING, Policy, register
from crm_core.kernel.access.standing import Standing
from crm_core.kernel.audit.registry import audited
from crm_core.kernel.models import (
    Absence,
    AbsenceCover,
    AccessRefusal,
    AuditEntry,
    Branch,
    Employee,
    Grant,
    NumberSequence,
    Role,
    RolePermission,
    Team,
    User,
    WorkingCalendar,
)
from processes.runtime.models import HouseRung, PauseReason

# What the house says of clocks counts for everybody's limits, so it is known who changed it.
audited(PauseReason)
audited(HouseRung)


@register
class UserPolicy(Policy):
    """A person is their own record; the branch is that of their employee row."""

    key = "user"
    model = User
    owner = "pk"
    branch = "employee__branch"


@register
class EmployeePolicy(Policy):
    key = "employee"
    model = Employee
    owner = "user"
    team = "team"


@register
class AbsencePolicy(Policy):
    """An absence is the person's own, and that of whoever leads them: the reason is nobody else's business."""

    key = "absence"
    model = Absence
    owner = "employee__user"
    branch = "employee__branch"

    def more(self, user: Any, standing: Standing, action: str) -> Q:
        """One's own, and those of the people one leads."""
        theirs = Q(employee__user=standing.user_id) | Q(employee__manager=standing.user_id)
        return theirs | Q(employee__team__lead=standing.user_id) if action != "export" else NOTHING


@register
class AbsenceCoverPolicy(Policy):
    """A substitute in a process follows the absence."""

    key = "absence_cover"
    model = AbsenceCover
    owner = ""
    branch = ""
    via = ("absence",)


@register
class BranchPolicy(Policy):
    key = "branch"
    model = Branch
    owner = ""
    branch = "pk"


@register
class TeamPolicy(Policy):
    key = "team"
    model = Team
    owner = "lead"
    team = "pk"


@register
class WorkingCalendarPolicy(Policy):
    key = "working_calendar"
    model = WorkingCalendar
    owner = ""
    branch = ""


@register
class PauseReasonPolicy(Policy):
    key = "pause_reason"
    model = PauseReason
    owner = ""
    branch = ""


@register
class HouseRungPolicy(Policy):
    key = "house_rung"
    model = HouseRung
    owner = ""
    branch = ""


@register
class RolePolicy(Policy):
    key = "role"
    model = Role
    owner = ""
    branch = ""


@register
class RolePermissionPolicy(Policy):
    """A cell of the access table follows its role."""

    key = "role_permission"
    model = RolePermission
    owner = ""
    branch = ""
    via = ("role",)


@register
class GrantPolicy(Policy):
    key = "grant"
    model = Grant
    owner = "user"
    branch = ""


@register
class AccessRefusalPolicy(Policy):
    key = "access_refusal"
    model = AccessRefusal
    owner = "user"
    branch = ""


@register
class AuditPolicy(Policy):
    """The trail as a whole is for auditors; a record's own history follows that record."""

    key = "audit"
    model = AuditEntry
    owner = "actor_id"
    branch = ""


@register
class NumberSequencePolicy(Policy):
    key = "sequence"
    model = NumberSequence
    owner = ""
    branch = ""
