"""The addresses of the screens about releases."""

from django.urls import path

from tenor.platform.workbench.releases import acts, switches, views

urlpatterns = [
    path("learning/releases/", views.overview, name="releases"),
    path("learning/releases/open/", acts.open_release, name="releases_open"),
    path("learning/releases/settings/", acts.save_settings, name="releases_settings"),
    path("learning/releases/turn-off/", switches.turn_off, name="releases_turn_off"),
    path("learning/releases/turn-on/", switches.turn_on, name="releases_turn_on"),
    path("learning/releases/<int:number>/", views.release, name="release"),
    path("learning/releases/<int:number>/file/", views.file, name="release_file"),
    path("learning/releases/<int:number>/gathering/", views.gathering, name="release_gathering"),
    path("learning/releases/<int:number>/gather/", acts.gather, name="release_gather"),
    path("learning/releases/<int:number>/submit/", acts.submit, name="release_submit"),
    path("learning/releases/<int:number>/withdraw/", acts.withdraw, name="release_withdraw"),
    path("learning/releases/<int:number>/approve/", acts.approve, name="release_approve"),
    path("learning/releases/<int:number>/reject/", acts.reject, name="release_reject"),
    path("learning/releases/<int:number>/revoke/", acts.revoke, name="release_revoke"),
    path("learning/releases/<int:number>/go-on/", acts.go_on, name="release_go_on"),
    path("learning/releases/<int:number>/skip/", acts.skip, name="release_skip"),
    path("learning/releases/<int:number>/roll-back/", acts.roll_back, name="release_roll_back"),
    path("learning/releases/<int:number>/go-back/", acts.go_back, name="release_go_back"),
    path("learning/predictors/<int:number>/<slug:paper>/", views.paper, name="predictor_paper"),
]
