"""The addresses of pooling."""

from django.urls import path

from tenor.platform.workbench.pool import acts, views

urlpatterns = [
    path("learning/pool/", views.pool, name="pool"),
    path("learning/pool/join/", acts.join, name="pool_join"),
    path("learning/pool/leave/", acts.leave, name="pool_leave"),
    path("learning/pool/give/", acts.give, name="pool_give"),
    path("learning/pool/gift.json", acts.gift_file, name="pool_file"),
    path("learning/pool/take/", acts.take, name="pool_take"),
    path("learning/pool/drop/<int:number>/", acts.drop, name="pool_drop"),
    path("learning/pool/training-set.zip", acts.training_set, name="pool_training_set"),
]
