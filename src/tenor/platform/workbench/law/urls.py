"""The addresses of the screens about the law."""

from django.urls import path

from tenor.platform.workbench.law import change, versions, views

urlpatterns = [
    path("law/", views.packs, name="law"),
    path("law/watch/", views.watch_list, name="law_watch"),
    path("law/own/", versions.versions, name="law_versions"),
    path("law/own/begin/", versions.begin, name="law_begin"),
    path("law/own/<int:number>/", versions.version, name="law_version"),
    path("law/own/<int:number>/text/", versions.save_text, name="law_text"),
    path("law/own/<int:number>/submit/", versions.submit, name="law_submit"),
    path("law/own/<int:number>/withdraw/", versions.withdraw, name="law_withdraw"),
    path("law/own/<int:number>/approve/", versions.approve, name="law_approve"),
    path("law/own/<int:number>/reject/", versions.reject, name="law_reject"),
    path("law/own/<int:number>/end/", versions.end, name="law_end"),
    path("law/<str:code>/", views.pack, name="law_pack"),
    path("law/<str:code>/cases/", views.cases, name="law_cases"),
    path("law/<str:code>/<str:section>/<str:name>/", views.provision, name="law_provision"),
    path("law/<str:code>/<str:section>/<str:name>/change/", change.change, name="law_change"),
]
