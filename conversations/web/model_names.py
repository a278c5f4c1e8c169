"""For templates (`{% load model_names %}`): a model has one name wherever people look."""

from django import template

from conversations.provider.catalogue import name_of

register = template.Library()


@register.filter
def model_name(id: str | None) -> str:
    """Of an answer that nobody has begun yet there is none."""
    return name_of(id) if id else ""
