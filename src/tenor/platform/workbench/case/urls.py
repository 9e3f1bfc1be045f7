"""The addresses of a case."""

from django.urls import path

from tenor.platform.workbench.case import acts, law_acts, views

urlpatterns = [
    path("case/<int:number>/alternatives/", views.alternatives, name="alternatives"),
    path("case/<int:number>/review/", acts.review, name="review"),
    path("case/<path:key>/note/", acts.note, name="case_note"),
    path("case/<path:key>/promise/", acts.promise, name="case_promise"),
    path("case/<path:key>/plan/", acts.plan, name="case_plan"),
    path("case/<path:key>/hold/", acts.hold, name="case_hold"),
    path("case/<path:key>/dispute/", acts.dispute, name="case_dispute"),
    path("case/<path:key>/charge/", law_acts.charge, name="case_charge"),
    path("case/<path:key>/notice/", law_acts.notice, name="case_notice"),
    path("case/<path:key>/hand-over/sign/", law_acts.sign, name="case_sign"),
    path("case/<path:key>/hand-over/", views.hand_over, name="hand_over"),
    path("hand-overs/<int:number>/file/", views.hand_over_file, name="hand_over_file"),
    path("agreements/notice/<int:number>/receipt/", law_acts.receipt, name="notice_receipt"),
    path("case/<path:key>/owner/", acts.owner, name="case_owner"),
    path("agreements/hold/<int:number>/lift/", acts.lift_hold, name="lift_hold"),
    path("agreements/promise/<int:number>/withdraw/", acts.withdraw, name="withdraw_promise"),
    path("agreements/plan/<int:number>/cancel/", acts.cancel_plan, name="cancel_plan"),
    path("disputes/<path:invoice>/resolve/", acts.resolve, name="resolve_dispute"),
    path("customers/<path:key>/", views.customer, name="customer"),
]
