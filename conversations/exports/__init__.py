"""What the desk takes along: the ledger, the audit, conversations; made while it is sent, and on record.

What somebody takes along of their own is in `chat/export/`.
"""
