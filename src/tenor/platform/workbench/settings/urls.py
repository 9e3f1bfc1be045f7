"""The addresses of settings."""

from django.urls import path

from tenor.platform.workbench.settings import seen, sending, views

urlpatterns = [
    path("settings/", views.show, name="settings"),
    path("settings/organisation/", views.organisation, name="settings_organisation"),
    path("settings/work/", views.work, name="settings_work"),
    path("settings/law/", views.law, name="settings_law"),
    path("settings/ladder/", views.ladder, name="settings_ladder"),
    path("settings/pause/", views.stop, name="settings_pause"),
    path("settings/resume/", views.go_on, name="settings_resume"),
    path("settings/sending/begin/", sending.begin, name="sending_begin"),
    path("settings/sending/end/", sending.end, name="sending_end"),
    path("settings/sending/other/", sending.other, name="sending_other"),
    path("settings/sending/by-themselves/", sending.by_themselves, name="by_themselves"),
    path("settings/seen/", seen.show, name="settings_seen"),
    path("settings/seen/save/", seen.save, name="settings_seen_save"),
    path("settings/seen/colour/", seen.colour, name="settings_colour"),
    path("settings/accounts/", seen.set_account, name="settings_account"),
    path("settings/accounts/<int:number>/remove/", seen.remove_account, name="account_remove"),
    path("settings/keys/", views.api_keys, name="api_keys"),
    path("settings/keys/make/", views.make_key, name="api_key_make"),
    path("settings/keys/<slug:prefix>/revoke/", views.revoke_key, name="api_key_revoke"),
    path("profile/", views.profile, name="profile"),
]
