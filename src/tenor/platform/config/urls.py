"""The addresses of an installation: signing in, the API, and the workbench at the root."""

from django.urls import include, path

urlpatterns = [
    path("account/", include("allauth.urls")),
    path("api/", include("tenor.platform.api.urls")),
    path("", include("tenor.platform.workbench.urls")),
]
