"""The addresses of paying."""

from django.urls import path

from tenor.platform.workbench.paying import refunds, views

urlpatterns = [
    path("settings/paying/", views.show, name="paying"),
    path("settings/paying/account/", views.save, name="paying_account"),
    path("settings/paying/check/", views.check, name="paying_check"),
    path("settings/paying/remove/", views.remove, name="paying_remove"),
    path("worklist/<int:number>/refund/", refunds.settle, name="refund_settle"),
]
