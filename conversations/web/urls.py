"""The addresses of the pages (PROTOCOL.md). Other doors are named in chatsite/urls.py."""

from django.urls import path

from conversations.web import app, banner, diagram, files, gallery, pages, settings, shares, usage

urlpatterns = [
    path("", pages.home, name="home"),
    path("c/<uuid:which>/", pages.conversation, name="conversation"),
    path("pictures/", gallery.page, name="pictures"),
    path("images/<uuid:image_id>/", files.image, name="image"),
    path("images/<uuid:image_id>/thumbnail/", files.thumbnail, name="image_thumbnail"),
    path("share/<str:token>/", shares.page, name="share"),
    path("share/<str:token>/copy/", shares.copy, name="share_copy"),
    path("share/<str:token>/pictures/<int:number>/", shares.picture, name="share_picture"),
    path(
        "share/<str:token>/pictures/<int:number>/thumbnail/",
        shares.thumbnail,
        name="share_thumbnail",
    ),
    path("diagram/", diagram.diagram, name="diagram"),
    path("share/<str:token>/files/<int:number>/", shares.text_file, name="share_file"),
    path("robots.txt", shares.robots, name="robots"),
    path("files/<uuid:file_id>/", files.text_file, name="text_file"),
    path("manifest.webmanifest", app.manifest, name="manifest"),
    path("sw.js", app.worker, name="worker"),
    path("banner/away/", banner.put_away, name="put_banner_away"),
    path("offline/", app.offline, name="offline"),
    path("favicon.ico", pages.favicon, name="favicon"),
    path("settings/", settings.page, name="settings"),
    path("settings/preferences/", settings.choose, name="choose"),
    path("settings/prompts/", settings.save_prompt, name="save_prompt"),
    path("settings/prompts/<uuid:prompt>/", settings.change_prompt, name="change_prompt"),
    path("settings/everything/", settings.delete_everything, name="delete_everything"),
    path("settings/devices/", settings.sign_out_others, name="sign_out_others"),
    path("usage/", usage.page, name="usage"),
    path("usage/table.csv", usage.table, name="usage_table"),
    path("settings/told/", pages.told, name="told"),
    path("settings/notices/<uuid:notice>/", pages.put_away, name="put_away_notice"),
]
