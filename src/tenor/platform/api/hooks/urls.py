"""The addresses of hooks: whose it is stands in each, and nobody can guess it."""

from django.urls import path

from tenor.platform.api.hooks.paying import payments
from tenor.platform.api.hooks.views import tell

app_name = "hooks"
urlpatterns = [
    path("pay/<slug:token>/", payments, name="pay"),
    path("<slug:channel>/<slug:provider>/<slug:hook>/", tell, name="tell"),
    path("<slug:channel>/<slug:provider>/<slug:hook>/<slug:inbound>/", tell, name="write"),
]
