"""Budgets: what may be spent, what is spent of it, and what counts that (docs/decisions/0123)."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import conversations.ids

# What of a call, or of what was reserved for one, is measured.
AMOUNT = """
CREATE FUNCTION chatsite_amount(measure text, micros bigint, tokens bigint, messages bigint)
RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE measure WHEN 'money' THEN coalesce(micros, 0) WHEN 'tokens' THEN tokens ELSE messages END
$$;
"""
# The budgets that count for a call, with the key of the counter of each at that moment. NULL: whatever
# the model or the purpose is.
BUDGETS_FOR = """
CREATE FUNCTION chatsite_budgets_for(person uuid, models text[], purposes text[], moment timestamptz)
RETURNS TABLE (budget bigint, whom uuid, began timestamptz) LANGUAGE sql STABLE AS $$
    SELECT b.id,
           CASE WHEN b.scope IN ('site', 'group') THEN '00000000-0000-0000-0000-000000000000' ELSE person END,
           date_trunc(b.period, moment, 'UTC')
      FROM conversations_budget b
     WHERE b.is_enabled
       AND (b.model = '' OR models IS NULL OR b.model = ANY(models))
       AND (b.purpose = '' OR purposes IS NULL OR b.purpose = ANY(purposes))
       AND CASE b.scope
           WHEN 'site' THEN true
           WHEN 'each' THEN person IS NOT NULL
           WHEN 'person' THEN b.user_id = person
           ELSE EXISTS (SELECT FROM conversations_user_groups m
                         WHERE m.user_id = person AND m.group_id = b.group_id) END
$$;
"""
# What the ledger says: read once for each counter, when that is made. Three statements, so that each has
# the index that serves it.
SPENT = """
CREATE FUNCTION chatsite_spent(b conversations_budget, person uuid, since timestamptz)
RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
    until timestamptz :=
        (date_trunc(b.period, since AT TIME ZONE 'UTC') + ('1 ' || b.period)::interval) AT TIME ZONE 'UTC';
    total bigint;
BEGIN
    IF b.scope = 'site' THEN
        SELECT sum(chatsite_amount(b.measure, c.cost_micros, coalesce(c.input_tokens, 0)::bigint + coalesce(c.output_tokens, 0),
                                   (c.run IS NOT NULL AND c.purpose = 'chat' AND c.attempt = 1)::int))
          INTO total FROM conversations_providercall c
         WHERE c.at >= since AND c.at < until
           AND (b.model = '' OR c.model = b.model) AND (b.purpose = '' OR c.purpose = b.purpose);
    ELSIF b.scope = 'group' THEN
        SELECT sum(chatsite_amount(b.measure, c.cost_micros, coalesce(c.input_tokens, 0)::bigint + coalesce(c.output_tokens, 0),
                                   (c.run IS NOT NULL AND c.purpose = 'chat' AND c.attempt = 1)::int))
          INTO total FROM conversations_providercall c
         WHERE c.at >= since AND c.at < until
           AND c.user_id IN (SELECT m.user_id FROM conversations_user_groups m WHERE m.group_id = b.group_id)
           AND (b.model = '' OR c.model = b.model) AND (b.purpose = '' OR c.purpose = b.purpose);
    ELSE
        SELECT sum(chatsite_amount(b.measure, c.cost_micros, coalesce(c.input_tokens, 0)::bigint + coalesce(c.output_tokens, 0),
                                   (c.run IS NOT NULL AND c.purpose = 'chat' AND c.attempt = 1)::int))
          INTO total FROM conversations_providercall c
         WHERE c.user_id = person AND c.at >= since AND c.at < until
           AND (b.model = '' OR c.model = b.model) AND (b.purpose = '' OR c.purpose = b.purpose);
    END IF;
    RETURN coalesce(total, 0);
END $$;
"""
# What is about to be spent. There are as many rows as calls under way, over all periods: what was reserved
# before midnight is still to be paid after it.
RESERVED = """
CREATE FUNCTION chatsite_reserved(b conversations_budget, person uuid)
RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(chatsite_amount(b.measure, r.micros, r.tokens, r.messages)), 0)::bigint
      FROM conversations_reservation r
     WHERE (b.model = '' OR b.model IN (r.model, r.other)) AND (b.purpose = '' OR b.purpose = r.purpose)
       AND CASE b.scope
           WHEN 'site' THEN true
           WHEN 'group' THEN r."user" IN (SELECT m.user_id FROM conversations_user_groups m
                                           WHERE m.group_id = b.group_id)
           ELSE r."user" = person END
$$;
"""
# Lock the counters that count for a call, always in the same order, and say how each stands. A counter that
# is not there yet is made from the ledger. Each statement of a VOLATILE function sees what was committed
# when it begins: after the lock, all that was done by whoever had it before.
HOLD = """
CREATE FUNCTION chatsite_hold_budgets(person uuid, models text[], purposes text[])
RETURNS TABLE (budget bigint, whom uuid, began timestamptz, used bigint, reserved bigint)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    b conversations_budget;
BEGIN
    PERFORM pg_advisory_xact_lock_shared({lock});
    FOR budget, whom, began IN
        SELECT f.* FROM chatsite_budgets_for(person, models, purposes, clock_timestamp()) f ORDER BY 1, 2, 3
    LOOP
        SELECT * INTO b FROM conversations_budget WHERE id = budget;
        LOOP
            SELECT s.used INTO used FROM conversations_spending s
             WHERE s.budget_id = budget AND s.whom = chatsite_hold_budgets.whom
               AND s.began = chatsite_hold_budgets.began FOR UPDATE;
            EXIT WHEN FOUND;
            INSERT INTO conversations_spending (budget_id, whom, began, used)
            VALUES (budget, whom, began, chatsite_spent(b, whom, began)) ON CONFLICT DO NOTHING;
        END LOOP;
        reserved := chatsite_reserved(b, whom);
        RETURN NEXT;
    END LOOP;
END $$;
"""
# Whatever gets onto the ledger is counted in the same transaction, once: a settlement that is repeated adds
# no row, and with that no count. A counter that is only made now has the new rows in it already.
COUNT = """
CREATE FUNCTION chatsite_count_spending() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    c record;
BEGIN
    PERFORM pg_advisory_xact_lock_shared({lock});
    FOR c IN
        SELECT f.budget, f.whom, f.began,
               sum(chatsite_amount(b.measure, a.cost_micros, coalesce(a.input_tokens, 0)::bigint + coalesce(a.output_tokens, 0),
                                   (a.run IS NOT NULL AND a.purpose = 'chat' AND a.attempt = 1)::int)) AS amount
          FROM added a,
               LATERAL chatsite_budgets_for(a.user_id, ARRAY[a.model::text], ARRAY[a.purpose::text], a.at) f
               JOIN conversations_budget b ON b.id = f.budget
         GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    LOOP
        CONTINUE WHEN coalesce(c.amount, 0) = 0;
        UPDATE conversations_spending s SET used = s.used + c.amount
         WHERE s.budget_id = c.budget AND s.whom = c.whom AND s.began = c.began;
        CONTINUE WHEN FOUND;
        INSERT INTO conversations_spending AS s (budget_id, whom, began, used)
        SELECT c.budget, c.whom, c.began, chatsite_spent(b, c.whom, c.began)
          FROM conversations_budget b WHERE b.id = c.budget
            ON CONFLICT (budget_id, whom, began) DO UPDATE SET used = s.used + c.amount;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER calls_are_counted AFTER INSERT ON conversations_providercall
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION chatsite_count_spending();
"""
# Who changes a budget holds it alone (usage/budgets.py): nobody counts by what is just being changed.
LOCK = 0x63686174_62756467  # "chatbudg"
COUNTING = f"{AMOUNT}{BUDGETS_FOR}{SPENT}{RESERVED}{HOLD}{COUNT}".replace("{lock}", str(LOCK))
NO_COUNTING = """
DROP TRIGGER calls_are_counted ON conversations_providercall;
DROP FUNCTION chatsite_count_spending();
DROP FUNCTION chatsite_hold_budgets(uuid, text[], text[]);
DROP FUNCTION chatsite_reserved(conversations_budget, uuid);
DROP FUNCTION chatsite_spent(conversations_budget, uuid, timestamptz);
DROP FUNCTION chatsite_budgets_for(uuid, text[], text[], timestamptz);
DROP FUNCTION chatsite_amount(text, bigint, bigint, bigint);
"""
PURPOSES = [
    ("chat", "answer"),
    ("title", "title"),
    ("summary", "summary"),
    ("prompt_test", "trial of a prompt"),
    ("image_description", "description of a picture"),
    ("moderation", "moderation"),
    ("embedding", "embedding"),
    ("tool", "tool"),
    ("audio", "audio"),
    ("batch", "batch"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("conversations", "0038_review"),
    ]

    operations = [
        migrations.CreateModel(
            name="Reservation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=conversations.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("run", models.UUIDField(null=True, unique=True)),
                ("user", models.UUIDField(null=True)),
                ("boot", models.UUIDField(null=True)),
                ("purpose", models.CharField(choices=PURPOSES, max_length=20)),
                ("model", models.CharField(max_length=100)),
                ("other", models.CharField(blank=True, default="", max_length=100)),
                ("micros", models.BigIntegerField()),
                ("tokens", models.BigIntegerField()),
                ("messages", models.PositiveSmallIntegerField(default=0)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="Budget",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("site", "everybody together"),
                            ("each", "each person"),
                            ("person", "one person"),
                            ("group", "the members of a group together"),
                            ("member", "each member of a group"),
                        ],
                        default="each",
                        max_length=10,
                        verbose_name="for whom",
                    ),
                ),
                (
                    "measure",
                    models.CharField(
                        choices=[
                            ("money", "money"),
                            ("tokens", "tokens"),
                            ("messages", "messages"),
                        ],
                        default="money",
                        max_length=10,
                        verbose_name="of what",
                    ),
                ),
                (
                    "limit",
                    models.BigIntegerField(
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="limit",
                    ),
                ),
                (
                    "period",
                    models.CharField(
                        choices=[
                            ("hour", "an hour"),
                            ("day", "a day"),
                            ("week", "a week"),
                            ("month", "a month"),
                        ],
                        default="month",
                        max_length=10,
                        verbose_name="in",
                    ),
                ),
                (
                    "model",
                    models.CharField(
                        blank=True, default="", max_length=100, verbose_name="only this model"
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=PURPOSES,
                        blank=True,
                        default="",
                        max_length=20,
                        verbose_name="only this purpose",
                    ),
                ),
                ("is_enabled", models.BooleanField(default=True, verbose_name="in force")),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="budgets",
                        to="auth.group",
                        verbose_name="group",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="budgets",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Spending",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("whom", models.UUIDField()),
                ("began", models.DateTimeField()),
                ("used", models.BigIntegerField(default=0)),
                ("told_at", models.DateTimeField(null=True)),
                (
                    "budget",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="spendings",
                        to="conversations.budget",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="budget",
            constraint=models.CheckConstraint(
                condition=models.Q(("limit__gte", 0)), name="a_budget_is_no_debt"
            ),
        ),
        migrations.AddConstraint(
            model_name="budget",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("scope", "person"), ("user__isnull", False)),
                    models.Q(models.Q(("scope", "person"), _negated=True), ("user", None)),
                    _connector="OR",
                ),
                name="a_budget_names_its_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="budget",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("group__isnull", False), ("scope__in", ("group", "member"))),
                    models.Q(
                        models.Q(("scope__in", ("group", "member")), _negated=True), ("group", None)
                    ),
                    _connector="OR",
                ),
                name="a_budget_names_its_group",
            ),
        ),
        migrations.AddConstraint(
            model_name="budget",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("measure__in", ["money", "tokens", "messages"]),
                    ("period__in", ["hour", "day", "week", "month"]),
                ),
                name="a_budget_is_of_a_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="budget",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("measure", "messages"), _negated=True),
                    ("purpose__in", ["", "chat"]),
                    _connector="OR",
                ),
                name="messages_are_of_the_chat",
            ),
        ),
        migrations.AddConstraint(
            model_name="spending",
            constraint=models.UniqueConstraint(
                fields=("budget", "whom", "began"), name="one_counter_a_period"
            ),
        ),
        migrations.RunSQL(COUNTING, NO_COUNTING),
    ]
