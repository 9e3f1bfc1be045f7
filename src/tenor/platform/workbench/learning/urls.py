"""The addresses of the place of learning."""

from django.urls import path

from tenor.platform.workbench.learning import views

urlpatterns = [path("learning/", views.learning, name="learning")]
