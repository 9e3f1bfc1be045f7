"""The addresses of the plan."""

from django.urls import path

from tenor.platform.workbench.plan import changes, views

urlpatterns = [
    path("plan/", views.plan, name="plan"),
    path("plan/rows/", views.rows, name="plan_rows"),
    path("plan/difference/", views.difference, name="plan_difference"),
    path("plan/moments/", views.moments, name="plan_moments"),
    path("plan/consider/", changes.consider, name="plan_consider"),
    path("plan/act/", changes.act, name="plan_act"),
    path("plan/<int:number>/change/", changes.change, name="plan_change"),
    path("plan/<int:number>/permitted/", changes.permitted, name="plan_permitted"),
]
