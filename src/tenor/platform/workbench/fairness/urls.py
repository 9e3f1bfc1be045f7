"""The addresses of fairness."""

from django.urls import path

from tenor.platform.workbench.fairness import views

urlpatterns = [
    path("learning/fairness/", views.fairness, name="fairness"),
    path("learning/fairness/examine/", views.examine, name="fairness_examine"),
    path("learning/fairness/price/", views.price, name="fairness_price"),
    path("learning/fairness/choose/", views.choose, name="fairness_choose"),
    path("learning/fairness/<int:number>/", views.earlier, name="fairness_audit"),
    path("learning/fairness/findings/<int:number>/", views.answer, name="fairness_answer"),
]
