"""Conversations from elsewhere: ChatGPT's data export, and our own (docs/decisions/0069)."""
