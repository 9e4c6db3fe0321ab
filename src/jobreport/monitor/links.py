"""Makes the addresses of pages. Their parameters are those of the API's query language."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from urllib.parse import quote, urlencode

Value = str | int | Sequence[str] | None
_SAFE = ":,/"
"""Characters that may stand in a query as they are (RFC 3986 §3.4), so that times and lists can be read."""
Go = Callable[..., str]
"""Returns the address of a page, as `link` does, for the tenant of the request."""


def link(path: str, /, **parameters: Value) -> str:
    """Returns the address of a page. A parameter that is None or an empty text is left out; one with several values is
    repeated.
    """
    pairs = [(name, value) for name, value in parameters.items() if value not in (None, "")]
    return f"{path}?{urlencode(pairs, doseq=True, safe=_SAFE)}" if pairs else path


def go_from(base: str, tenant: str | None) -> Go:
    """Returns the function that makes the addresses of a request: `base` stands before their paths, and `tenant` is
    named in each of them; None if the viewer need not name one.
    """

    def go(path: str, /, **parameters: Value) -> str:
        return partial(link, base + path, tenant=tenant)(**parameters)

    return go


def job_address(go: Go, job_id: str) -> str:
    """Returns the address of the page of a job. An ID that browsers would take for a step between folders, such as
    `..`, cannot stand in a path.
    """
    if {".", ".."} & {*job_id.replace("\\", "/").split("/")}:
        return go("/job", jobId=job_id)
    return go(f"/jobs/{quote(job_id, safe='')}")


def by_name(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Returns the values of each name, in their order, for the parameters of an address."""
    found: dict[str, list[str]] = {}
    for name, text in pairs:
        found.setdefault(name, []).append(text)
    return found
