"""The addresses of what comes back."""

from django.urls import path

from tenor.platform.workbench.replies import views

urlpatterns = [
    path("replies/", views.inbox, name="replies"),
    path("replies/mailbox/", views.mailbox, name="replies_mailbox"),
    path("replies/mailbox/stop/", views.stop_mailbox, name="replies_mailbox_stop"),
    path("replies/<int:number>/", views.reply, name="reply"),
    path("replies/<int:number>/assign/", views.assign, name="reply_assign"),
    path("replies/<int:number>/handle/", views.handle, name="reply_handle"),
    path("replies/<int:number>/reopen/", views.reopen, name="reply_reopen"),
    path("replies/files/<int:number>/", views.attachment, name="reply_file"),
    path("case/<path:key>/consent/", views.consent, name="case_consent"),
]
