"""The addresses of exploring, and of one decision taken apart."""

from django.urls import path

from tenor.platform.workbench.exploration import apart, views

urlpatterns = [
    path("learning/exploration/", views.exploration, name="exploration"),
    path("learning/exploration/decisions/<str:key>/", apart.apart, name="decision_apart"),
]
