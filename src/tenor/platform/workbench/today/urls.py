"""The addresses of the first screen."""

from django.urls import path

from tenor.platform.workbench.today import views

urlpatterns = [
    path("today/", views.today, name="today"),
    path("today/signals/<int:number>/seen/", views.seen, name="signal_seen"),
]
