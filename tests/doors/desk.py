"""What the desk lets whom do: a line for each table of the admin; one without its line fails `test_desk.py`.

Letters are `v`iew, `a`dd, `c`hange and `d`elete, as its pages allow it to reviewers and to superusers. Then
the actions of its list, with `*` where reviewers have them too, and the tables inside its pages with `+`.
"""

TABLES = """
# table                          reviewer superuser  actions and inlines
conversations.auditentry         v        v
conversations.blockedpicture     -        vacd       delete_selected
conversations.budget             -        vacd       delete_selected
conversations.providercall       v        v          put_right
conversations.case               v        v
conversations.conversation       v        vd         delete_selected
conversations.feedback           v        v
conversations.folder             -        v
conversations.hold               -        va         end_these
conversations.image              v        v          block
conversations.invitation         -        vad        delete_selected send_again withdraw
conversations.share              -        vd         delete_selected
conversations.importjob          -        v
conversations.languagemodel      -        vacd       delete_selected enable disable stop +PricesOfModel
conversations.pattern            -        vacd       delete_selected
conversations.flag               -        v
conversations.moderation         -        vc
conversations.oversight          -        vacd       delete_selected
conversations.user               v        vacd    deactivate sign_out stop_answers take_along take_factor_away
auth.group                       -        vacd       delete_selected
conversations.picturequestion    -        vacd       delete_selected
conversations.savedprompt        -        vacd       delete_selected
conversations.provider           -        vacd       delete_selected test_connection fetch_models ask_again
conversations.ratelimit          -        vacd       delete_selected
conversations.retentionrule      -        vacd       delete_selected
conversations.run                v        v
conversations.sitesettings       -        vc
"""

# Pages that are no table's, and pages of a table beyond Django's own, with who may post there.
# What is posted is nothing that means anything there; 400 is a form that says so.
PAGES = """
# page                                       person  staff     reviewer  superuser
numbers                                      login   405       405       405
roles                                        login   405       405       405
stop                                         login   403       403       200
index                                        login   200       200       200
autocomplete                                 login   405       405       405
jsi18n                                       login   405       405       405
view_on_site                                 login   404       404       404
app_list                                     login   away      away      away
conversations_case_decide                    login   403       400       400
conversations_message_redact                 login   403       403       200
conversations_conversation_open              login   403       400       400
conversations_conversation_note              login   403       away      away
auth_user_password_change                    login   403       403       200
conversations_pattern_try                    login   403       403       200
conversations_run_request                    login   403       403       403
conversations_providercall_export            login   403       403       400
conversations_auditentry_export              login   403       403       400
conversations_conversation_export            login   403       403       400
mail                                         login   403       403       200
export_state                                 login   405       405       405
export_stop                                  login   403       403       404
rest                                         login   away|404  away|404  away|404
"""

# These are the account pages' own, or send there.
SIGNING = {"login", "logout", "password_change", "password_change_done"}
# Pages that Django makes for each table.
OF_EACH = ("changelist", "add", "change", "delete", "history")
