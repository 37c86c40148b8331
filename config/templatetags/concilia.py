"""Template tags of the design; loaded into every template as builtins."""

from django import template

register = template.Library()
