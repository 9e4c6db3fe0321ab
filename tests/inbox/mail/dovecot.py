"""A real IMAP server, Dovecot, on loopback: an ordinary user's process with one mailbox, which ends with the tests."""

import imaplib
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from certificates import for_this_machine
from connecting import PATIENCE
from installed import installed
from serving import until

USER, PASSWORD = "backup@example.test", 'pass "word" ü\\'

CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
ssl = yes
ssl_cert = <{cert}
ssl_key = <{key}
disable_plaintext_auth = no
auth_username_chars =
mail_location = maildir:{folder}/mail
first_valid_uid = 1
namespace inbox {{
  inbox = yes
  separator = /
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {tls}
  }}
}}
"""


class Dovecot:
    """A running server. `plain` and `tls` are its ports, `ca` the file with its certificate."""

    def __init__(self, folder: Path, plain: int, tls: int, ca: Path) -> None:
        self.folder, self.plain, self.tls, self.ca = folder, plain, tls, ca
        self.password_file = folder / "password"

    def client(self) -> imaplib.IMAP4_SSL:
        """A client of the tests' own that has signed in."""
        context = ssl.create_default_context(cafile=str(self.ca))
        imap = imaplib.IMAP4_SSL("127.0.0.1", self.tls, ssl_context=context, timeout=PATIENCE)
        imap.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
        return imap

    def put(self, *mails: bytes, folder: str = "INBOX") -> None:
        """Lays mails into a folder, as they arrive."""
        with self.client() as imap:
            for content in mails:
                status, said = imap.append(f'"{folder}"', "", imaplib.Time2Internaldate(time.time()), content)
                assert status == "OK", said

    def subjects(self, folder: str = "INBOX") -> list[str]:
        """The subjects of the mails in a folder; without the folder, none."""
        with self.client() as imap:
            if imap.select(f'"{folder}"', readonly=True)[0] != "OK":
                return []
            _, found = imap.search(None, "ALL")
            if not found[0]:
                return []
            _, parts = imap.fetch(found[0].replace(b" ", b",").decode(), "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        return [part[1].decode().strip().removeprefix("Subject: ") for part in parts if isinstance(part, tuple)]

    def seen(self) -> int:
        """How many mails of the inbox are marked as seen."""
        with self.client() as imap:
            imap.select("INBOX", readonly=True)
            return len(imap.search(None, "SEEN")[1][0].split())

    def back(self, folder: str) -> None:
        """Moves all mails of a folder back into the inbox."""
        with self.client() as imap:
            imap.select(f'"{folder}"')
            status, said = imap.uid("MOVE", "1:*", "INBOX")
            assert status == "OK", said

    def empty(self) -> None:
        """Takes all mails away, and all folders but the inbox."""
        with self.client() as imap:
            for folder in ("Jobreport", "Jobreport refused"):
                imap.delete(f'"{folder}"')
            imap.select("INBOX")
            imap.uid("STORE", "1:*", "+FLAGS.SILENT", r"(\Deleted)")
            imap.expunge()


@contextmanager
def dovecot() -> Iterator[Dovecot]:
    """Runs the server. Where root runs the tests, it is another user's process, as it takes mails of no root."""
    program = installed("dovecot", "dovecot-imapd")
    owner = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    folder = Path(tempfile.mkdtemp(prefix="dovecot"))
    try:
        plain, tls = _free_ports()
        cert, key = for_this_machine(folder)
        (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n", encoding="utf-8")
        made = Dovecot(folder, plain, tls, cert)
        made.password_file.write_text(f"{PASSWORD}\n", encoding="utf-8")
        file = folder / "dovecot.conf"
        group = subprocess.run(["id", "-gn", owner.pw_name], capture_output=True, text=True, check=True).stdout.strip()
        said = {"folder": folder, "user": owner.pw_name, "group": group, "cert": cert, "key": key}
        file.write_text(CONFIGURATION.format(**said, uid=owner.pw_uid, gid=owner.pw_gid, plain=plain, tls=tls))
        if os.getuid() == 0:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        who = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if os.getuid() == 0 else {}
        process = subprocess.Popen([program, "-F", "-c", file], cwd=folder, stdin=subprocess.DEVNULL, **who)
        try:
            until(lambda: process.poll() is None and _answers(tls), "dovecot")
            yield made
        finally:
            process.terminate()
            process.wait(PATIENCE)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE).close()
    except OSError:
        return False
    return True
