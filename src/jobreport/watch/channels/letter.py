"""A message as a letter for people: as plain text, and as HTML that loads nothing from anywhere."""

from html import escape
from typing import Final

from jobreport.model import ticks
from jobreport.model.message import Message, Severity

_COLOURS: Final = {
    Severity.CRITICAL: "#b42318",
    Severity.ERROR: "#b42318",
    Severity.WARNING: "#8a5a00",
    Severity.INFO: "#1f6f43",
}


def text(message: Message) -> str:
    """Returns the letter as plain text."""
    lines = [f"- {one_line(line)}" for line in message.lines]
    parts = [one_line(message.subject), "\n".join([*lines, *_more(message)]), _ticket(message), message.link]
    return "\n\n".join([*filter(None, parts), f"-- \n{_foot(message)}"]) + "\n"


def html(message: Message) -> str:
    """Returns the letter as HTML."""
    items = "".join(f"<li>{escape(one_line(line))}</li>" for line in [*message.lines, *_more(message)])
    link = escape(message.link, quote=True)
    parts = [
        f'<p style="font-size:1.15em;font-weight:600;border-left:4px solid {_COLOURS[message.severity]};'
        f'padding-left:.6em">{escape(one_line(message.subject))}</p>',
        f"<ul>{items}</ul>" if items else "",
        f"<p>{escape(_ticket(message))}</p>" if message.ticket else "",
        f'<p><a href="{link}">{link}</a></p>' if link else "",
        f'<p style="color:#667085;font-size:.85em">{escape(_foot(message))}</p>',
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"></head>'
        f'<body style="font-family:sans-serif">{"".join(parts)}</body></html>\n'
    )


def headline(message: Message) -> str:
    """Returns the sentence, with whose it is before it."""
    return one_line(f"[{message.tenant_name}] {message.subject}")


def one_line(text: str) -> str:
    """Returns the text without line ends and what else shows nothing: texts of jobs may contain anything."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def _more(message: Message) -> list[str]:
    return [f"and {message.more:,} more"] if message.more else []


def _ticket(message: Message) -> str:
    return f"Ticket: {one_line(message.ticket)}" if message.ticket else ""


def _foot(message: Message) -> str:
    return f"Jobreport, {one_line(message.tenant_name)}, {ticks.to_iso(message.at, digits=0)}"
