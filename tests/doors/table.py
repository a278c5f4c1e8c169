"""Who gets what at which door. One line a door; a door without its line fails `test_doors.py`.

A cell is a status, or several with `|`; `login` is a redirect to the sign-in page, `away` any
other redirect. Methods that a route does not list are refused by it, for everybody.
What is in the address, and what is sent along (`bodies.py`), belongs to the owner.
"""

PEOPLE = ("owner", "other", "stranger", "deactivated", "reviewer", "superuser")

DOORS = """
# pages                                     owner  other  stranger deactivated reviewer superuser
/                                   GET     200    200    login    login       200      200
/c/<uuid:which>/                    GET     200    404    login    login       404      404
/pictures/                          GET     200    200    login    login       200      200
/settings/                          GET     200    200    login    login       200      200
/settings/preferences/              POST    away   away   login    login       away     away
/settings/prompts/                  POST    away   away   login    login       away     away
/settings/prompts/<uuid:prompt>/    POST    away   404    login    login       404      404
/settings/everything/               POST    away   400    login    login       400      400
/settings/devices/                  POST    away   away   login    login       away     away
/usage/                             GET     200    200    login    login       200      200
/usage/table.csv                    GET     200    200    login    login       200      200
/settings/told/                     POST    away   away   login    login       away     away
/settings/notices/<uuid:notice>/    POST    away   404    login    login       404      404
/images/<uuid:image_id>/            GET     200    404    login    login       200      200
/images/<uuid:image_id>/thumbnail/  GET     200    404    login    login       200      200
/share/<str:token>/                 GET     200    200    200      200         200      200
/share/<str:token>/copy/            POST    away   away   login    login       away     away
/share/<str:token>/pictures/<int:number>/ GET 200  200    200      200         200      200
/share/<str:token>/pictures/<int:number>/thumbnail/ GET 200 200 200 200        200      200
/share/<str:token>/files/<int:number>/ GET 200     200    200      200         200      200
/diagram/                           GET     200    200    200      200         200      200
/robots.txt                         GET     200    200    200      200         200      200
/files/<uuid:file_id>/              GET     200    404    login    login       200      200
/manifest.webmanifest               GET     200    200    200      200         200      200
/sw.js                              GET     200    200    200      200         200      200
/banner/away/                       POST    away   away   away     away        away     away
/offline/                           GET     200    200    200      200         200      200
/favicon.ico                        GET     away   away   away     away        away     away
/healthz                            GET     200    200    200      200         200      200
/readyz                             GET     200    200    200      200         200      200
/metrics                            GET     200    200    200      200         200      200

# signing in                                owner  other  stranger deactivated reviewer superuser
/accounts/login/                    GET     away   away   200      200         away     away
/accounts/login/                    POST    away   away   200      200         away     away
/accounts/login/code/confirm/       GET     away   away   login    login       away     away
/accounts/login/code/confirm/       POST    away   away   login    login       away     away
/accounts/signup/                   GET     away   away   200      200         away     away
/accounts/signup/                   POST    away   away   200      200         away     away
/accounts/invitation/<str:token>/   GET     404    404    404      404         404      404
/accounts/inactive/                 GET     200    200    200      200         200      200
/accounts/logout/                   GET     200    200    login    login       200      200
/accounts/logout/                   POST    login  login  login    login       login    login
/accounts/reauthenticate/           GET     200    200    login    login       200      200
/accounts/reauthenticate/           POST    200    200    login    login       200      200
/accounts/email/                    GET     200    200    login    login       200      200
/accounts/email/                    POST    200    200    login    login       200      200
/accounts/confirm-email/            GET     200    200    200      200         200      200
/accounts/confirm-email/<key>/      GET     200    200    200      200         200      200
/accounts/confirm-email/<key>/      POST    404    404    404      404         404      404
/accounts/password/change/          GET     200    200    login    login       200      200
/accounts/password/change/          POST    200    200    login    login       200      200
/accounts/password/set/             GET     away   away   login    login       away     away
/accounts/password/set/             POST    away   away   login    login       away     away
/accounts/password/reset/           GET     200    200    200      200         200      200
/accounts/password/reset/           POST    200    200    200      200         200      200
/accounts/password/reset/done/      GET     200    200    200      200         200      200
/accounts/password/reset/key/<uid>-<key>/ GET  200 200    200      200         200      200
/accounts/password/reset/key/<uid>-<key>/ POST 200 200    200      200         200      200
/accounts/password/reset/key/done/  GET     200    200    200      200         200      200
/accounts/oidc/                     POST    404    404    404      404         404      404
/accounts/oidc/back/                GET     404    404    404      404         404      404
/accounts/second-factor/            GET     200    200    login    login       200      200
/accounts/second-factor/authenticate/ GET   away   away   login    login       away     away
/accounts/second-factor/authenticate/ POST  away   away   login    login       away     away
/accounts/second-factor/reauthenticate/ GET away  away   login    login       away     away
/accounts/second-factor/reauthenticate/ POST away away   login    login       away     away
/accounts/second-factor/totp/activate/ GET  away   away   login    login       away     away
/accounts/second-factor/totp/activate/ POST away   away   login    login       away     away
/accounts/second-factor/totp/deactivate/ GET 404   404    login    login       404      404
/accounts/second-factor/totp/deactivate/ POST 404  404    login    login       404      404
/accounts/second-factor/recovery-codes/ GET 404    404    login    login       404      404
/accounts/second-factor/recovery-codes/generate/ GET away away login login     away     away
/accounts/second-factor/recovery-codes/generate/ POST away away login login    away     away
/accounts/second-factor/recovery-codes/download/ GET 404 404 login login       404      404

# programs                                  owner  other  stranger deactivated reviewer superuser
/api/v1/me                          GET     200    200    401      401         200      200
/api/v1/me                          PATCH   200    200    401      401         200      200
/api/v1/prompts                     GET     200    200    401      401         200      200
/api/v1/prompts                     POST    201    201    401      401         201      201
/api/v1/prompts/<prompt>            PATCH   200    404    401      401         404      404
/api/v1/prompts/<prompt>            DELETE  204    404    401      401         404      404
/api/v1/models                      GET     200    200    401      401         200      200
/api/v1/picture-questions           GET     200    200    401      401         200      200
/api/v1/conversations               GET     200    200    401      401         200      200
/api/v1/search                      GET     200    200    401      401         200      200
/api/v1/conversations               POST    201    201    401      401         201      201
/api/v1/conversations               DELETE  204    400    401      401         400      400
/api/v1/conversations/<conversation> GET    200    404    401      401         404      404
/api/v1/conversations/<conversation> PATCH  200    404    401      401         404      404
/api/v1/conversations/<conversation> DELETE 204    404    401      401         404      404
/api/v1/conversations/<conversation>/restore POST 404 404  401      401         404      404
/api/v1/conversations/<conversation>/messages GET 200 404 401      401         404      404
/api/v1/conversations/<conversation>/summaries/<summary> DELETE 204 404 401 401     404      404
/api/v1/folders                     GET     200    200    401      401         200      200
/api/v1/folders                     POST    201    201    401      401         201      201
/api/v1/folders/<folder>            PATCH   200    404    401      401         404      404
/api/v1/folders/<folder>            DELETE  204    404    401      401         404      404
/api/v1/conversations/<conversation>/search GET 200 404   401      401         404      404
/api/v1/conversations/<conversation>/context GET 200 404  401      401         404      404
/api/v1/messages                    POST    201    404    401      401         404      404
/api/v1/edits                       POST    201    404    401      401         404      404
/api/v1/messages/<message>          DELETE  204    404    401      401         404      404
/api/v1/messages/<message>/feedback PUT     200    404    401      401         404      404
/api/v1/images                      POST    201    201    401      401         201      201
/api/v1/images                      GET     200    200    401      401         200      200
/api/v1/images/<image>              GET     200    404    401      401         404      404
/api/v1/images/<image>              PATCH   200    404    401      401         404      404
/api/v1/images/tokens               GET     200    404    401      401         404      404
/api/v1/images/<image>              DELETE  409    404    401      401         404      404
/api/v1/files                       POST    201    201    401      401         201      201
/api/v1/vision                      POST    201    404    401      401         404      404
/api/v1/runs                        GET     200    200    401      401         200      200
/api/v1/runs/<run>                  GET     200    404    401      401         404      404
/api/v1/runs/<run>/stop             POST    200    404    401      401         404      404
/api/v1/shares                      GET     200    200    401      401         200      200
/api/v1/shares                      POST    201    404    401      401         404      404
/api/v1/shares/<share>              GET     200    404    401      401         404      404
/api/v1/shares/<share>              PATCH   200    404    401      401         404      404
/api/v1/shares/<share>              DELETE  204    404    401      401         404      404
/api/v1/conversations/<conversation>/export GET 200 404   401      401         404      404
/api/v1/export                      GET     200    200    401      401         200      200
/api/v1/export/progress             GET     200    200    401      401         200      200
/api/v1/imports                     GET     200    200    401      401         200      200
/api/v1/imports                     POST    201    201    401      401         201      201
/api/v1/imports/<job>               GET     200    404    401      401         404      404
/api/v1/imports/<job>/stop          POST    200    404    401      401         404      404
/api/v1/usage                       GET     200    200    401      401         200      200
/api/v1/budgets                     GET     200    200    401      401         200      200
/api/v1/openapi.json                GET     200    200    401      401         200      200
/api/v1/docs                        GET     200    200    401      401         200      200
"""

FRAMES = """
# type                owner  other          stranger deactivated reviewer       superuser
conversation.open     ack    not_found      4401     4401        not_found      not_found
conversation.close    ack    ack|not_found  4401     4401        ack|not_found  ack|not_found
message.send          ack    not_found      4401     4401        not_found      not_found
message.edit          ack    not_found      4401     4401        not_found      not_found
message.regenerate    ack    not_found      4401     4401        not_found      not_found
message.continue      ack    not_found      4401     4401        not_found      not_found
run.stop              ack    not_found      4401     4401        not_found      not_found
ping                  pong   pong           4401     4401        pong           pong
"""

# Pages of Django admin by kind. Some tables are not for reviewers, some are only added to by us.
ADMIN = """
# kind                        reviewer     superuser  everybody else
index                         200          200        login
stop                          403          200        login
mail                          403          200        login
numbers                       200          200        login
export                        403          200        login
export_state                  403          404        login
export_stop                   405          405        login
roles                         403          200        login
app_list                      away         away       login
changelist                    200|403      200|away   login
change                        200|403      200        login
try                           200|403      200        login
redact                        403          200        login
request                       200          200        login
history                       200|403      200        login
add                           403          200|403    login
delete                        403          200|403    login
auth_user_password_change     403          200        login
decide                        405          405        login
open                          200          200        login
note                          405          405        login
autocomplete                  403          403        login
jsi18n                        200          200        login
login                         away         away       login|403
logout                        405          405        away
password_change               away         away       login
password_change_done          200          200        login
view_on_site                  404          404        login
rest                          404|away     404|away   login
"""

# Routes written as regular expressions, as they stand in the table above.
WRITTEN_OUT = {
    r"/accounts/confirm-email/(?P<key>[-:\w]+)/": "/accounts/confirm-email/<key>/",
    r"/accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/": (
        "/accounts/password/reset/key/<uid>-<key>/"
    ),
}

# Parameters whose value is not something that the owner owns.
EXAMPLES = {"token": "made-up", "key": "made-up", "uid": "1", "number": "1"}
