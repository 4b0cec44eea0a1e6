
import django.db.models.deletion
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models

import processes.ports


class Migration(migrations.Migration):

    dependencies = [
        ('contenttypes', '0002_remove_content_type_name'),
        ('process_catalog', '0004_pilots'),
        ('process_runtime', '0006_pilots'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ClockEvent',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('begun', 'Begun'), ('paused', 'Stopped'), ('resumed', 'Runs again'), ('rung', 'Part of the limit passed'), ('failed', 'A rung could not be done')], max_length=20, verbose_name='Kind')),
                ('at', models.DateTimeField(default=processes.ports.now, verbose_name='When')),
                ('reason', models.CharField(blank=True, max_length=60, verbose_name='Reason')),
                ('labels', models.JSONField(blank=True, default=dict, verbose_name='Reason in words')),
                ('note', models.TextField(blank=True, verbose_name='Note')),
                ('until', models.DateTimeField(blank=True, null=True, verbose_name='Until')),
                ('due_at', models.DateTimeField(blank=True, null=True, verbose_name='Due')),
                ('share', models.PositiveIntegerField(blank=True, null=True, verbose_name='Per cent of the limit')),
                ('data', models.JSONField(blank=True, default=dict, verbose_name='What was done')),
                ('awaits', models.CharField(blank=True, max_length=300, verbose_name='Waits for')),
                ('once', models.CharField(blank=True, max_length=120, null=True, verbose_name='Once')),
            ],
            options={
                'verbose_name': 'Event of a clock',
                'verbose_name_plural': 'Events of clocks',
            },
        ),
        migrations.CreateModel(
            name='HouseRung',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('share', models.PositiveSmallIntegerField(unique=True, verbose_name='Per cent of the limit')),
                ('notify', models.CharField(blank=True, help_text='Whom to tell, with commas: assignee, lead, owner, or the key of a role.', max_length=200, verbose_name='Tell')),
                ('priority', models.CharField(blank=True, help_text='A number from 0 to 100, or a step such as +20.', max_length=4, verbose_name='Priority')),
            ],
            options={
                'verbose_name': 'Rung of the house’s ladder',
                'verbose_name_plural': 'Rungs of the house’s ladder',
                'ordering': ['share'],
            },
        ),
        migrations.CreateModel(
            name='PauseReason',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(max_length=60, unique=True, verbose_name='Key')),
                ('name', models.CharField(max_length=100, verbose_name='Name')),
                ('name_zh', models.CharField(blank=True, max_length=100, verbose_name='Name in Chinese')),
                ('message', models.CharField(blank=True, help_text='A message with this name about the same record lets the clock run again.', max_length=200, verbose_name='Message that ends it')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='Place in the list')),
                ('active', models.BooleanField(default=True, verbose_name='On offer')),
            ],
            options={
                'verbose_name': 'Reason to stop a clock',
                'verbose_name_plural': 'Reasons to stop a clock',
                'ordering': ['position', 'key'],
            },
        ),
        migrations.AddField(
            model_name='processinstance',
            name='clock',
            field=models.JSONField(blank=True, null=True, verbose_name='Clock'),
        ),
        migrations.AddField(
            model_name='processinstance',
            name='clock_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='Next look at the clock'),
        ),
        migrations.AddField(
            model_name='processinstance',
            name='limit_started_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='Limit runs since'),
        ),
        migrations.AddField(
            model_name='processinstance',
            name='paused_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='Stands still since'),
        ),
        migrations.AddField(
            model_name='processinstance',
            name='warn_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='Warn at'),
        ),
        migrations.AddField(
            model_name='task',
            name='clock',
            field=models.JSONField(blank=True, null=True, verbose_name='Clock'),
        ),
        migrations.AddField(
            model_name='task',
            name='clock_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='Next look at the clock'),
        ),
        migrations.AddField(
            model_name='task',
            name='paused_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='Stands still since'),
        ),
        migrations.AddIndex(
            model_name='processinstance',
            index=models.Index(condition=models.Q(('clock_at__isnull', False), ('status', 'NEW')), fields=['clock_at'], name='instance_clock'),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(condition=models.Q(('status__in', ['NEW', 'ASSIGNED', 'STARTED', 'SCHEDULED', 'ERROR']), ('clock_at__isnull', False)), fields=['clock_at'], name='task_clock'),
        ),
        migrations.AddField(
            model_name='clockevent',
            name='by',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='By'),
        ),
        migrations.AddField(
            model_name='clockevent',
            name='instance',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='clock_events', to='process_runtime.processinstance', verbose_name='Process instance'),
        ),
        migrations.AddField(
            model_name='clockevent',
            name='task',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='clock_events', to='process_runtime.task', verbose_name='Step'),
        ),
        migrations.AddIndex(
            model_name='clockevent',
            index=models.Index(condition=models.Q(('awaits', ''), _negated=True), fields=['awaits'], name='clock_awaits'),
        ),
        migrations.AddConstraint(
            model_name='clockevent',
            constraint=models.UniqueConstraint(fields=('once',), name='clock_rung_once'),
        ),
    ]
