"""The addresses of experiments."""

from django.urls import path

from tenor.platform.workbench.experiments import acts, views

_ONE = "learning/experiments/<slug:name>/"
urlpatterns = [
    path("learning/experiments/", views.overview, name="experiments"),
    path("learning/experiments/new/", views.new, name="experiment_new"),
    path(_ONE, views.experiment, name="experiment"),
    path(f"{_ONE}edit/", views.edit, name="experiment_edit"),
    path(f"{_ONE}submit/", acts.submit, name="experiment_submit"),
    path(f"{_ONE}withdraw/", acts.withdraw, name="experiment_withdraw"),
    path(f"{_ONE}approve/", acts.approve, name="experiment_approve"),
    path(f"{_ONE}reject/", acts.reject, name="experiment_reject"),
    path(f"{_ONE}start/", acts.start, name="experiment_start"),
    path(f"{_ONE}ways/<slug:arm>/stop/", acts.stop_arm, name="experiment_stop_arm"),
    path(f"{_ONE}stop/", acts.stop, name="experiment_stop"),
    path(f"{_ONE}finish/", acts.finish, name="experiment_finish"),
    path(f"{_ONE}widen/", acts.widen, name="experiment_widen"),
    path(f"{_ONE}adopt/", acts.adopt, name="experiment_adopt"),
]
