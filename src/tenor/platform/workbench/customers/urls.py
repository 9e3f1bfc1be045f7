"""The address of the list of customers."""

from django.urls import path

from tenor.platform.workbench.customers import views

urlpatterns = [path("customers/", views.show, name="customers")]
