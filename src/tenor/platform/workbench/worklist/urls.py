"""The addresses of the worklist."""

from django.urls import path

from tenor.platform.workbench.worklist import views

urlpatterns = [
    path("worklist/", views.worklist, name="worklist"),
    path("worklist/next/", views.next_case, name="next_case"),
    path("worklist/<int:number>/", views.task, name="task"),
    path("worklist/<int:number>/claim/", views.claim, name="claim"),
    path("worklist/<int:number>/give-back/", views.give_back, name="give_back"),
    path("worklist/<int:number>/finish/", views.finish, name="finish"),
]
