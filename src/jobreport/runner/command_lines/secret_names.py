"""Knows the names, and the short options of each program, with which secrets are given on command lines."""

import re
from typing import Final, NamedTuple


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_STRONG: Final = re.compile(
    r"passw|passphrase|passcode|passcommand|kennwort|motdepasse|contrase|secret|token|credential|apikey|accesskey|accountkey"
    r"|sharedaccess|privatekey|encryptionkey|ssec?key|sourcekey|cpkbyvalue|signature|userpwd|bearer|connectionstring"
    r"|webhook"
)
_PARTS: Final = _words(
    "pass pw pwd key auth authorization authentication creds cred sas sig cookie pin otp psk jwt passin passout"
)
# Only as a whole name: what is put into a store of secrets, and options whose names do not tell.
_WHOLE: Final = _words("value from-literal external-id enc-c encrypt-key pa hmac macopt")
_ENDINGS: Final = ("pass", "pwd", "passwd")
_NOT_SO: Final = frozenset({"bypass", "compass", "trespass"})
# What such a name may end with that makes the value a place, not the secret itself.
_PLACES: Final = frozenset({"file", "path", "dir", "folder", "fd", "hint"})
_PLACE: Final = re.compile(r"-|\d|.*[/\\.~].*", re.DOTALL)


def is_secret(name: str) -> bool:
    """Returns whether an option, a variable or a field of this name contains a secret, or most likely does."""
    parts = [part.lower() for part in re.split(r"[-_.\s/]+|(?<=[a-z])(?=[A-Z])", name) if part]
    if not parts or parts[0] in {"no", "without"}:
        return False
    return (
        name.lstrip("-/").lower() in _WHOLE
        or any(part in _PARTS or (part.endswith(_ENDINGS) and part not in _NOT_SO) for part in parts)
        or _STRONG.search("".join(parts)) is not None
    )


def tells_a_place(name: str, value: str) -> bool:
    """Returns whether `value` is only the place of the secret: the name says so (`--password-file`), and the value
    looks so.
    """
    parts = re.split(r"[-_.\s]+|(?<=[a-z])(?=[A-Z])", name)
    return (parts[-1].lower() in _PLACES or name.lower().endswith("file")) and _PLACE.fullmatch(value) is not None


class ShortOptions(NamedTuple):
    """The short options of a program whose value is a secret, and those whose value is a user,
    perhaps with a secret.
    """

    secret: frozenset[str] = frozenset()
    user: frozenset[str] = frozenset()


NONE: Final = ShortOptions()
GUESSES: Final = re.compile(r"-[pPkKu](?!ath|rint|eep|erm|rune|rogress)(?P<value>.*)", re.DOTALL)
"""What may be a password of a program that nobody knows: a port or a path that looks the same is masked with it."""


def _options(secret: str, user: str = "") -> ShortOptions:
    return ShortOptions(frozenset(secret.split()), frozenset(user.split()))


_BY_PATTERN: Final[tuple[tuple[re.Pattern[str], ShortOptions], ...]] = tuple(
    (re.compile(pattern), options)
    for pattern, options in (
        (r"(mysql|maria|innobackup|xtrabackup|mydumper|myloader|mytop).*", _options("-p")),
        (r"(7z[arz]?|rar|unrar|arj)", _options("-p -hp")),
        (r"(zip|unzip|zipcloak)", _options("-P")),
        (r"openssl", _options("-k -K -iv -pass -passin -passout")),
        (r"(sshpass|kopia|psexec|esxcli|hdbsql|cqlsh|rabbitmqadmin|duplicacy|cb.*|mongo.*)", _options("-p", "-u")),
        (r"(plink|pscp|psftp|xe|nodetool)", _options("-pw")),
        (r"(redis|valkey|keydb)-cli", _options("-a")),
        (r"curl", _options("-b", "-u -U -E")),
        (r"(wget2?|aria2c)", _options("", "-u -U -E")),
        (r"sqlpackage", _options("/sp /tp")),
        (r"(sqlcmd|bcp|isql|osql|tsql|ipmitool|mosquitto_.*)", _options("-P")),
        (r"ldap.*", _options("-w")),
        (r"smbget", _options("-p", "-u -U")),
        (r"(smb.*|rpcclient|winexe|wmic)", _options("", "-U")),
        (r"(lftp|ncftp.*|wput|ftp)", _options("-p", "-u")),
        (r"snmp.*", _options("-c -A -X")),
        (r"influxd?", _options("-t -p -password")),
        (r"(gbak|nbackup|isql-fb|gfix)", _options("-pas -password -P")),
        (r"(https?|xh|xhs)", _options("", "-a")),
        (r"ccrypt|ccencrypt", _options("-K")),
        (r"swaks", _options("-ap")),
        (r"sendemail", _options("-xp")),
        (r"doctl", _options("-t")),
        (r"dar", _options("-K -J -# -$")),
        (r"fsarchiver", _options("-c")),
        (r"schtasks", _options("/rp /p")),
        (r"(powershell|pwsh)", _options("-enc -encodedcommand -ec -e")),
        (r"(sqlplus|sqlldr|expdp?|impdp?|rman|adrci|dgmgrl)", _options("")),
        (r"(mc|mcli|b2|vault|htpasswd|net|db2|bw|mega-login)", _options("")),
    )
)
_TOOLS: Final = _words(
    "restic borg borg2 rclone rsync azcopy aws git pg_dump pg_dumpall pg_basebackup pg_restore pg_verifybackup psql "
    "tar gtar bsdtar"
)
# The short options of these, too, are no passwords, so that a job stays readable.
_PLAIN: Final = _words(
    "cpio pax cp mv ln rm mkdir cat ls find dd stat chmod chown touch tee gzip pigz bzip2 xz zstd lz4 zfs zpool btrfs "
    "dump xfsdump mount umount systemctl logger date sleep true false test echo printf cd export set "
    "sh bash dash zsh ksh ash fish busybox python python3 perl"
)
_LONGEST: Final = 24  # characters of a program's name that is known
SHELLS: Final = frozenset(
    {"sh", "bash", "dash", "zsh", "ksh", "ash", "fish", "busybox", "su", "cmd", "powershell", "pwsh"}
)
ORACLE: Final = re.compile(r"(sqlplus|sqlldr|expdp?|impdp?|rman|adrci|dgmgrl)")
SNAPSHOTS: Final = frozenset({"zfs", "zpool", "btrfs", "rbd", "syncoid", "sanoid", "zrepl", "docker", "podman"})
"""Programs that write `pool/name@snapshot`, which is no user, password and database."""
STARTERS: Final = _words(
    "sudo doas env nice ionice timeout flock chrt taskset nohup setsid time stdbuf systemd-inhibit systemd-run runuser "
    "caffeinate chronic exec command builtin if then else do while until ! { ( eval"
)
"""Words behind which the program itself follows."""
# Programs that take secrets by their place: these words, so many words behind them that may be seen, then secrets.
BY_PLACE: Final[tuple[tuple[re.Pattern[str], tuple[str, ...], int], ...]] = tuple(
    (re.compile(program), tuple(words.split()), kept)
    for program, words, kept in (
        (r"mc|mcli", "alias set", 2),
        (r"mc|mcli", "config host add", 2),
        (r"mc|mcli", "admin user add", 1),
        (r"b2", "authorize-account", 0),
        (r"b2", "account authorize", 0),
        (r"rclone", "obscure", 0),
        (r"rclone", "reveal", 0),
        (r"rclone", "config create", 2),
        (r"rclone", "config update", 1),
        (r"rclone", "config password", 1),
        (r"vault", "login", 0),
        (r"htpasswd", "", 2),
        (r"net", "use", 1),
        (r"(redis|valkey|keydb)-cli", "auth", 0),
        (r"(redis|valkey|keydb)-cli", "config set requirepass", 0),
        (r"(redis|valkey|keydb)-cli", "config set masterauth", 0),
        (r"(redis|valkey|keydb)-cli", "acl setuser", 1),
        (r"openssl", "passwd", 0),
        (r"ecryptfs-.*", "", 0),
        # of lftp, ftp and db2, in a script of theirs
        (r"user|login", "", 1),
        (r"connect", "using", 0),
        (r"db2", "using", 0),
        (r"bw", "login", 1),
        (r"bw", "unlock", 0),
        (r"mega-login", "", 1),
        (r"smbclient", "", 1),
        (r"virsh", "secret-set-value", 1),
        (r"send", "", 0),
        (r"convertto-securestring", "", 0),
    )
)
WORDS: Final = _words(
    "password passwd pass passphrase secret token aws_secret_access_key secret_access_key client_secret "
    "convertto-securestring"
)
"""Bare words behind which a secret follows."""


def short_options(program: str) -> ShortOptions | None:
    """Returns the short options of `program` that take secrets; None if the program is unknown."""
    if program in _TOOLS or program in _PLAIN:
        return NONE
    if len(program) > _LONGEST or "/" in program:
        return None
    return next((options for pattern, options in _BY_PATTERN if pattern.fullmatch(program)), None)


def is_tool(word: str) -> bool:
    """Returns whether a word, wherever it stands, is most likely a program whose short options are not secrets."""
    return word in _TOOLS
