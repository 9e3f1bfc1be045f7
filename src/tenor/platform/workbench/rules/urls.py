"""The addresses of the screens about rules."""

from django.urls import path

from tenor.platform.workbench.rules import predictor, segments, views

urlpatterns = [
    path("rules/", views.in_force, name="rules"),
    path("rules/versions/", views.versions, name="rules_versions"),
    path("rules/begin/", views.begin, name="rules_begin"),
    path("rules/segments/", segments.segments, name="rules_segments"),
    path("rules/segments/save/", segments.save, name="rules_segment_save"),
    path("rules/predictor/", predictor.predictor, name="rules_predictor"),
    path("rules/predictor/fit/", predictor.fit, name="rules_predictor_fit"),
    path("rules/predictor/progress/", predictor.progress, name="rules_predictor_progress"),
    path("rules/<int:number>/", views.version, name="rules_version"),
    path("rules/<int:number>/form/", views.save_form, name="rules_form"),
    path("rules/<int:number>/text/", views.save_text, name="rules_text"),
    path("rules/<int:number>/channel/", views.change_channel, name="rules_channel"),
    path("rules/<int:number>/try/", views.begin_dry_run, name="rules_try"),
    path("rules/<int:number>/dry-run/", views.dry_run, name="rules_dry_run"),
    path("rules/<int:number>/submit/", views.submit, name="rules_submit"),
    path("rules/<int:number>/withdraw/", views.withdraw, name="rules_withdraw"),
    path("rules/<int:number>/approve/", views.approve, name="rules_approve"),
    path("rules/<int:number>/reject/", views.reject, name="rules_reject"),
]
