"""The addresses of the pages (PROTOCOL.md). Sign-in, admin, files and health are in chatsite/urls.py."""

from django.urls import path

from conversations.web import pages

urlpatterns = [
    path("", pages.home, name="home"),
    path("c/<uuid:id>/", pages.conversation, name="conversation"),
    path("settings/", pages.settings, name="settings"),
    path("settings/told/", pages.told, name="told"),
]
