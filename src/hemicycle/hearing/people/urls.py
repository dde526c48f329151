"""URLs for signing in and out."""

from django.urls import path

from hemicycle.hearing.people import first_administrator, passkeys, second_step, views

app_name = "people"
urlpatterns = [
    path("sign-in/", views.ask, name="sign-in"),
    path("sign-in/first/", first_administrator.page, name="first-administrator"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("sign-in/passkeys/", passkeys.index, name="passkeys"),
    path("sign-in/passkeys/begin/", passkeys.begin_adding, name="passkey-begin"),
    path("sign-in/passkeys/add/", passkeys.add, name="passkey-add"),
    path("sign-in/passkeys/<int:key>/remove/", passkeys.remove, name="passkey-remove"),
    path("sign-in/passkey/begin/", passkeys.begin_signing_in, name="passkey-begin-sign-in"),
    path("sign-in/passkey/", passkeys.sign_in, name="passkey-sign-in"),
    path("sign-in/second-step/", second_step.page, name="second-step"),
    path("sign-in/second-step/begin/", second_step.begin, name="second-step-begin"),
    path("sign-in/confirm/begin/", passkeys.begin_confirming, name="confirm-begin"),
    path("sign-in/app/", passkeys.app, name="app"),
    path("sign-in/app/remove/", passkeys.remove_app, name="app-remove"),
    path("sign-in/recovery-codes/", passkeys.recovery_codes, name="recovery-codes"),
    path("sign-in/sessions/end-others/", passkeys.end_others, name="end-others"),
    path("sign-in/<secret:secret>/", views.use_link, name="use-link"),
]
