"""Addresses of the front end."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from admin_ext import clocks, language, limits, search, unassigned
from admin_ext.absence import people as absent
from admin_ext.absence import views as absence
from admin_ext.cockpit import bulk as cockpit_bulk
from admin_ext.cockpit import instance_page, process_page
from admin_ext.cockpit import moving as cockpit_moving
from admin_ext.cockpit import running as cockpit_running
from admin_ext.cockpit import views as cockpit
from admin_ext.cockpit import waiting as cockpit_waiting
from admin_ext.customers import views as customers
from admin_ext.dashboards import views as dashboards
from admin_ext.imports import views as imports
from admin_ext.inbox import actions, news, views
from admin_ext.notices import views as notices
from admin_ext.portal import views as portal
from admin_ext.registries import (  # noqa: F401 - record pages register on import
    activities,
    assignments,
    knowledge,
    ladder,
    marketing,
    organisation,
    parties,
    sales,
    service,
)
from admin_ext.site import site
from admin_ext.studio import decision as studio_decision
from admin_ext.studio import (
    decision_edit,
    decision_replay,
    drafts,
    drawing,
    form_making,
    form_preview,
    rehearsal,
    tests,
)
from admin_ext.studio import difference as studio_difference
from admin_ext.studio import feel as studio_feel
from admin_ext.studio import files as studio_files
from admin_ext.studio import forms as studio_forms
from admin_ext.studio import publication as studio_publication
from admin_ext.studio import publication_update as studio_update


def healthz(request: HttpRequest) -> HttpResponse:
    """Whether the web process answers."""
    return HttpResponse("ok", content_type="text/plain")


own = [
    path("", views.home, name="home"),
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/news/", news.news, name="news"),
    path("inbox/bulk/", actions.bulk, name="bulk"),
    path("work/<uuid:task_id>/", views.work, name="work"),
    path("work/<uuid:task_id>/complete/", actions.complete, name="complete"),
    path("work/<uuid:task_id>/claim/", actions.claim, name="claim"),
    path("work/<uuid:task_id>/release/", actions.release, name="release"),
    path("work/<uuid:task_id>/snooze/", actions.snooze, name="snooze"),
    path("work/<uuid:task_id>/clock/stop/", clocks.stop, name="stop_clock"),
    path("work/<uuid:task_id>/clock/run/", clocks.run, name="run_clock"),
    path("work/<uuid:task_id>/delegate/", actions.delegate, name="delegate"),
    path("work/<uuid:task_id>/hand-back/", actions.hand_back, name="hand_back"),
    path("work/<uuid:task_id>/comment/", actions.comment, name="comment"),
    path("work/<uuid:task_id>/log/", actions.log, name="task_log"),
    path("work/<uuid:task_id>/draft/", actions.draft, name="draft"),
    path("absence/", absence.mine, name="absence"),
    path("absence/enter/", absence.enter, name="absence_enter"),
    path("absence/<int:pk>/end/", absence.end, name="absence_end"),
    path("absence/<int:pk>/withdraw/", absence.withdraw, name="absence_withdraw"),
    path("absence/people/", absent.people, name="absent_people"),
    path("absence/people/enter/", absent.enter, name="absent_enter"),
    path("absence/people/<int:person>/", absent.work, name="absent_work"),
    path("absence/people/<int:person>/hand-over/", absent.hand_over, name="hand_over"),
    path("absence/handing-over/<uuid:pk>/", absent.handing_over, name="handing_over"),
    path("absence/handing-over/<uuid:pk>/progress/", absent.progress, name="handing_over_progress"),
    path("processes/", process_page.processes, name="processes"),
    path("processes/running/", cockpit_running.running, name="running"),
    path("processes/bulk/", cockpit_bulk.begin, name="bulk_begin"),
    path("processes/bulk/<uuid:pk>/", cockpit_bulk.run, name="bulk_run"),
    path("processes/bulk/<uuid:pk>/progress/", cockpit_bulk.progress, name="bulk_progress"),
    path("processes/bulk/<uuid:pk>/stop/", cockpit_bulk.stop, name="bulk_stop"),
    path("processes/waiting/", cockpit_waiting.waiting, name="waiting"),
    path("processes/waiting/<uuid:pk>/", cockpit_waiting.letter, name="letter"),
    path("processes/moved/<uuid:pk>/", cockpit_moving.moved, name="moved"),
    path("processes/moved/<uuid:pk>/progress/", cockpit_moving.progress, name="moved_progress"),
    path("processes/moved/<uuid:pk>/stop/", cockpit_moving.stop, name="moved_stop"),
    path("processes/<slug:key>/move/<int:source>/", cockpit_moving.move, name="move_version"),
    path("processes/incidents/", cockpit.incidents, name="incidents"),
    path("processes/start/", cockpit.start_list, name="start_list"),
    path("processes/<slug:key>/", process_page.process, name="process"),
    path("processes/<slug:key>/export/", studio_files.export, name="studio_export"),
    path("processes/<slug:key>/files/", studio_files.bring_in, name="studio_files"),
    path("processes/<slug:key>/difference/", studio_difference.difference, name="studio_difference"),
    path("processes/<slug:key>/start/", cockpit.start, name="start"),
    path("processes/<slug:key>/rehearse/", rehearsal.rehearsals, name="studio_rehearsals"),
    path("processes/<slug:key>/rehearse/<uuid:pk>/", rehearsal.rehearsal, name="studio_rehearsal"),
    path("processes/<slug:key>/rehearse/<uuid:pk>/fields/<uuid:task_id>/", rehearsal.fields, name="studio_rehearsal_fields"),
    path("processes/<slug:key>/tests/", tests.tests, name="studio_tests"),
    path("processes/<slug:key>/redraw/", drawing.begin, name="redraw"),
    path("processes/<slug:key>/studio/", drawing.studio, name="studio"),
    path("drafts/<uuid:version>/part/", drafts.part, name="draft_part"),
    path("drafts/<uuid:version>/pulse/", drafts.pulse, name="draft_pulse"),
    path("drafts/<uuid:version>/findings/", drafts.findings, name="draft_findings"),
    path("drafts/<uuid:version>/traps/", drafts.traps, name="draft_traps"),
    path("drafts/layout/", drafts.lay_out, name="draft_layout"),
    path("decisions/", studio_decision.decisions, name="studio_decisions"),
    path("decisions/<slug:key>/", studio_decision.decision, name="studio_decision"),
    path("decisions/<slug:key>/edit/", studio_decision.edit, name="studio_decision_edit"),
    path("decisions/<slug:key>/<int:number>/look/", decision_edit.look, name="studio_decision_look"),
    path("decisions/<slug:key>/<int:number>/save/", decision_edit.save, name="studio_decision_save"),
    path("decisions/<slug:key>/replay/", decision_replay.begin, name="studio_replay_begin"),
    path("decisions/replays/<uuid:pk>/stop/", decision_replay.stop, name="studio_replay_stop"),
    path("decisions/replays/<uuid:pk>/progress/", decision_replay.progress, name="studio_replay_progress"),
    path("decisions/replays/<uuid:pk>/cases/", decision_replay.cases, name="studio_replay_cases"),
    path("instances/<uuid:pk>/", instance_page.instance, name="instance"),
    path("instances/<uuid:pk>/follow/", cockpit.follow, name="follow"),
    path("instances/<uuid:pk>/act/", cockpit.act, name="act"),
    path("instances/<uuid:pk>/clock/stop/", clocks.stop_instance, name="stop_instance_clock"),
    path("instances/<uuid:pk>/clock/run/", clocks.run_instance, name="run_instance_clock"),
    path("instances/<uuid:pk>/move/<uuid:task_id>/", cockpit.move_token, name="move_token"),
    path("instances/<uuid:pk>/steps/<uuid:task_id>/", cockpit.by_hand, name="begin_by_hand"),
    path("customers/<int:pk>/", customers.account, name="account"),
    path("customers/<int:pk>/log/", customers.log, name="account_log"),
    path("customers/<int:pk>/plan/", customers.plan, name="account_plan"),
    path("sales/", dashboards.sales, name="sales"),
    path("sales/to-match/", imports.to_match, name="to_match"),
    path("unassigned/", unassigned.unassigned, name="unassigned"),
    path("unassigned/share/", unassigned.share, name="share_out"),
    path("imports/", imports.imports, name="imports"),
    path("imports/<int:pk>/", imports.one, name="import"),
    path("imports/<int:pk>/progress/", imports.progress, name="import_progress"),
    path("imports/<int:pk>/load/", imports.load, name="import_load"),
    path("imports/<int:pk>/undo/", imports.undo, name="import_undo"),
    path("imports/<int:pk>/refused/", imports.problems, name="import_problems"),
    path("processes/<slug:key>/publication/", studio_publication.publication, name="studio_publication"),
    path("processes/<slug:key>/publication/act/", studio_publication.act, name="studio_publication_act"),
    path("processes/<slug:key>/publication/update/", studio_update.update, name="studio_update"),
    path("processes/<slug:key>/publication/put-back/", studio_update.put_back, name="studio_put_back"),
    path("drafts/<uuid:version>/record/", studio_publication.field, name="record_field"),
    path("drafts/<uuid:version>/standing/", studio_publication.live, name="record_live"),
    path("drafts/<uuid:version>/tests/", studio_publication.run_tests, name="record_tests"),
    path("processes/<slug:key>/forms/", studio_forms.forms, name="studio_forms"),
    path("processes/<slug:key>/draw-forms/", studio_forms.draw, name="studio_forms_draw"),
    path("notices/", notices.listed, name="notices"),
    path("notices/unread/", notices.unread, name="notices_unread"),
    path("notices/read/", notices.read, name="notices_read"),
    path("notices/how/", notices.ways, name="notice_ways"),
    path("notices/<int:pk>/", notices.opened, name="notice"),
    path("processes/<slug:key>/new-form/", studio_forms.make, name="studio_form_new"),
    path("processes/<slug:key>/form-for-step/", form_making.make_for_step, name="studio_form_for_step"),
    path("processes/<slug:key>/forms/<slug:form>/", studio_forms.form, name="studio_form"),
    path("processes/<slug:key>/forms/<slug:form>/remove/", studio_forms.remove, name="studio_form_remove"),
    path("processes/<slug:key>/forms/<slug:form>/findings/", studio_forms.findings, name="studio_form_findings"),
    path("processes/<slug:key>/forms/<slug:form>/preview/", form_preview.preview, name="studio_form_preview"),
    path("processes/<slug:key>/forms/<slug:form>/fields/", form_preview.fields, name="studio_form_fields"),
    path("studio/feel/", studio_feel.check, name="studio_feel"),
    path("studio/names/", studio_feel.names, name="studio_names"),
    path("studio/limit/", limits.example, name="studio_limit"),
    path("search/", search.search, name="search"),
    path("language/", language.switch, name="language"),
]

public = [
    path("contact/", portal.lead, name="lead_form"),
    path("complaint/", portal.complaint, name="complaint_form"),
    path("c/<str:token>/", portal.case, name="case"),
    path("s/<str:token>/", portal.survey, name="survey"),
    path("u/<str:token>/", portal.no_more, name="unsubscribe"),
]

urlpatterns = [
    path("healthz", healthz),
    path("admin/", site.urls),
    path("", include((own, "redraw"))),
    path("", include((public, "portal"))),
]
