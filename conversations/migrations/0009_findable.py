"""What search looks through. Triggers note whatever is written, and `chatsite_catch_up` makes it findable.

Text is bounded: to_tsvector refuses more than a megabyte of words, and an answer may have 64 million
characters. A long message is found by its first 262,144, in pieces of 4,000 that reach 200 into the
next one, so that a phrase across two pieces is found.
"""

from typing import ClassVar

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

# Small letters without accents, on both sides of the search. Hangul and kana stay composed.
FOLDED = r"""
CREATE FUNCTION chatsite_folded(said text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN octet_length(said) = char_length(said) THEN lower(said)
    ELSE replace(lower(normalize(
      regexp_replace(normalize(said, NFKD), '[\u0300-\u036f]+', '', 'g'), NFKC)), 'ß', 'ss')
  END
$$;
"""
# Signs go: the parser would take `a/b` for a file, `<b>` for markup and drop it. Where words are not
# spaced (Chinese, Japanese) each sign of the script is a word, and a word a phrase of them.
SPACED = r"""
CREATE FUNCTION chatsite_spaced(folded text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN octet_length(folded) = char_length(folded)
    THEN regexp_replace(folded, '[^a-z0-9]+', ' ', 'g')
    ELSE regexp_replace(
      regexp_replace(folded, '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u00d7\u00f7\u2000-\u206f'
        '\u2190-\u2bff\u3000-\u3004\u3008-\u303f\ufe30-\ufe4f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff65]+',
        ' ', 'g'),
      '([\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])',
      ' \1 ', 'g')
  END
$$;
"""
# Words as they stand, with their places for phrases; their stems in the site's languages; marks, which
# have a colon and so are never a word that somebody wrote or looks for.
WORDS = r"""
CREATE FUNCTION chatsite_words(folded text, marks text[]) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT to_tsvector('pg_catalog.simple', spaced)
      || strip(to_tsvector('pg_catalog.english', spaced))
      || strip(to_tsvector('pg_catalog.german', spaced))
      || array_to_tsvector(array_remove(marks, NULL))
    FROM (SELECT chatsite_spaced(folded) OFFSET 0) AS plain(spaced)
$$;
"""
# What somebody looks for: a word with its stems, or several in a row. `beginning`: the last one may go
# on. Empty when there is no letter or digit in it.
ASKED = r"""
CREATE FUNCTION chatsite_asked(term text, beginning boolean) RETURNS tsquery
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  spaced text := chatsite_spaced(chatsite_folded(term));
  plain tsquery := phraseto_tsquery('pg_catalog.simple', spaced);
  asked tsquery := plain;
BEGIN
  IF numnode(plain) = 0 THEN
    RETURN plain;
  END IF;
  IF beginning THEN
    asked := (asked::text || ':*')::tsquery;
  END IF;
  IF numnode(plain) > 1 THEN
    RETURN asked;
  END IF;
  RETURN asked || plainto_tsquery('pg_catalog.english', spaced) || plainto_tsquery('pg_catalog.german', spaced);
END $$;
"""
# `m:` marks are the parts of the model's name, each to be found by itself.
FIND_MESSAGE = r"""
CREATE FUNCTION chatsite_make_findable(which uuid) RETURNS void LANGUAGE sql AS $$
  INSERT INTO conversations_findable (owner_id, conversation_id, message_id, at, start, body, words)
  SELECT said.owner_id, said.conversation_id, which, said.created_at, start, body,
         chatsite_words(body, said.marks)
    FROM (
      SELECT c.owner_id, m.conversation_id, m.created_at, left(m.text, 262144) AS head,
             ARRAY[
               'o:' || replace(c.owner_id::text, '-', ''),
               'by:' || m.role,
               CASE WHEN left(m.text, 262144) ~ '```' THEN 'has:code' END,
               CASE WHEN left(m.text, 262144) ~ 'https?://' THEN 'has:link' END,
               CASE WHEN EXISTS (SELECT FROM conversations_messageimage
                                  WHERE message_id IN (m.id, m.parent_id)) THEN 'has:image' END
             ] || ARRAY(SELECT 'm:' || part[1]
                          FROM regexp_matches(lower(m.model), '[a-z]+|[0-9]+', 'g') AS part) AS marks
        FROM conversations_message m
        JOIN conversations_conversation c ON c.id = m.conversation_id
       WHERE m.id = which AND m.text <> ''
      OFFSET 0 FOR KEY SHARE OF m -- who deletes it meanwhile waits, or was first
    ) AS said,
    generate_series(0, char_length(said.head) - 1, 4000) AS start,
    LATERAL (SELECT chatsite_folded(substr(said.head, start + 1, 4200)) OFFSET 0) AS piece(body)
  ON CONFLICT DO NOTHING
$$;
"""
FIND_TITLE = r"""
CREATE FUNCTION chatsite_make_title_findable(which uuid) RETURNS void LANGUAGE sql AS $$
  INSERT INTO conversations_findable (owner_id, conversation_id, message_id, at, start, body, words)
  SELECT c.owner_id, c.id, NULL, c.created_at, 0, body,
         chatsite_words(body, ARRAY['o:' || replace(c.owner_id::text, '-', '')])
    FROM (SELECT id, owner_id, created_at, title FROM conversations_conversation
           WHERE id = which AND title <> '' FOR KEY SHARE) AS c,
         LATERAL (SELECT chatsite_folded(c.title) OFFSET 0) AS piece(body)
  ON CONFLICT DO NOTHING
$$;
"""
# Whoever writes only notes what was written: to take its words apart would cost a question two
# milliseconds before its first token, and the seal of a long answer a second.
TRIGGERS = r"""
CREATE FUNCTION chatsite_message_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO conversations_written (conversation_id, message_id) VALUES (NEW.conversation_id, NEW.id);
  RETURN NULL;
END $$;
CREATE TRIGGER findable_when_written AFTER INSERT ON conversations_message
  FOR EACH ROW WHEN (NEW.status <> 'running' AND NEW.text <> '')
  EXECUTE FUNCTION chatsite_message_written();
CREATE TRIGGER findable_when_sealed AFTER UPDATE OF text, status ON conversations_message
  FOR EACH ROW WHEN (NEW.status <> 'running'
                     AND (OLD.status = 'running' OR OLD.text IS DISTINCT FROM NEW.text))
  EXECUTE FUNCTION chatsite_message_written();

CREATE FUNCTION chatsite_title_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO conversations_written (conversation_id) VALUES (NEW.id);
  RETURN NULL;
END $$;
CREATE TRIGGER findable_when_titled AFTER INSERT ON conversations_conversation
  FOR EACH ROW WHEN (NEW.title <> '') EXECUTE FUNCTION chatsite_title_written();
CREATE TRIGGER findable_when_renamed AFTER UPDATE OF title ON conversations_conversation
  FOR EACH ROW WHEN (OLD.title IS DISTINCT FROM NEW.title)
  EXECUTE FUNCTION chatsite_title_written();

CREATE FUNCTION chatsite_conversation_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM conversations_findable WHERE conversation_id = OLD.id;
  RETURN NULL;
END $$;
CREATE TRIGGER not_findable_when_gone AFTER DELETE ON conversations_conversation
  FOR EACH ROW EXECUTE FUNCTION chatsite_conversation_gone();

ALTER TABLE conversations_findable ADD CONSTRAINT findable_goes_with_its_message
  FOREIGN KEY (message_id) REFERENCES conversations_message (id) ON DELETE CASCADE;
"""
# Makes findable what was noted: of one person, the newest first, or of all. Returns how much that was.
# One at a time, for two that read one message at different moments would leave the older words; who
# searches waits, who looks after all of them comes again.
CATCH_UP = r"""
CREATE FUNCTION chatsite_catch_up(whose uuid, most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  taken bigint[];
  titled uuid[];
  said uuid[];
BEGIN
  IF whose IS NULL THEN
    IF NOT pg_try_advisory_xact_lock(7163100583312188004) THEN
      RETURN 0;
    END IF;
    taken := ARRAY(SELECT id FROM conversations_written ORDER BY id LIMIT most);
  ELSE
    IF NOT EXISTS (SELECT FROM conversations_written w JOIN conversations_conversation c
                      ON c.id = w.conversation_id WHERE c.owner_id = whose) THEN
      RETURN 0;
    END IF;
    PERFORM pg_advisory_xact_lock(7163100583312188004);
    taken := ARRAY(SELECT w.id FROM conversations_written w JOIN conversations_conversation c
                      ON c.id = w.conversation_id WHERE c.owner_id = whose ORDER BY w.id DESC LIMIT most);
  END IF;
  SELECT array_agg(DISTINCT conversation_id) FILTER (WHERE message_id IS NULL),
         array_agg(DISTINCT message_id) FILTER (WHERE message_id IS NOT NULL)
    INTO titled, said FROM conversations_written WHERE id = ANY (taken);
  DELETE FROM conversations_written WHERE id = ANY (taken);
  DELETE FROM conversations_findable WHERE message_id = ANY (said);
  DELETE FROM conversations_findable WHERE conversation_id = ANY (titled) AND message_id IS NULL;
  PERFORM chatsite_make_findable(id) FROM unnest(said) AS id;
  PERFORM chatsite_make_title_findable(id) FROM unnest(titled) AS id;
  RETURN cardinality(taken);
END $$;
"""
FORGET = """
DROP TRIGGER not_findable_when_gone ON conversations_conversation;
DROP TRIGGER findable_when_renamed ON conversations_conversation;
DROP TRIGGER findable_when_titled ON conversations_conversation;
DROP TRIGGER findable_when_sealed ON conversations_message;
DROP TRIGGER findable_when_written ON conversations_message;
DROP FUNCTION chatsite_catch_up, chatsite_conversation_gone, chatsite_title_written,
  chatsite_message_written, chatsite_make_title_findable, chatsite_make_findable, chatsite_asked,
  chatsite_words, chatsite_spaced, chatsite_folded;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("conversations", "0008_preferences")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="Findable",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("owner_id", models.UUIDField()),
                ("at", models.DateTimeField(help_text="When it was said.")),
                (
                    "start",
                    models.PositiveIntegerField(
                        help_text="Where the piece begins in the message's text."
                    ),
                ),
                (
                    "body",
                    models.TextField(
                        help_text="In small letters without accents: for parts of words."
                    ),
                ),
                (
                    "words",
                    django.contrib.postgres.search.SearchVectorField(
                        help_text="Words, their stems, and marks such as the owner's."
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        related_name="+",
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="conversations.conversation",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        related_name="+",
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="conversations.message",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["conversation"], name="findable_of_conversation"),
                    models.Index(
                        condition=models.Q(("message__isnull", False)),
                        fields=["owner_id", "-at", "-id"],
                        name="findable_newest",
                    ),
                    models.Index(
                        condition=models.Q(("message__isnull", True)),
                        fields=["owner_id", "-at"],
                        name="findable_titles",
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass(
                            models.F("words"), name="tsvector_ops"
                        ),
                        django.contrib.postgres.indexes.OpClass(
                            models.F("body"), name="gin_trgm_ops"
                        ),
                        name="findable_words",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("message", "start"), name="one_findable_a_piece"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("message__isnull", True)),
                        fields=("conversation",),
                        name="one_findable_a_title",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Written",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("conversation_id", models.UUIDField()),
                ("message_id", models.UUIDField(null=True)),
            ],
        ),
        migrations.RunSQL(
            FOLDED + SPACED + WORDS + ASKED + FIND_MESSAGE + FIND_TITLE + TRIGGERS + CATCH_UP,
            FORGET,
        ),
    ]
