"""The door for programs: `/api/v1/`."""

from conversations.api.site import v1

__all__ = ["v1"]
