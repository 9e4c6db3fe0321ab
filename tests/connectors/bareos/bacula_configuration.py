"""What the daemons of a Bacula on loopback are told: one client that is there and one that is not, and a job of each
kind.
"""

from pathlib import Path
from typing import NamedTuple

DIRECTOR = "cellar-dir"
_ALL_OF = "Client = here-fd; FileSet = Files; Storage = Disk; Pool = Main; Messages = Quiet"


class Ports(NamedTuple):
    """Where the daemons listen."""

    dir: int
    fd: int
    sd: int


def configuration(folder: Path, ports: Ports) -> dict[str, str]:
    """The files of the daemons and of the console, by name."""
    place = f'WorkingDirectory = "{folder}/work"; PidDirectory = "{folder}/work"'
    known = f'Name = {DIRECTOR}; Password = "p"'
    director = f"Director {{ {known} }}"
    said = f"Messages {{ Name = Quiet; director = {DIRECTOR} = all }}"
    files = {
        "dir.conf": _director(folder, ports, place, known),
        "fd.conf": f"{director}; FileDaemon {{ Name = here-fd; FDPort = {ports.fd}; FDAddress = 127.0.0.1; {place} }}; "
        + said,
        "sd.conf": f"{director}; Storage {{ Name = here-sd; SDPort = {ports.sd}; SDAddress = 127.0.0.1; {place} }}; "
        + "; ".join(
            f'Device {{ Name = {name}; Media Type = {name}; Archive Device = "{folder}/volumes"; LabelMedia = yes; '
            "Random Access = yes; AutomaticMount = yes; RemovableMedia = no; Maximum Concurrent Jobs = 5 }"
            for name in ("Disk", "Other")
        )
        + f"; {said}",
        "console.conf": f"Director {{ {known}; DirPort = {ports.dir}; Address = 127.0.0.1 }}",
    }
    return {name: _lines(text) for name, text in files.items()}


def _director(folder: Path, ports: Ports, place: str, known: str) -> str:
    return "; ".join(
        [
            f"Director {{ {known}; DirPort = {ports.dir}; DirAddress = 127.0.0.1; QueryFile = /dev/null; {place}; "
            "Messages = Quiet; Maximum Concurrent Jobs = 10; FD Connect Timeout = 1; SD Connect Timeout = 1 }",
            'Catalog { Name = Own; dbname = "bacula"; dbuser = ""; dbpassword = "" }',
            "Messages { Name = Quiet; catalog = all }",
            f'Client {{ Name = here-fd; Address = 127.0.0.1; FDPort = {ports.fd}; Catalog = Own; Password = "p"; '
            "AutoPrune = yes; Job Retention = 90 days; Maximum Concurrent Jobs = 10 }",
            'Client { Name = gone-fd; Address = 127.0.0.1; FDPort = 1; Catalog = Own; Password = "p"; AutoPrune = no }',
            *(
                f'Storage {{ Name = {name}; Address = 127.0.0.1; SDPort = {ports.sd}; Password = "p"; Device = {name}; '
                f"Media Type = {name}; Maximum Concurrent Jobs = 10 }}"
                for name in ("Disk", "Other")
            ),
            'Pool { Name = Main; Pool Type = Backup; Label Format = "main-"; Storage = Disk; Next Pool = Second }',
            'Pool { Name = Second; Pool Type = Backup; Label Format = "second-"; Storage = Other }',
            f'FileSet {{ Name = Files; Include {{ File = "{folder}/files" }} }}',
            f'FileSet {{ Name = Both; Include {{ File = "{folder}/files"; File = "{folder}/not-there" }} }}',
            f"JobDefs {{ Name = All; Type = Backup; Level = Full; {_ALL_OF} }}",
            "Job { Name = nightly; JobDefs = All }",
            "Job { Name = partly; JobDefs = All; FileSet = Both }",
            "Job { Name = unreachable; JobDefs = All; Client = gone-fd }",
            f"Job {{ Name = broken-after; JobDefs = All; {_script('After', '/bin/false')} }}",
            f"Job {{ Name = broken-before; JobDefs = All; {_script('Before', '/bin/false')} }}",
            f"Job {{ Name = waits; JobDefs = All; {_script('Before', f'/bin/cat {folder}/gate')} }}",
            f'Job {{ Name = restore; Type = Restore; {_ALL_OF}; Where = "{folder}/restored" }}',
            f"Job {{ Name = verify; Type = Verify; Level = DiskToCatalog; {_ALL_OF}; Verify Job = nightly }}",
            f"Job {{ Name = admin; Type = Admin; {_ALL_OF} }}",
            *(
                f"Job {{ Name = {kind.lower()}; Type = {kind}; JobDefs = All; Selection Type = Job; "
                "Selection Pattern = nightly }"
                for kind in ("Copy", "Migrate")
            ),
        ]
    )


def _script(when: str, command: str) -> str:
    where = "yes" if when == "After" else "no"
    return f'RunScript {{ RunsWhen = {when}; RunsOnClient = {where}; FailJobOnError = yes; Command = "{command}" }}'


def _lines(text: str) -> str:
    """Bacula reads one directive a line."""
    return text.replace("; ", "\n").replace("{ ", "{\n").replace(" }", "\n}\n") + "\n"
