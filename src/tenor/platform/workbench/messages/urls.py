"""The addresses of the texts of messages, and of messages as they were received."""

from django.urls import path

from tenor.platform.workbench.messages import decided, received, views

_PLACE = "messages/<str:kind>/<str:form>/<str:tone>/<str:language>/"

urlpatterns = [
    path("messages/", views.overview, name="messages"),
    path("messages/cases/", views.find_cases, name="message_cases"),
    path("messages/received/<int:number>/", received.received, name="message_received"),
    path("messages/decision/<int:number>/", decided.decided, name="decision_message"),
    path("messages/decision/<int:number>/words/", decided.own_words, name="own_words"),
    path("messages/page/<str:name>/", received.preview_page, name="message_page"),
    path(_PLACE, views.text, name="message_text"),
    path(f"{_PLACE}preview/", views.preview, name="message_preview"),
    path(f"{_PLACE}begin/", views.begin, name="message_begin"),
    path(f"{_PLACE}save/", views.save, name="message_save"),
    path(f"{_PLACE}submit/", views.submit, name="message_submit"),
    path(f"{_PLACE}withdraw/", views.withdraw, name="message_withdraw"),
    path(f"{_PLACE}approve/", views.approve, name="message_approve"),
    path(f"{_PLACE}reject/", views.reject, name="message_reject"),
    path(f"{_PLACE}retire/", views.retire, name="message_retire"),
    path(f"{_PLACE}try/", views.try_it, name="message_try"),
]
