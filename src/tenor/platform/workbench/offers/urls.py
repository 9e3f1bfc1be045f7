"""The addresses of offers."""

from django.urls import path

from tenor.platform.workbench.offers import acts, views

urlpatterns = [
    path("offers/", views.offers, name="offers"),
    path("case/<path:key>/offer/", acts.propose, name="offer_propose"),
    path("offers/<int:number>/approve/", acts.approve, name="offer_approve"),
    path("offers/<int:number>/send/", acts.send, name="offer_send"),
    path("offers/<int:number>/told/", acts.told, name="offer_told"),
    path("offers/<int:number>/accept/", acts.accept, name="offer_accept"),
    path("offers/<int:number>/decline/", acts.decline, name="offer_decline"),
]
