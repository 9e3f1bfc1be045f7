"""The addresses of an installation: signing in, the API, and the workbench at the root."""

from django.urls import include, path

from tenor.platform.workbench.entrance import closed

urlpatterns = [
    # An address is changed, and somebody new let in, by an administrator.
    path("account/signup/", closed, name="closed_signup"),
    path("account/email/", closed, name="closed_email"),
    path("account/", include("allauth.urls")),
    path("api/", include("tenor.platform.api.urls")),
    path("hooks/", include("tenor.platform.api.hooks.urls")),
    path("p/", include("tenor.platform.portal.urls")),
    path("", include("tenor.platform.workbench.urls")),
]
