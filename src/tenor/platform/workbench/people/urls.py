"""The addresses of people."""

from django.urls import path

from tenor.platform.workbench.people import views

urlpatterns = [
    path("people/", views.show, name="people"),
    path("people/add/", views.add, name="person_add"),
    path("people/<int:user_id>/", views.person, name="person"),
    path("people/<int:user_id>/invite/", views.invite, name="person_invite"),
    path("people/<int:user_id>/second-factor/", views.second_factor, name="person_second_factor"),
    path("people/<int:user_id>/remove/", views.remove, name="person_remove"),
]
