"""What stands before the faults run begins: people, a decision, the published drawings."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from processes.catalog.models import DecisionDefinition, DecisionVersion, ProcessDefinition, ProcessVersion
from processes.publication.services import publish_now
from tests.load.faults.drawings import DRAWINGS
from tests.load.faults.givens import CHIEF, CLERK, CLERKS, PASSWORD
from tests.processes.publication.drawing import table


def publish_all() -> None:
    """Make the people and publish the drawings; what is there already stays."""
    group, _new = Group.objects.get_or_create(name=CLERK)
    for name in (CHIEF, *CLERKS):
        if not get_user_model().objects.filter(username=name).exists():
            user = get_user_model().objects.create_user(username=name, password=PASSWORD, is_staff=True, is_superuser=name == CHIEF)
            user.groups.add(group)
    size, new = DecisionDefinition.objects.get_or_create(key="faults_size")
    if new:
        DecisionVersion.objects.create(definition=size, number=1, dmn=table("faults_size"), state="published")
    for key, bpmn in DRAWINGS.items():
        definition, _new = ProcessDefinition.objects.get_or_create(key=key, defaults={"titles": {"en": key}})
        if not definition.versions.exists():
            publish_now(ProcessVersion.objects.create(definition=definition, number=1, bpmn=bpmn, forms={}))
