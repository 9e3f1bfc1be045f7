"""The addresses of imports."""

from django.urls import path

from tenor.platform.workbench.imports import views

urlpatterns = [
    path("imports/", views.imports, name="imports"),
    path("imports/<int:number>/", views.show, name="import"),
    path("imports/<int:number>/columns/", views.columns, name="import_columns"),
    path("imports/<int:number>/table/", views.table, name="import_table"),
    path("imports/<int:number>/write/", views.write, name="import_write"),
    path("imports/<int:number>/cancel/", views.cancel, name="import_cancel"),
    path("imports/<int:number>/problems/<str:table>.csv", views.problems, name="import_problems"),
]
