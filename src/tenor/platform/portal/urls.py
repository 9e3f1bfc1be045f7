"""The addresses of a customer's page, behind the text of a link."""

from django.urls import path

from tenor.platform.portal import (
    disputing,
    documents,
    home,
    madeup,
    offering,
    paying,
    preferring,
    privacy,
    promising,
    rating,
    renewing,
    spreading,
    stopping,
    talking,
)

app_name = "portal"
urlpatterns = [
    path("made-up/<slug:key>/", madeup.decide, name="made_up"),
    path("<str:text>/", home.show, name="page"),
    path("<str:text>/pay/", paying.pay, name="pay"),
    path("<str:text>/transfer/", paying.transfer, name="transfer"),
    path("<str:text>/paid/<slug:key>/", paying.paid, name="paid"),
    path("<str:text>/spread/", spreading.spread, name="spread"),
    path("<str:text>/talk/", talking.talk, name="talk"),
    path("<str:text>/promise/", promising.promise, name="promise"),
    path("<str:text>/dispute/", disputing.dispute, name="dispute"),
    path("<str:text>/person/", talking.person, name="person"),
    path("<str:text>/tight/", talking.tight, name="tight"),
    path("<str:text>/preferences/", preferring.preferences, name="preferences"),
    path("<str:text>/document/<int:number>/", documents.document, name="document"),
    path("<str:text>/offer/<int:number>/", offering.offer, name="offer"),
    path("<str:text>/push/", preferring.push, name="push"),
    path("<str:text>/privacy/", privacy.privacy, name="privacy"),
    path("<str:text>/privacy/download/", privacy.download, name="download"),
    path("<str:text>/rate/", rating.rate, name="rate"),
    path("<str:text>/renew/", renewing.renew, name="renew"),
    path("<str:text>/stop/", stopping.stop, name="stop"),
    path("<str:text>/seen.gif", stopping.seen, name="seen"),
]
