"""The addresses of reports."""

from django.urls import path

from tenor.platform.workbench.reports import views

urlpatterns = [
    path("reports/", views.reports, name="reports"),
    path("reports/<slug:name>/", views.report, name="report"),
    path("reports/<slug:name>/<slug:table>.csv", views.download, name="report_table"),
]
