"""The addresses of the audit log."""

from django.urls import path

from tenor.platform.workbench.audit import views

urlpatterns = [
    path("audit/", views.show, name="audit"),
    path("audit/verify/", views.verify, name="audit_verify"),
]
