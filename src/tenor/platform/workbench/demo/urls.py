"""The addresses of a demonstration's clock."""

from django.urls import path

from tenor.platform.workbench.demo import views

urlpatterns = [
    path("clock/", views.demo, name="demo"),
    path("clock/next/", views.next_day, name="demo_next"),
    path("clock/progress/", views.progress, name="demo_progress"),
]
