"""Reads claims whose place and form differ between providers."""

from typing import Any

from jobreport.identity.oauth.jwts import Claims


def at(claims: Claims, path: str) -> Any:
    """Returns the claim with this name. If there is none, `path` is read as names with dots: `resource.roles` is the
    member `roles` of the claim `resource`.
    """
    if path in claims:
        return claims[path]
    value: Any = claims
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def texts(value: Any) -> list[str]:
    """Returns the texts in a list, or a single text as a list. Anything else is left out."""
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, str) and one]
