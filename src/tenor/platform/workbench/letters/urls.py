"""The addresses of letters."""

from django.urls import path

from tenor.platform.workbench.letters import views

urlpatterns = [
    path("letters/", views.show, name="letters"),
    path("letters/close/", views.close, name="letters_close"),
    path("letters/settings/", views.settle, name="letters_settings"),
    path("letters/<int:number>/", views.batch, name="letter_batch"),
    path("letters/<int:number>/fetch/", views.fetch, name="letters_fetch"),
    path("letters/<int:number>/pdf/", views.pdf, name="letter_pdf"),
    path("letters/<int:number>/drop/", views.drop, name="letter_drop"),
    path("letters/<int:number>/preview/", views.preview, name="letter_preview"),
]
