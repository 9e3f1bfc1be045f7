"""The addresses of the workbench: the root, and `/o/<slug>/…`, a list a group of screens."""

from django.urls import include, path

from tenor.platform.workbench import entrance

app_name = "workbench"
urlpatterns = [
    path("", entrance.front_door, name="front_door"),
    path("not-invited/", entrance.not_invited, name="not_invited"),
    path("appearance/", entrance.appearance, name="appearance"),
    path("healthz", entrance.health, name="health"),
    path(
        "o/<slug:slug>/",
        include(
            [
                path("", entrance.home, name="home"),
            ]
        ),
    ),
]
