"""Which commands write data to their standard output, by their command lines."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobreport.runner.tools.base import StdoutUse
from jobreport.runner.tools.known import TOOLS, recognise
from jobreport.runner.tools.stdout import stdout_use

DATA = [
    "restic dump latest /x",
    "restic -r /r --json ls latest",
    "restic cat snapshot abc",
    "sudo -u b nice restic -r /r dump --archive zip latest /",
    "borg extract --stdout /r::a x",
    "borg export-tar /r::a -",
    "borg list --json /r",
    "borg serve --append-only",
    "rclone cat remote:x",
    "rclone --config /c lsjson remote:",
    "rclone serve restic --stdio remote:",
    "rsync --server --sender -logDtpr . /srv",
    "rsync --list-only host::m",
    "rsync host::m",
    "azcopy copy https://a.blob.core.windows.net/c/x --from-to BlobPipe",
    "aws s3 cp s3://b/x -",
    "aws s3 presign s3://b/x",
    "pg_dump shop",
    "pg_dump -Fc -f /b/x shop",
    "pg_dumpall",
    "pg_basebackup -D - -Ft",
    "pg_restore -f - x.dump",
    "timeout 1h pg_dump-15 shop",
    "git archive HEAD",
    "git bundle create - --all",
    "git -C /r log",
    "mysqldump --single-transaction shop",
    "mariadb-dump shop",
    "tar -cf - /srv",
    "tar cf - /srv",
    "tar -czf- /srv",
    "tar --create --file=- /srv",
    "tar -cz /srv",
    "tar -xOf x.tar a",
    "cat x",
    "dd if=/dev/sda bs=1M",
    "gzip -c x",
    "zfs send tank/a@b",
    "docker save image",
    "mongodump --archive",
    "xtrabackup --backup --stream=xbstream",
    "vzdump 100 --stdout",
    "curl -s https://h/x",
    "gpg -c x",
    "borgmatic list",
    "borgmatic export-tar --archive latest --destination -",
    "sh -c 'pg_dump shop | gzip'",
    "kopia snapshot list",
    "kopia show k1",
    "vzdump 101 --stdout",
    "vzdump 101 -stdout",
    "proxmox-backup-client restore host/a/b root.pxar -",
    "proxmox-backup-client snapshot list",
    "duplicati-cli find file:///b x",
    "resticprofile home.ls latest",
    "resticprofile show",
    "mariadb-dump -v shop",
    "sh -c 'mysqldump shop | gzip > x'",
    "pgbackrest --stanza=demo info",
    "barman -f json check main",
    "barman list-backups main",
    "ssh host pg_dump shop",
    "docker exec db pg_dump shop",
]
MESSAGES = [
    "restic backup /home",
    "restic dump latest /x --target /b/x",
    "restic -r /r check",
    "restic forget --prune",
    "borg create --json /r::a /home",
    "borg extract /r::a",
    "borg export-tar /r::a x.tar",
    "rclone sync a b: -P",
    "rclone rcat b:x",
    "rsync -a --stats a b",
    "azcopy copy a https://a.blob.core.windows.net/c",
    "azcopy copy --from-to PipeBlob https://a.blob.core.windows.net/c/x",
    "aws s3 sync a s3://b",
    "aws s3 cp - s3://b/x",
    "pg_verifybackup /b",
    "tar -cf /b/x.tar /srv",
    "tar czf x.tgz /srv",
    "tar -xvf x.tar",
    "borgmatic create --stats",
    "duplicity /home file:///b",
    "robocopy a b /e",
    "kopia snapshot create /home",
    "kopia restore k1 /out",
    "vzdump 101 --storage nas",
    "proxmox-backup-client backup root.pxar:/",
    "proxmox-backup-client restore host/a/b root.pxar /out",
    "duplicati-cli backup file:///b /home",
    "resticprofile -n home backup",
    "mysqldump -r x.sql shop",
    "mariadb-dump --result-file=x shop",
    "mysqldump --tab=/b shop",
    "pgbackrest --stanza=demo backup",
    "pgbackrest archive-get 00 /x",
    "barman backup main",
    "barman check main",
    "docker run restic/restic backup /data",
    "git fetch --all",
    "git clone --mirror u",
    "git bundle create x --all",
]
UNKNOWN = [
    "/opt/backup.sh",
    "dd if=a of=b",
    "gzip x",
    "zfs list",
    "docker run x",
    "docker save -o x image",
    "mongodump --archive=x",
    "curl -o x https://h/x",
    "sh -c 'pg_dump shop > a; pg_dump crm > b'",
    "",
]


@pytest.mark.parametrize(
    ("line", "use"),
    [
        *((line, StdoutUse.DATA) for line in DATA),
        *((line, StdoutUse.MESSAGES) for line in MESSAGES),
        *((line, StdoutUse.UNKNOWN) for line in UNKNOWN),
    ],
)
def test_what_a_command_writes(line: str, use: StdoutUse) -> None:
    argv = shlex.split(line)
    assert stdout_use(recognise(argv), argv) is use


@pytest.mark.parametrize(
    ("tool", "line", "use"),
    [
        ("restic", "/opt/backup.sh", StdoutUse.MESSAGES),
        ("restic", "bash -c 'restic backup /home | tee log'", StdoutUse.MESSAGES),
        ("restic", "bash -c 'restic dump latest /x | gzip'", StdoutUse.DATA),
        ("restic", "bash -c 'cd /x && restic dump latest /x'", StdoutUse.DATA),
        ("borg", "sh -c 'borg create a::b /x; echo done'", StdoutUse.MESSAGES),
        ("postgres", "/opt/dump.sh", StdoutUse.UNKNOWN),
        ("postgres", "sh -c 'pg_dump shop | gzip'", StdoutUse.DATA),
        ("postgres", "sh -c 'pg_dump a > a; pg_dump b'", StdoutUse.DATA),
        ("generic", "restic backup /home", StdoutUse.MESSAGES),
        ("generic", "pg_dump shop", StdoutUse.DATA),
        ("restic", "bash -c 'an open \"quote'", StdoutUse.MESSAGES),
    ],
)
def test_what_a_script_writes_that_is_read_as_a_tool(tool: str, line: str, use: StdoutUse) -> None:
    assert stdout_use(TOOLS[tool], shlex.split(line)) is use


PROGRAMS = (
    "restic",
    "borg",
    "rclone",
    "rsync",
    "azcopy",
    "aws",
    "git",
    "pg_dump",
    "tar",
    "dd",
    "mongodump",
    "zfs",
    "sh",
)
WORDS = st.text() | st.sampled_from([*PROGRAMS, "s3", "-f", "-", "-c", "a|b;'c", "--archive"])


@given(st.sampled_from(sorted(TOOLS)), st.lists(WORDS))
def test_whatever_a_command_line_is_it_can_be_told(name: str, argv: list[str]) -> None:
    assert stdout_use(TOOLS[name], argv) in StdoutUse
