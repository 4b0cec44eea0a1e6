"""Who can sign in to the demo, printed at the start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password

from crm_core.demo.company import Company
from crm_core.kernel.models import Role, User
from processes import ports

FIRST = (
    "li.na", "zhou.jie", "han.mei", "chen.yu", "zhao.min", "luo.xin", "song.yu", "qin.fa", "shen.ke", "cao.lei",
    "yu.tong", "wei.bo", "gao.jing", "tian.xue", "admin", "jin.yi", "partner.huadong", "claire.moreau",
)  # fmt: skip
"""One person for each role, and one in Paris."""


MOST_HASHES = 3
"""The demo's people share one password and its hash; checking a hash is slow on purpose."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """A name and password of the demo, and what the person does."""

    username: str
    password: str
    what: str


def sign_ins() -> list[SignIn]:
    """The demo's people in the order to try them; none where there is no demo company."""
    company = Company(settings.BASE_DIR / "fixtures/demo/company.toml")
    password = company.data["company"]["password"]
    labels = {role.key: role.labels for role in Role.objects.all()}
    users = User.objects.filter(is_active=True).select_related("employee__branch").prefetch_related("groups")
    hashes = {user.password for user in users if user.has_usable_password()}
    if len(hashes) > MOST_HASHES:  # people have passwords of their own
        return []
    valid = {encoded for encoded in hashes if check_password(password, encoded)}
    found = {user.username: user for user in users if user.password in valid}
    order = [name for name in FIRST if name in found]
    if len(order) < len(FIRST) // 2:  # a company's own files: one person for each role and office
        order = _one_each(found)
    people = []
    for name in order:
        user = found[name]
        roles = ", ".join(ports.text(labels.get(group.name, group.name), "en") for group in user.groups.all())
        branch = user.employee.branch.name if hasattr(user, "employee") and user.employee.branch else ""
        people.append(SignIn(name, password, f"{roles}, {branch}".rstrip(", ")))
    return people


def _one_each(found: dict[str, User]) -> list[str]:
    """One sign-in name for each role and office, the administrator first."""
    kept: dict[tuple[Any, ...], str] = {}
    for name, user in sorted(found.items()):
        office = user.employee.branch_id if hasattr(user, "employee") else None
        kept.setdefault((*sorted(group.name for group in user.groups.all()), office), name)
    return sorted(kept.values(), key=lambda name: (name != "admin", name))
