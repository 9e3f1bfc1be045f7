"""The addresses of the texts of messages, and of messages as they were received."""

from django.urls import path

from tenor.platform.workbench.messages import decided, received

urlpatterns = [
    path("messages/received/<int:number>/", received.received, name="message_received"),
    path("messages/decision/<int:number>/", decided.decided, name="decision_message"),
    path("messages/decision/<int:number>/words/", decided.own_words, name="own_words"),
    path("messages/page/<str:name>/", received.preview_page, name="message_page"),
]
