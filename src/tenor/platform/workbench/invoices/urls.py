"""The addresses of invoices; a key may hold a slash, so that what is done stands before it."""

from django.urls import path

from tenor.platform.workbench.invoices import acts, views

urlpatterns = [
    path("invoices/", views.show, name="invoices"),
    path("invoice/credit/<path:key>/", acts.credit, name="invoice_credit"),
    path("invoice/fee/<path:key>/", acts.fee, name="invoice_fee"),
    path("invoice/reverse/<path:key>/", acts.reverse, name="invoice_reverse"),
    path("invoice/write-off/<path:key>/", acts.write_off, name="invoice_write_off"),
    path("invoice/hold/<path:key>/", acts.hold, name="invoice_hold"),
    path("invoice/lift/<path:key>/", acts.lift, name="invoice_lift"),
    path("invoice/dispute/<path:key>/", acts.dispute, name="invoice_dispute"),
    path("invoice/resolve/<path:key>/", acts.resolve, name="invoice_resolve"),
    path("documents/<int:number>/", views.document, name="invoice_document"),
    path("invoices/<path:key>/", views.invoice, name="invoice"),
]
