"""The addresses of the channels."""

from django.urls import path

from tenor.platform.workbench.channels import views

urlpatterns = [
    path("settings/channels/", views.show, name="channels"),
    path("settings/channels/prices/<int:number>/remove/", views.remove_price, name="price_remove"),
    path("settings/channels/<slug:name>/", views.channel, name="channel"),
    path("settings/channels/<slug:name>/account/", views.save_account, name="channel_account"),
    path("settings/channels/<slug:name>/check/", views.check, name="channel_check"),
    path("settings/channels/<slug:name>/forget/", views.forget, name="channel_forget"),
    path("settings/channels/<slug:name>/stop/", views.stop, name="channel_stop"),
    path("settings/channels/<slug:name>/start/", views.start, name="channel_start"),
    path("settings/channels/<slug:name>/price/", views.set_price, name="channel_price"),
]
