"""The only writer of explicit rights on single records.

A grant has a source (a share, a team, a process task), so that it can be taken back without
touching another grant of the same right. Row filters ask the Grant table only; guardian's
tables are written in step, so that `user.has_perm(..., obj)` and other code that knows
guardian agree. A guardian permission goes when the last grant behind it goes. guardian knows
only permissions that Django has; other actions live in the Grant table alone. All of it is
audited by the triggers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model, QuerySet
from guardian.models import GroupObjectPermission, UserObjectPermission

from crm_core.kernel.access.policies import policy_of_key
from crm_core.kernel.access.standing import forget_grants, standing_of
from crm_core.kernel.models.access import Grant
from processes import ports
from processes.prepared import Prepared


@dataclass(frozen=True, slots=True)
class Source:
    """Where a grant comes from: `Source("task", "<id>")`, `Source("share", "12")`."""

    kind: str
    id: str = ""

    @classmethod
    def parse(cls, text: str) -> Source:
        """`task:<id>` as a source; without a colon it is a kind without id."""
        kind, _colon, key = text.partition(":")
        return cls(kind, key)


def give(
    *,
    to: Any,
    obj: Model,
    actions: Sequence[str],
    source: Source,
    by: Any = None,
) -> int:
    """Grant `actions` on a record to a user or group; returns how many grants are new.

    Giving again from the same source changes nothing. The caller is the check of who may give.
    """
    return give_many(to=to, model=type(obj), ids=[obj.pk], actions=actions, source=source, by=by)


def give_many(
    *, to: Any, model: type[Model], ids: Iterable[int], actions: Sequence[str], source: Source, by: Any = None
) -> int:
    """Grant `actions` on many records of one model with a fixed number of statements."""
    principal = {"group": to} if isinstance(to, Group) else {"user": to}
    kind = ContentType.objects.get_for_model(model)
    listed = list(dict.fromkeys(ids))
    wanted = [
        Grant(
            **principal, content_type=kind, object_id=pk, action=action, source_kind=source.kind,
            source_id=source.id, given_by=by, given_at=ports.now(),
        )
        for pk in listed
        for action in dict.fromkeys(actions)
    ]  # fmt: skip
    with transaction.atomic(savepoint=False):
        known = _known(source, to, kind, listed)
        new = [grant for grant in wanted if (grant.object_id, grant.action) not in known]
        if new:
            Grant.objects.bulk_create(new, ignore_conflicts=True)
            _write_guardian(to, kind, model, new)
            forget_grants()
    return len(new)


def take(*, source: Source, to: Any = None, obj: Model | None = None, actions: Sequence[str] = ()) -> int:
    """Take back what a source granted, all of it or only of one person, record or action.

    Returns how many grants are gone. guardian's permission stays while another source needs it.
    """
    going = _of(source)
    if to is not None:
        going = going.filter(**({"group": to} if isinstance(to, Group) else {"user": to}))
    if obj is not None:
        going = going.filter(content_type=ContentType.objects.get_for_model(obj), object_id=obj.pk)
    if actions:
        going = going.filter(action__in=list(actions))
    return _remove(going)


def take_all(obj: Model) -> int:
    """Take back every grant on a record that is about to be deleted."""
    return _remove(
        Grant.objects.filter(content_type=ContentType.objects.get_for_model(obj), object_id=obj.pk)
    )


def grants_on(obj: Model, *, user: Any = None) -> QuerySet[Grant]:
    """The grants on a record, or those that reach one user (also through what they do for somebody), in order of giving."""
    rows = Grant.objects.filter(content_type=ContentType.objects.get_for_model(obj), object_id=obj.pk)
    if user is not None:
        rows = rows.filter(standing_of(user).principal)
    return rows.order_by("given_at", "pk")


# --- in step with guardian ------------------------------------------------------------------


def _of(source: Source) -> QuerySet[Grant]:
    return Grant.objects.filter(source_kind=source.kind, source_id=source.id)


_of_one: Prepared[tuple[int | None, int | None, str]] = Prepared(
    lambda kind, key, content_type, pk: Grant.objects.filter(
        source_kind=kind, source_id=key, content_type=content_type, object_id=pk
    ).values_list("user_id", "group_id", "action"),
    str, str, int, int,
)  # fmt: skip
_permissions_of: Prepared[tuple[str, int]] = Prepared(
    lambda kind: Permission.objects.filter(content_type=kind).order_by("pk").values_list("codename", "pk"), int
)


def _known(source: Source, to: Any, kind: ContentType, ids: list[int]) -> set[tuple[int, str]]:
    """(record, action) that the source has granted to a user or group already."""
    principal = "group" if isinstance(to, Group) else "user"
    if len(ids) == 1:
        rows = _of_one.all(source.kind, source.id, kind.pk, ids[0])
        return {(ids[0], action) for user, group, action in rows if to.pk == (group if principal == "group" else user)}
    there = _of(source).filter(**{principal: to}, content_type=kind, object_id__in=ids)
    return set(there.values_list("object_id", "action"))


def _permissions(kind: ContentType, actions: set[str]) -> dict[str, int]:
    """Action -> id of Django's permission, for those that exist."""
    codenames = {f"{action}_{kind.model}": action for action in actions}
    return {codenames[codename]: pk for codename, pk in _permissions_of.all(kind.pk) if codename in codenames}


def _write_guardian(to: Any, kind: ContentType, model: type[Model], grants: list[Grant]) -> None:
    permissions = _permissions(kind, {grant.action for grant in grants})
    table: Any = GroupObjectPermission if isinstance(to, Group) else UserObjectPermission
    holder = {"group": to} if isinstance(to, Group) else {"user": to}
    table.objects.bulk_create(
        [
            table(**holder, content_type=kind, object_pk=str(grant.object_id), permission_id=pk)
            for grant in grants
            if (pk := permissions.get(grant.action)) is not None
        ],
        ignore_conflicts=True,
    )


def _remove(going: QuerySet[Grant]) -> int:
    with transaction.atomic(savepoint=False):
        rows = list(
            going.select_for_update().values_list(
                "pk", "user_id", "group_id", "content_type_id", "object_id", "action"
            )
        )
        if not rows:
            return 0
        gone = Grant.objects.filter(pk__in=[row[0] for row in rows])
        gone._raw_delete(gone.db)  # nothing refers to a grant, and standings are told below
        by_kind: dict[int, set[tuple]] = {}
        for _pk, user, group, kind, object_id, action in rows:
            by_kind.setdefault(kind, set()).add((user, group, object_id, action))
        for kind, keys in by_kind.items():
            _remove_guardian(ContentType.objects.get_for_id(kind), keys)
        forget_grants()
        return len(rows)


def _remove_guardian(kind: ContentType, keys: set[tuple]) -> None:
    ids = {key[2] for key in keys}
    kept = set(
        Grant.objects.filter(content_type=kind, object_id__in=ids).values_list(
            "user_id", "group_id", "object_id", "action"
        )
    )
    permissions = _permissions(kind, {key[3] for key in keys})
    for user, group, object_id, action in keys - kept:
        if action not in permissions:
            continue
        holder = {"group_id": group} if group else {"user_id": user}
        table: Any = GroupObjectPermission if group else UserObjectPermission
        rights = table.objects.filter(
            **holder, content_type=kind, object_pk=str(object_id), permission_id=permissions[action]
        )
        rights._raw_delete(rights.db)


# --- the engine's port ----------------------------------------------------------------------


class GrantsPort:
    """Gives what a process step declares, on the record the process is about."""

    def give(self, *, user: Any, subject: ports.Subject, actions: Sequence[str], source: str) -> None:
        """Grant actions on a subject; `source` is like `task:<id>`.

        A subject type without a policy is closed to everybody, so there is nothing to grant.
        """
        policy = policy_of_key(subject.type)
        if policy is not None:
            give_many(
                to=user, model=policy.model, ids=[subject.id], actions=actions, source=Source.parse(source)
            )

    def take(self, *, source: str) -> None:
        """Take back everything that this source granted."""
        take(source=Source.parse(source))
