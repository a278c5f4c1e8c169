"""What Django and allauth say on pages of ours and their translations lack, or say otherwise than ours do.

Nothing reads these tuples: who gathers sentences for the catalogues finds them here (gather.py), and a
catalogue of ours goes before those of libraries. Scripts of the admin have a catalogue of their own, into
which conversations/admin/script_words.py puts the second half.
"""

from django.utils.translation import gettext_noop as _

ON_PAGES = (
    _("After you’ve created a user, you’ll be able to edit more user options."),
    _("Conflicting form data submitted. Please try again."),
    _("Disable password-based authentication"),
    _("Disabled"),
    _("Enable password-based authentication"),
    _("Enable password-based authentication for this user by setting a password."),
    _("Enabled"),
    _("Password-based authentication"),
    _("Password-based authentication was disabled."),
    _("Raw passwords are not stored, so there is no way to see the user’s password."),
    _("Reset password"),
    _("Set password: %s"),
    _("This action will <strong>enable</strong> password-based authentication for this user."),
    _("Whether the user will be able to authenticate using a password or not. If disabled, they may "
      "still be able to authenticate using other backends, such as Single Sign-On or LDAP."),
    _("History"),
    _("Save"),
    _("Save and add another"),
    _("Save and continue editing"),
    _("Save and view"),
)  # fmt: skip

# Of the two boxes in which groups and rights are chosen.
IN_SCRIPTS = (
    _('Choose %s by selecting them and then select the "Choose" arrow button.'),
    _('Remove %s by selecting them and then select the "Remove" arrow button.'),
    _("Choose all %s"),
    _("Choose selected %s"),
    _("Remove all %s"),
    _("Remove selected %s"),
    _("(click to clear)"),
)
