"""The addresses of the health of learning."""

from django.urls import path

from tenor.platform.workbench.health import views

urlpatterns = [
    path("learning/health/", views.health, name="health"),
    path("learning/health/alarms/<int:number>/", views.acknowledge, name="alarm_acknowledge"),
    path("learning/health/fall-back/", views.fall_back, name="fall_back"),
    path("learning/health/wish/", views.wish, name="fall_back_wish"),
    path("learning/health/come-back/", views.come_back, name="come_back"),
]
