"""The addresses of a customer's page, behind the text of a link."""

from django.urls import path

from tenor.platform.portal import home, stopping

app_name = "portal"
urlpatterns = [
    path("<str:text>/", home.show, name="page"),
    path("<str:text>/stop/", stopping.stop, name="stop"),
    path("<str:text>/seen.gif", stopping.seen, name="seen"),
]
