"""The addresses of people's judgement."""

from django.urls import path

from tenor.platform.workbench.judgement import views

urlpatterns = [path("learning/judgement/", views.judgement, name="judgement")]
