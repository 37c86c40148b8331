"""The workbench's addresses, part of the desk's."""

from django.urls import path

from desk import ignoring, offers, payers, picking, runs, workbench, workbench_acts

urlpatterns = [
    path("workbench/", workbench.show_workbench, name="workbench"),
    path("workbench/certain/", workbench_acts.certain, name="workbench_certain"),
    path("workbench/match/", workbench_acts.propose, name="workbench_propose"),
    path("workbench/log/", workbench_acts.show_log, name="workbench_log"),
    path("workbench/proposals/<int:pk>/", workbench_acts.show_proposal, name="proposal"),
    path("workbench/proposals/<int:pk>/accept/", workbench_acts.accept, name="proposal_accept"),
    path("workbench/proposals/<int:pk>/dismiss/", workbench_acts.dismiss, name="proposal_dismiss"),
    path("workbench/proposals/<int:pk>/restore/", workbench_acts.restore, name="proposal_restore"),
    path("workbench/lines/<int:pk>/pick/", picking.pick_reports, name="pick_reports"),
    path("workbench/reports/<int:pk>/pick/", picking.pick_lines, name="pick_lines"),
    path("workbench/lines/<int:pk>/aside/", ignoring.set_aside, name="line_ignore"),
    path("workbench/lines/<int:pk>/offer/", offers.offer, name="line_offer"),
    path("workbench/offers/", offers.show_offers, name="deposit_offers"),
    path("workbench/offers/<int:pk>/withdraw/", offers.withdraw, name="deposit_offer_withdraw"),
    path("workbench/aside/<int:pk>/back/", ignoring.bring_back, name="line_restore"),
    path("workbench/payers/", payers.show_groups, name="payer_groups"),
    path("workbench/payers/new/", payers.new_group, name="payer_group_new"),
    path("workbench/payers/<int:pk>/", payers.show_group, name="payer_group"),
    path("workbench/runs/", runs.show_runs, name="runs"),
    path("workbench/runs/<int:pk>/undo/", runs.undo, name="run_undo"),
    path("workbench/runs/automatic/", runs.automatic, name="automatic"),
    path("workbench/runs/allow/", runs.lift, name="stop_lift"),
    path("workbench/rules/", ignoring.rules, name="ignore_rules"),
    path("workbench/rules/<int:pk>/end/", ignoring.end_rule, name="ignore_rule_end"),
]
