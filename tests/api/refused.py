"""Reads the one fault that the answer to a refused request names."""

import httpx


def fault_of(answer: httpx.Response) -> dict[str, str]:
    """The field, and what was wrong with it."""
    assert answer.status_code == 400, answer.text
    (fault,) = answer.json()["errors"]
    found: dict[str, str] = fault
    return found
