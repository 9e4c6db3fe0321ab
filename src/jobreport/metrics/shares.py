"""Divides the limit on the number of series among tenants, so that a large tenant does not crowd out the others."""

from collections.abc import Mapping


def shares(sizes: Mapping[int, int], limit: int) -> dict[int, int]:
    """Returns how many of the `limit` each of these may have, at most its own size.

    Who needs less than an equal share leaves the rest to the others.
    """
    found = {}
    for position, (key, size) in enumerate(sorted(sizes.items(), key=lambda item: (item[1], item[0]))):
        found[key] = min(size, limit // (len(sizes) - position))
        limit -= found[key]
    return found
