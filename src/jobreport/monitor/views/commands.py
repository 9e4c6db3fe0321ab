"""The question of a page as a program asks it: by curl, by the Python client, by the command line."""

import shlex
from collections.abc import Iterable

from jobreport.contract.parameters import FILTERS, PAGING, SORT
from jobreport.monitor.links import by_name, link

Pairs = Iterable[tuple[str, str]]


def curl(public_url: str, path: str, pairs: Pairs) -> str:
    """Returns the command that asks the API. The token is the shell's variable TOKEN."""
    return f'curl -H "Authorization: Bearer $TOKEN" {shlex.quote(link(public_url + path, **by_name(pairs)))}'


def command_line(command: str, pairs: Pairs, *words: str) -> str:
    """Returns the command of the command line with the question as its options."""
    flags = {one.name: one.flag for one in (*FILTERS, SORT, *PAGING)}
    # With the equals sign, since a value may begin with a minus.
    options = [f"{flags.get(name, f'--{name}')}={text}" for name, text in pairs]
    # After two dashes even an ID that begins with a minus is no option.
    last = ["--", *words] if any(word.startswith("-") for word in words) else words
    return shlex.join(["jobreport", *command.split(), *options, *last])


def python(call: str) -> str:
    """Returns a call of the Python client."""
    return (
        "from jobreport.client import JobReportClient\n\n"
        f"with JobReportClient(url, client_id, client_secret) as client:\n    {call}"
    )
