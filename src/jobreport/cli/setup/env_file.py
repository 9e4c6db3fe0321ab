"""Reads and adds to files of settings such as /etc/jobreport/server.env: NAME=value, one a line, # for remarks."""

from collections.abc import Mapping

from jobreport.cli.setup.plan import File
from jobreport.settings import environment_file


def different(text: str, wanted: Mapping[str, str]) -> dict[str, str]:
    """Returns those of the wanted settings that the text sets to another value, with that value."""
    there = environment_file(text)
    return {name: there[name] for name, value in wanted.items() if there.get(name, value) != value}


def with_settings(file: File, wanted: Mapping[str, str]) -> File:
    """Returns the file with the wanted settings: lines that set them otherwise are replaced, missing ones added."""
    there, wrong = environment_file(file.text), different(file.text, wanted)
    lines = []
    for line in file.text.splitlines():
        name = line.partition("=")[0].strip()
        lines.append(f"{name}={wanted[name]}" if name in wrong else line)
    lines += [f"{name}={value}" for name, value in wanted.items() if name not in there]
    return File(file.path, "".join(f"{line}\n" for line in lines), file.purpose, file.mode)
