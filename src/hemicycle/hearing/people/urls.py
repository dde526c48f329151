"""Signing in and out."""

from django.urls import path

from hemicycle.hearing.people import passkeys, views

app_name = "people"
urlpatterns = [
    path("sign-in/", views.ask, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("sign-in/passkeys/", passkeys.index, name="passkeys"),
    path("sign-in/passkeys/begin/", passkeys.begin_adding, name="passkey-begin"),
    path("sign-in/passkeys/add/", passkeys.add, name="passkey-add"),
    path("sign-in/passkeys/<int:key>/remove/", passkeys.remove, name="passkey-remove"),
    path("sign-in/passkey/begin/", passkeys.begin_signing_in, name="passkey-begin-sign-in"),
    path("sign-in/passkey/", passkeys.sign_in, name="passkey-sign-in"),
    path("sign-in/<str:secret>/", views.use_link, name="use-link"),
]
