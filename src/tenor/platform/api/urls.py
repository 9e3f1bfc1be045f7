"""The addresses of the API."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path, re_path
from django.views.decorators.csrf import csrf_exempt

from tenor.platform.api.problems import of_status
from tenor.platform.api.v1 import api


@csrf_exempt
def nothing_here(request: HttpRequest) -> HttpResponse:
    """Say that there is nothing at an address, as the rest of the API would."""
    return of_status(404)


urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", api.urls),
    re_path(r"", nothing_here),
]
