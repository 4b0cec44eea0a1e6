"""The ways through the house: what stands in the side panel, and for whom.

A way is shown only when the person may go it: record lists ask the policy of their model,
other pages ask for a role or nothing. Nothing here decides access; the pages do that again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from crm_core.kernel.access.policies import NoPolicy, policy_for
from crm_core.kernel.access.standing import standing_of


@dataclass(frozen=True, slots=True)
class Way:
    """One entry. `model` (app_label.Model) makes it a record list that its policy opens."""

    label: Any
    icon: str = ""
    page: str = ""
    model: str = ""
    roles: tuple[str, ...] = ()
    query: str = ""

    def url(self) -> str | None:
        """Where it leads; None when that room does not exist."""
        try:
            if self.model:
                app, name = self.model.split(".")
                return reverse(f"admin:{app}_{name.lower()}_changelist") + self.query
            return reverse(self.page) + self.query
        except NoReverseMatch:
            return None

    def open_to(self, user: Any) -> bool:
        """Whether the person might use it."""
        if self.roles and not standing_of(user).superuser and not set(self.roles) & set(standing_of(user).roles):
            return False
        if not self.model:
            return True
        try:
            return policy_for(apps.get_model(self.model)).may_any(user, "view")
        except (LookupError, NoPolicy):
            return False


@dataclass(frozen=True, slots=True)
class Room:
    """A group of ways."""

    key: str
    label: Any
    icon: str
    ways: tuple[Way, ...]


ADMINS = ("administrator",)
SHARERS = ("administrator", "director", "sales_manager", "service_manager", "channel_manager", "marketing_manager")
WATCHERS = ("administrator", "process_owner", "auditor", "director")

HOUSE: tuple[Room, ...] = (
    Room("customers", _("Customers"), "groups", (
        Way(_("Accounts"), model="crm_parties.Account"),
        Way(_("Contacts"), model="crm_parties.Contact"),
        Way(_("Consents"), model="crm_parties.Consent"),
        Way(_("Suppressed addresses"), model="crm_parties.Suppression"),
        Way(_("Activities"), model="crm_activities.Activity"),
    )),
    Room("sales", _("Sales"), "handshake", (
        Way(_("Sales figures"), page="redraw:sales"),
        Way(_("Leads"), model="crm_sales.Lead"),
        Way(_("Opportunities"), model="crm_sales.Opportunity"),
        Way(_("To be matched"), page="redraw:to_match"),
        Way(_("Unassigned work"), page="redraw:unassigned", roles=SHARERS),
        Way(_("Assignments"), model="crm_sales.AssignmentLedger"),
        Way(_("Quotes"), model="crm_sales.Quote"),
        Way(_("Products"), model="crm_sales.Product"),
        Way(_("Competitors"), model="crm_sales.Competitor"),
        Way(_("Sales channels"), model="crm_sales.SalesChannel"),
    )),
    Room("marketing", _("Marketing"), "campaign", (
        Way(_("Campaigns"), model="crm_marketing.Campaign"),
        Way(_("Segments"), model="crm_marketing.Segment"),
        Way(_("Mailings"), model="crm_marketing.Mailing"),
        Way(_("Responses"), model="crm_marketing.Response"),
        Way(_("Mail templates"), model="crm_activities.Template"),
        Way(_("Mail outbox"), model="crm_activities.MailOutbox"),
    )),
    Room("service", _("Service"), "support_agent", (
        Way(_("Cases"), model="crm_service.Case"),
        Way(_("Entitlements"), model="crm_service.Entitlement"),
        Way(_("Compensations"), model="crm_service.Compensation"),
        Way(_("Surveys"), model="crm_service.Survey"),
    )),
    Room("knowledge", _("Knowledge"), "menu_book", (
        Way(_("Articles"), model="crm_knowledge.Article"),
    )),
    Room("processes", _("Processes"), "account_tree", (
        Way(_("Catalogue"), page="redraw:processes"),
        Way(_("Decisions"), page="redraw:studio_decisions"),
        Way(_("Running"), page="redraw:running"),
        Way(_("Incidents"), page="redraw:incidents", roles=WATCHERS),
        Way(_("What waits"), page="redraw:waiting", roles=WATCHERS),
        Way(_("Reasons to stop a clock"), model="process_runtime.PauseReason"),
        Way(_("Ladder of the house"), model="process_runtime.HouseRung"),
    )),
    Room("administration", _("Administration"), "settings", (
        Way(_("People"), model="crm_kernel.User"),
        Way(_("Employees"), model="crm_kernel.Employee"),
        Way(_("Absences"), model="crm_kernel.Absence", roles=ADMINS),
        Way(_("Branches"), model="crm_kernel.Branch"),
        Way(_("Teams"), model="crm_kernel.Team"),
        Way(_("Roles"), model="crm_kernel.Role"),
        Way(_("Imports"), page="redraw:imports"),
        Way(_("Mail outbox"), page="redraw:outbox"),
        Way(_("Working calendars"), model="crm_kernel.WorkingCalendar"),
        Way(_("Audit trail"), model="crm_kernel.AuditEntry"),
        Way(_("Refused accesses"), model="crm_kernel.AccessRefusal"),
    )),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry ready to be drawn."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class ShownRoom:
    """A group ready to be drawn; `open` when the reader is inside."""

    key: str
    label: str
    icon: str
    ways: list[Shown]
    open: bool


def _ways(room: Room, user: Any) -> Iterator[tuple[Way, str]]:
    for way in room.ways:
        url = way.url()
        if url is not None and way.open_to(user):
            yield way, url


def house_for(request: HttpRequest) -> list[ShownRoom]:
    """The rooms that this person may enter, with the place where they are marked."""
    path = request.path
    rooms = []
    for room in HOUSE:
        shown = [
            Shown(str(way.label), url, path.startswith(url.split("?")[0])) for way, url in _ways(room, request.user)
        ]
        # Of several matching entries only the longest address is where one is.
        best = max((w for w in shown if w.current), key=lambda w: len(w.url), default=None)
        shown = [Shown(w.label, w.url, w is best) for w in shown]
        if shown:
            rooms.append(ShownRoom(room.key, str(room.label), room.icon, shown, best is not None))
    return rooms


def pages_for(user: Any) -> list[tuple[str, str, str]]:
    """Every page the person may use: (label, room, address), for the search box."""
    found = [
        (str(_("Inbox")), "", reverse("redraw:inbox")),
        (str(_("My absence")), "", reverse("redraw:absence")),
        (str(_("Absent people")), "", reverse("redraw:absent_people")),
    ]
    for room in HOUSE:
        found.extend((str(way.label), str(room.label), url) for way, url in _ways(room, user))
    return found


