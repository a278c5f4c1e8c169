"""The addresses of the pages (PROTOCOL.md). Other doors are named in chatsite/urls.py."""

from django.urls import path

from conversations.web import files, pages

urlpatterns = [
    path("", pages.home, name="home"),
    path("c/<uuid:which>/", pages.conversation, name="conversation"),
    path("images/<uuid:image_id>/", files.image, name="image"),
    path("images/<uuid:image_id>/thumbnail/", files.thumbnail, name="image_thumbnail"),
    path("favicon.ico", pages.favicon, name="favicon"),
    path("settings/", pages.settings, name="settings"),
    path("settings/told/", pages.told, name="told"),
]
