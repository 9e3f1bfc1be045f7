"""The addresses of the texts of messages, and of messages as they were received."""

from django.urls import path

from tenor.platform.workbench.messages import received

urlpatterns = [
    path("messages/received/<int:number>/", received.received, name="message_received"),
    path("messages/page/<str:name>/", received.preview_page, name="message_page"),
]
