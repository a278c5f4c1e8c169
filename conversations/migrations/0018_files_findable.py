"""Text files are found: by `has:file`, by their names, and by the beginning of what is written in them.

They follow the text of their message, each at another 262,144 (which is where text that is found ends), with
their first 65,536 characters. A question may be nothing but its files: they note it themselves.
"""

from typing import ClassVar

from django.db import migrations

FIND_MESSAGE = r"""
CREATE OR REPLACE FUNCTION chatsite_make_findable(which uuid) RETURNS void LANGUAGE sql AS $$
  INSERT INTO conversations_findable (owner_id, conversation_id, message_id, at, start, body, words)
  SELECT said.owner_id, said.conversation_id, which, said.created_at, place + start, body,
         chatsite_words(body, said.marks)
    FROM (
      SELECT c.owner_id, m.conversation_id, m.created_at, left(m.text, 262144) AS head,
             ARRAY[
               'o:' || replace(c.owner_id::text, '-', ''),
               'by:' || m.role,
               CASE WHEN left(m.text, 262144) ~ '```' THEN 'has:code' END,
               CASE WHEN left(m.text, 262144) ~ 'https?://' THEN 'has:link' END,
               CASE WHEN EXISTS (SELECT FROM conversations_messageimage
                                  WHERE message_id IN (m.id, m.parent_id)) THEN 'has:image' END,
               CASE WHEN EXISTS (SELECT FROM conversations_messagefile
                                  WHERE message_id IN (m.id, m.parent_id)) THEN 'has:file' END
             ] || ARRAY(SELECT 'm:' || part[1]
                          FROM regexp_matches(lower(m.model), '[a-z]+|[0-9]+', 'g') AS part) AS marks
        FROM conversations_message m
        JOIN conversations_conversation c ON c.id = m.conversation_id
       WHERE m.id = which
      OFFSET 0 FOR KEY SHARE OF m -- who deletes it meanwhile waits, or was first
    ) AS said,
    LATERAL (
      SELECT 0, '', said.head
       UNION ALL
      SELECT 262144 * (use.position + 1), file.name || E'\n', left(file.text, 65536)
        FROM conversations_messagefile use JOIN conversations_textfile file ON file.id = use.file_id
       WHERE use.message_id = which
    ) AS part(place, name, head),
    generate_series(0, char_length(part.head) - 1, 4000) AS start,
    LATERAL (SELECT chatsite_folded(CASE start WHEN 0 THEN part.name ELSE '' END
                                    || substr(part.head, start + 1, 4200)) OFFSET 0) AS piece(body)
  ON CONFLICT DO NOTHING
$$;
"""
TRIGGER = r"""
CREATE FUNCTION chatsite_file_attached() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO conversations_written (conversation_id, message_id)
  SELECT conversation_id, id FROM conversations_message WHERE id = NEW.message_id;
  RETURN NULL;
END $$;
CREATE TRIGGER findable_when_attached AFTER INSERT ON conversations_messagefile
  FOR EACH ROW EXECUTE FUNCTION chatsite_file_attached();
"""
# Those that are there already, and their answers: made findable in the background, like all that is noted.
NOTE = """
INSERT INTO conversations_written (conversation_id, message_id)
SELECT conversation_id, id FROM conversations_message
 WHERE id IN (SELECT message_id FROM conversations_messagefile)
    OR parent_id IN (SELECT message_id FROM conversations_messagefile) AND status <> 'running';
"""
FORGET = """
DROP TRIGGER findable_when_attached ON conversations_messagefile;
DROP FUNCTION chatsite_file_attached;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("conversations", "0017_feedback_labels")]
    # Backwards the function stays: it finds more, and the next one replaces it.
    operations: ClassVar = [migrations.RunSQL(FIND_MESSAGE + TRIGGER + NOTE, FORGET)]
