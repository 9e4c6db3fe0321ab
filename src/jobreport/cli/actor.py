"""Finds out who runs this command, and on which machine, for the audit log."""

import os
import pwd
import socket

from jobreport import settings
from jobreport.model.audit import Actor


def actor() -> Actor:
    """Returns the user as the system knows the account, whatever the environment says; in brackets, the user who called
    sudo.
    """
    number = os.geteuid()
    try:
        name = pwd.getpwuid(number).pw_name
    except KeyError:  # in a container, a user without a name
        name = str(number)
    before = settings.sudo_user() if number == 0 else None
    return Actor(f"user:{name} ({before})" if before else f"user:{name}", socket.gethostname())
