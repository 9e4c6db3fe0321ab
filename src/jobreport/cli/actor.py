"""Finds out who runs this command, and on which machine, for the audit log."""

import os
import socket
import sys

from jobreport import settings
from jobreport.model.audit import Actor


def actor() -> Actor:
    """Returns the user as the system knows the account, whatever the environment says; in brackets, the user who called
    sudo.
    """
    name, is_root = _user()
    before = settings.sudo_user() if is_root else None
    return Actor(f"user:{name} ({before})" if before else f"user:{name}", socket.gethostname())


def _user() -> tuple[str, bool]:
    """Returns the name of the account, and whether it is root."""
    if sys.platform == "win32":
        return os.getlogin(), False
    import pwd

    number = os.geteuid()
    try:
        return pwd.getpwuid(number).pw_name, number == 0
    except KeyError:  # in a container, a user without a name
        return str(number), number == 0
