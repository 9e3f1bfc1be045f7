"""The address of the search."""

from django.urls import path

from tenor.platform.workbench.search import views

urlpatterns = [path("search/", views.search, name="search")]
