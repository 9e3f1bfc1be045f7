"""The addresses of privacy."""

from django.urls import path

from tenor.platform.workbench.privacy import documents, views

urlpatterns = [
    path("privacy/", views.show, name="privacy"),
    path("privacy/record/", documents.show, name="privacy_record"),
    path("privacy/record/download/", documents.download, name="privacy_record_download"),
    path("privacy/requests/<int:number>/", views.request_page, name="privacy_request"),
    path("privacy/requests/<int:number>/answer/", views.answer, name="privacy_answer"),
    path("privacy/requests/<int:number>/extend/", views.extend, name="privacy_extend"),
    path("privacy/requests/<int:number>/erase/", views.erase, name="privacy_erase"),
    path("privacy/requests/<int:number>/look/", views.look_again, name="privacy_look_again"),
    path("privacy/customers/<path:key>/export/", views.export, name="privacy_export"),
    path("privacy/customers/<path:key>/request/", views.record, name="privacy_record_request"),
    path("privacy/customers/<path:key>/", views.customer, name="privacy_customer"),
    # For those who work on cases: a request that comes in there, a second look at a decision.
    path("case/<path:key>/data-request/", views.note_request, name="data_request"),
    path("worklist/look-again/<int:number>/", views.look_again_at_work, name="look_again"),
]
