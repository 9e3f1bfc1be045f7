"""The addresses of the workbench: the root, and `/o/<slug>/…`, a list a group of screens."""

from django.urls import include, path

from tenor.platform.workbench import entrance
from tenor.platform.workbench.people import views as people

app_name = "workbench"
urlpatterns = [
    path("", entrance.front_door, name="front_door"),
    path("not-invited/", entrance.not_invited, name="not_invited"),
    path("appearance/", entrance.appearance, name="appearance"),
    path("welcome/<str:text>/", people.welcome, name="welcome"),
    path("healthz", entrance.health, name="healthz"),
    path(
        "o/<slug:slug>/",
        include(
            [
                path("", entrance.home, name="home"),
                path("", include("tenor.platform.workbench.audit.urls")),
                path("", include("tenor.platform.workbench.bank.urls")),
                path("", include("tenor.platform.workbench.case.urls")),
                path("", include("tenor.platform.workbench.channels.urls")),
                path("", include("tenor.platform.workbench.customers.urls")),
                path("", include("tenor.platform.workbench.experiments.urls")),
                path("", include("tenor.platform.workbench.fairness.urls")),
                path("", include("tenor.platform.workbench.exploration.urls")),
                path("", include("tenor.platform.workbench.health.urls")),
                path("", include("tenor.platform.workbench.invoices.urls")),
                path("", include("tenor.platform.workbench.law.urls")),
                path("", include("tenor.platform.workbench.messages.urls")),
                path("", include("tenor.platform.workbench.judgement.urls")),
                path("", include("tenor.platform.workbench.learning.urls")),
                path("", include("tenor.platform.workbench.letters.urls")),
                path("", include("tenor.platform.workbench.offers.urls")),
                path("", include("tenor.platform.workbench.paying.urls")),
                path("", include("tenor.platform.workbench.people.urls")),
                path("", include("tenor.platform.workbench.plan.urls")),
                path("", include("tenor.platform.workbench.pool.urls")),
                path("", include("tenor.platform.workbench.privacy.urls")),
                path("", include("tenor.platform.workbench.releases.urls")),
                path("", include("tenor.platform.workbench.replies.urls")),
                path("", include("tenor.platform.workbench.reports.urls")),
                path("", include("tenor.platform.workbench.demo.urls")),
                path("", include("tenor.platform.workbench.rules.urls")),
                path("", include("tenor.platform.workbench.search.urls")),
                path("", include("tenor.platform.workbench.imports.urls")),
                path("", include("tenor.platform.workbench.settings.urls")),
                path("", include("tenor.platform.workbench.today.urls")),
                path("", include("tenor.platform.workbench.worklist.urls")),
            ]
        ),
    ),
]
