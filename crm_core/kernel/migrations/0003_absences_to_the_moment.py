"""Absences get moments for days, and substitutes in single processes; the trail gets whom somebody acted for."""

import datetime
from zoneinfo import ZoneInfo

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def days_to_moments(apps, schema_editor):
    """Whole days in the zone of the absent person, from the first midnight to the one after the last day."""
    absences = apps.get_model("crm_kernel", "Absence").objects.using(schema_editor.connection.alias)
    for row in absences.select_related("employee__user"):
        zone = ZoneInfo(row.employee.user.zone or settings.TIME_ZONE)
        row.starts_at = datetime.datetime.combine(row.starts_on, datetime.time(), tzinfo=zone)
        row.ends_at = datetime.datetime.combine(row.ends_on + datetime.timedelta(days=1), datetime.time(), tzinfo=zone)
        row.save(update_fields=["starts_at", "ends_at"])


class Migration(migrations.Migration):
    dependencies = [("crm_kernel", "0002_readable_names")]

    operations = [
        migrations.AddField("auditentry", "acting_for_id", models.BigIntegerField(null=True, verbose_name="acting for")),
        migrations.RemoveConstraint("absence", "absence_ends_after_start"),
        migrations.RemoveIndex("absence", "absence_days"),
        migrations.AddField("absence", "starts_at", models.DateTimeField(null=True, verbose_name="away from")),
        migrations.AddField("absence", "ends_at", models.DateTimeField(null=True, verbose_name="away until")),
        migrations.RunPython(days_to_moments, migrations.RunPython.noop, elidable=True),
        migrations.AlterModelOptions("absence", {"ordering": ["-starts_at"], "verbose_name": "absence", "verbose_name_plural": "absences"}),
        migrations.RemoveField("absence", "starts_on"),
        migrations.RemoveField("absence", "ends_on"),
        migrations.AlterField("absence", "starts_at", models.DateTimeField(verbose_name="away from")),
        migrations.AlterField("absence", "ends_at", models.DateTimeField(verbose_name="away until")),
        migrations.AlterField("absence", "note", models.CharField(blank=True, max_length=200, verbose_name="reason")),
        migrations.AddConstraint(
            "absence",
            models.CheckConstraint(condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="absence_ends_after_start"),
        ),
        migrations.AddIndex("absence", models.Index(fields=["employee", "starts_at", "ends_at"], name="absence_days")),
        migrations.AddIndex("absence", models.Index(fields=["ends_at"], name="absence_ends")),
        migrations.CreateModel(
            name="AbsenceCover",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("process_key", models.CharField(max_length=150, verbose_name="process")),
                (
                    "absence",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="covers", to="crm_kernel.absence",
                        verbose_name="absence",
                    ),
                ),
                (
                    "substitute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL,
                        verbose_name="substitute",
                    ),
                ),
            ],
            options={
                "verbose_name": "substitute in a process",
                "verbose_name_plural": "substitutes in processes",
                "ordering": ["process_key"],
                "constraints": [
                    models.UniqueConstraint(fields=("absence", "process_key"), name="one_substitute_per_process")
                ],
            },
        ),
    ]  # fmt: skip
