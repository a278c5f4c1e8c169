"""Who places a legal hold waits for what is just being destroyed, and what is destroyed later finds the hold."""

from django.db import migrations

# As in conversations/holds.py.
LOCK = 0x63686174_686F6C64  # "chathold"
LOOK = """
CREATE OR REPLACE FUNCTION chatsite_held_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    mine conversations_conversation;
    is_held boolean;
BEGIN
    {first}IF NOT EXISTS (SELECT FROM conversations_hold WHERE ended_at IS NULL) THEN
        RETURN OLD;
    END IF;
    CASE TG_TABLE_NAME
    WHEN 'conversations_user' THEN is_held := chatsite_is_held(OLD.id, NULL);
    WHEN 'auth_group' THEN is_held := EXISTS (
        SELECT FROM conversations_hold WHERE ended_at IS NULL AND group_id = OLD.id);
    WHEN 'conversations_conversation' THEN is_held := chatsite_is_held(OLD.owner_id, OLD.id);
    WHEN 'conversations_message' THEN
        SELECT * INTO mine FROM conversations_conversation WHERE id = OLD.conversation_id;
        is_held := chatsite_is_held(mine.owner_id, mine.id);
    ELSE is_held := chatsite_is_held(OLD.owner_id, NULL);
    END CASE;
    IF is_held THEN
        RAISE EXCEPTION 'a legal hold keeps this' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;
"""
# Each statement of the function sees what was committed when it begins: after the lock, the hold.
WAITING = f"""
{LOOK.replace("{first}", f"PERFORM pg_advisory_xact_lock_shared({LOCK});" + chr(10) + "    ")}
CREATE FUNCTION chatsite_hold_waits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock({LOCK});
    RETURN NULL;
END $$;
CREATE TRIGGER waits_for_deletions BEFORE INSERT ON conversations_hold
    FOR EACH STATEMENT EXECUTE FUNCTION chatsite_hold_waits();
"""
NOT_WAITING = f"""
DROP TRIGGER waits_for_deletions ON conversations_hold;
DROP FUNCTION chatsite_hold_waits();
{LOOK.replace("{first}", "")}
"""


class Migration(migrations.Migration):
    dependencies = [("conversations", "0050_request_found")]

    operations = [migrations.RunSQL(WAITING, NOT_WAITING)]
