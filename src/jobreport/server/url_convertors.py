"""Kinds of parameters that paths may have, beside those of Starlette."""

from starlette.convertors import Convertor, register_url_convertor


class _Any(Convertor[str]):
    """Matches any character, also line ends. Starlette's own `path` stops at a line end."""

    regex = "(?s:.+)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


def register() -> None:
    """Makes them known: `{jobId:any}`. It must be called before a route with one is made."""
    register_url_convertor("any", _Any())
