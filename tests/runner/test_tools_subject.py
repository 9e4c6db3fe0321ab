"""Which tool a command line runs, and what its job is about: service, type and a description without secrets."""

import pytest

from jobreport.model.catalog import JobType, ServiceType
from jobreport.model.job import TEXT_LIMITS
from jobreport.runner.redact import redact
from jobreport.runner.tools.known import TOOLS, recognise, tool_named

RECOGNISED = [
    ("restic backup /home", "restic"),
    ("/usr/local/bin/restic backup /home", "restic"),
    ("./restic_0.18.1_linux_amd64 backup /home", "restic"),
    ("C:\\tools\\RESTIC.exe backup C:\\Users", "restic"),
    ("borg-linux64 create r::a /home", "borg"),
    ("python3 -m borg create r::a /home", "borg"),
    ("/usr/bin/python3.11 -I -m borg create r::a /home", "borg"),
    ("sudo -u backup -E restic backup /home", "restic"),
    ("sudo RESTIC_PASSWORD_FILE=/k restic backup /home", "restic"),
    ("env -i PATH=/bin A=b rclone copy a b:", "rclone"),
    ("nice -n 5 ionice -c2 -n7 rsync -a a b", "rsync"),
    ("nice -19 rsync -a a b", "rsync"),
    ("timeout -k 5 1h pg_dump db", "postgres"),
    ("flock -n /run/lock restic backup /home", "restic"),
    ("pg_dump-15 db", "postgres"),
    ("pg_basebackup -D /b", "postgres"),
    ("azcopy_linux_amd64_10.32.2 copy a b", "azcopy"),
    ("aws --profile p s3 sync a s3://b", "aws s3"),
    ("aws ec2 create-snapshot", "generic"),
    ("git clone --mirror u", "git"),
    ("git-lfs fetch", "generic"),
    ("rsync-time-backup.sh a b", "generic"),
    ("borgmatic create", "borgmatic"),
    ("python3 -m borgmatic create", "borgmatic"),
    ("duplicity /home file:///b", "duplicity"),
    ("tar czf /b/x.tgz /home", "tar"),
    ("gtar -cf /b/x.tar /home", "tar"),
    ("robocopy.exe C:\\a D:\\b /MIR", "robocopy"),
    ("cmd /c robocopy a b /MIR", "robocopy"),
    ("zip -r x.zip /home", "generic"),
    ("python3 backup.py -m borg", "generic"),
    ("sudo", "generic"),
    ("", "generic"),
]


@pytest.mark.parametrize(("command", "name"), RECOGNISED)
def test_the_tool_is_recognised_behind_its_wrappers(command: str, name: str) -> None:
    assert recognise(command.split()).name == name


def test_a_tool_is_found_by_its_name() -> None:
    for name, tool in TOOLS.items():
        assert tool_named(name) is tool
    assert tool_named("AWS-S3") is TOOLS["aws s3"]
    with pytest.raises(ValueError, match=r"no tool is named 'zip'; there are restic, borg"):
        tool_named("zip")


F, C = ServiceType.FileShare, ServiceType.Common
SUBJECTS = [
    (
        "restic -r /srv/repo backup --json --tag x /home /etc",
        F,
        JobType.Backup,
        "restic backup of /home, /etc to /srv/repo",
    ),
    ("restic -r /r backup -n /a", F, JobType.Backup, "restic backup of /a to /r"),
    ("restic --repo=/r restore latest --target /t", F, JobType.Restore, "restic restore of latest from /r to /t"),
    ("restic -r /r forget --keep-daily 7 --prune", F, JobType.Retention, "restic forget of /r"),
    ("restic -r /r check", F, JobType.Report, "restic check of /r"),
    ("restic -r /r init", F, JobType.Initialize, "restic init of /r"),
    ("borg create --stats -C zstd /r::a /home", F, JobType.Backup, "borg backup of /home to /r::a"),
    ("borg extract /r::a home", F, JobType.Restore, "borg restore of home from /r::a"),
    ("borg prune --keep-daily 7 /r", F, JobType.Retention, "borg prune /r"),
    ("borg check /r", F, JobType.Report, "borg check /r"),
    ("rclone sync /data remote:data --transfers 4 -v", F, JobType.Backup, "rclone sync of /data to remote:data"),
    ("rclone copy --dry-run a b", F, JobType.Backup, "rclone copy of a to b (dry run)"),
    ("rclone check a b", F, JobType.Report, "rclone check a, b"),
    ("rsync -avz --delete -e ssh /home/ host:/b/", F, JobType.Backup, "rsync of /home/ to host:/b/"),
    (
        "azcopy sync /d https://a.blob.core.windows.net/c?sv=2&sig=s3cr3t",
        ServiceType.BlobStorage,
        JobType.FileBackup,
        "azcopy sync of /d to https://a.blob.core.windows.net/c?***",
    ),
    (
        "azcopy copy https://a.blob.core.windows.net/c?sig=s3cr3t /d",
        ServiceType.BlobStorage,
        JobType.FileRestore,
        "azcopy copy of https://a.blob.core.windows.net/c?*** to /d",
    ),
    ("aws s3 sync /d s3://b/x", ServiceType.AmazonS3, JobType.AmazonS3Backup, "aws s3 sync of /d to s3://b/x"),
    ("aws s3 cp s3://b/x /d", ServiceType.AmazonS3, JobType.AmazonS3Restore, "aws s3 cp of s3://b/x to /d"),
    ("aws s3 cp s3://b/x s3://c/x", ServiceType.AmazonS3, JobType.AmazonS3Backup, "aws s3 cp of s3://b/x to s3://c/x"),
    ("pg_dump -h db1 -Fc -f /b/x.dump sales", C, JobType.Backup, "pg_dump of database sales to /b/x.dump on db1"),
    ("pg_restore -d sales /b/x.dump", C, JobType.Restore, "pg_restore of /b/x.dump to database sales"),
    ("pg_verifybackup /b", C, JobType.Report, "pg_verifybackup of /b"),
    ("git -C /m remote update", C, JobType.Backup, "git remote update in /m"),
    ("git clone --mirror https://x.example/r.git", C, JobType.Backup, "git mirror of https://x.example/r.git"),
    (
        "git clone https://u:s3cr3t@dev.azure.com/o/p/_git/r",
        ServiceType.AzureDevOps,
        JobType.DevOpsBackup,
        "git clone of https://u:***@dev.azure.com/o/p/_git/r",
    ),
    (
        "git clone https://o.visualstudio.com/p/_git/r",
        ServiceType.AzureDevOps,
        JobType.DevOpsBackup,
        "git clone of https://o.visualstudio.com/p/_git/r",
    ),
    ("borgmatic -c /etc/b.yaml create --stats", F, JobType.Backup, "borgmatic create by /etc/b.yaml"),
    ("borgmatic", F, JobType.Backup, "borgmatic"),
    ("borgmatic check", F, JobType.Report, "borgmatic check"),
    ("duplicity full --name x /home file:///b", F, JobType.Backup, "duplicity backup of /home to file:///b"),
    ("duplicity file:///b /out", F, JobType.Restore, "duplicity restore of file:///b to /out"),
    ("duplicity remove-older-than 6M file:///b", F, JobType.Retention, "duplicity remove-older-than 6M file:///b"),
    ("tar czfC /b/x.tgz /srv a b", F, JobType.Backup, "tar backup of a, b to /b/x.tgz"),
    ("tar -c -f - /srv", F, JobType.Backup, "tar backup of /srv to -"),
    ("tar xf /b/x.tgz -C /out", F, JobType.Restore, "tar restore of /b/x.tgz to /out"),
    ("tar -tf /b/x.tgz", F, JobType.Report, "tar list /b/x.tgz"),
    ("robocopy C:\\a D:\\b *.doc /MIR /R:1", F, JobType.Backup, "robocopy of C:\\a to D:\\b"),
    ("pgbackrest --stanza=demo --type=incr backup", C, JobType.Backup, "pgBackRest incr backup of demo"),
    ("pgbackrest --stanza=demo backup --dry-run", C, JobType.Backup, "pgBackRest backup of demo (dry run)"),
    ("pgbackrest --stanza demo expire", C, JobType.Retention, "pgBackRest expire of demo"),
    ("barman -c /etc/b.conf backup main", C, JobType.Backup, "barman backup of main"),
    ("barman recover main latest /out", C, JobType.Restore, "barman recover of main"),
    ("mysqldump -h db1 -r /b/x.sql shop", C, JobType.Backup, "dump of database shop to /b/x.sql on db1"),
    ("mariadb-dump -u root shop a b", C, JobType.Backup, "dump of database shop, tables a, b"),
    ("mariadb-dump --all-databases", C, JobType.Backup, "dump of all databases"),
    ("kopia snapshot create /home --tags a:b", F, JobType.Backup, "kopia snapshot of /home"),
    ("kopia snap create --all", F, JobType.Backup, "kopia snapshot of"),
    ("kopia snapshot restore k1 /out", F, JobType.Restore, "kopia restore k1, /out"),
    ("kopia maintenance run", F, JobType.Retention, "kopia maintenance run"),
    ("vzdump 101 102 --storage nas", ServiceType.VM, JobType.Backup, "vzdump of 101, 102 to nas"),
    ("vzdump -all 1 -mode snapshot -storage nas", ServiceType.VM, JobType.Backup, "vzdump of all guests to nas"),
    (
        "proxmox-backup-client backup root.pxar:/ etc.pxar:/etc --repository backup@pbs@b1:store",
        F,
        JobType.FileBackup,
        "proxmox-backup-client backup of /, /etc to backup@pbs@b1:store",
    ),
    ("proxmox-backup-client prune host/web", F, JobType.Retention, "proxmox-backup-client prune of host/web"),
    ("duplicati-cli backup file:///b /home /etc", F, JobType.Backup, "duplicati backup of /home, /etc to file:///b"),
    ("Duplicati.CommandLine.exe restore file:///b x", F, JobType.Restore, "duplicati restore of x from file:///b"),
    ("resticprofile -n home backup", F, JobType.Backup, "resticprofile backup of profile home"),
    ("resticprofile home.forget", F, JobType.Retention, "resticprofile forget of profile home"),
    ("/opt/backup.sh /data --fast", C, JobType.Backup, "backup.sh /data --fast"),
]


@pytest.mark.parametrize(("command", "service", "kind", "description"), SUBJECTS)
def test_what_a_command_is_about(command: str, service: ServiceType, kind: JobType, description: str) -> None:
    argv = command.split()
    tool = recognise(argv)
    subject = tool.subject(argv)
    assert (subject.service, subject.type, subject.description) == (service, kind, description)
    assert kind in tool.brings[service]


def test_texts_fit_what_the_server_keeps() -> None:
    argv = ["restic", "-r", "/r", "backup", *("/" + "x" * 99 + "\0\n\udc80" for _ in range(99))]
    for tool in TOOLS.values():
        subject = tool.subject(argv)
        assert len(subject.description) <= TEXT_LIMITS["description"]
        assert len(subject.resource) <= TEXT_LIMITS["resource"]
        assert "\0" not in subject.description + subject.resource
        (subject.description + subject.resource).encode()


SECRETS = [
    "restic -r rest:https://user:s3cr3t@host:8000/ backup /home",
    "restic -r rest:https://user:s3cr3t@with@and/slash@host/ backup /home",
    "restic backup /home --password-command s3cr3t",
    "rclone copy /a :s3,access_key_id=s3cr3t,secret_access_key=s3cr3t:bucket",
    "rclone copy /a b: --rc-pass s3cr3t",
    "rclone copy /a b: --some-new-password s3cr3t",
    "rclone copy /a b: --sftp-pass=s3cr3t",
    "azcopy copy /d https://a.blob.core.windows.net/c?sv=1&se=2&sig=s3cr3t",
    "azcopy copy /d https://s3cr3t@host/c",
    "aws s3 sync /d s3://b --sse-c AES256 --sse-c-key s3cr3t",
    "pg_dump postgresql://u:s3cr3t@h/db",
    "pg_dump -d host=h\u00a0password=s3cr3t",
    "git clone https://s3cr3t@github.com/o/r",
    "mysqldump -u root -ps3cr3t db",
    "mysqldump --password=s3cr3t db",
    "mysqldump -p s3cr3t db",
    "curl -u me:s3cr3t ftp://h/",
    "backup.sh --api-key s3cr3t",
    "backup.sh AccountKey=s3cr3t;EndpointSuffix=x",
    "backup.sh --header Authorization:Bearer\u00a0s3cr3ts3cr3t",
    "env PGPASSWORD=s3cr3t pg_dump db",
    "unknown PGPASSWORD=s3cr3t",
]


@pytest.mark.parametrize("command", SECRETS)
def test_no_secret_of_a_command_is_repeated(command: str) -> None:
    argv = [word.replace("\u00a0", " ") for word in command.split(" ")]
    for tool in {recognise(argv), TOOLS["generic"]}:
        subject = tool.subject(argv)
        assert "s3cr3t" not in subject.description + subject.resource


@pytest.mark.parametrize("command", SECRETS[:1] + SECRETS[4:13])
def test_no_secret_is_repeated_by_the_comments(command: str) -> None:
    for tool in TOOLS.values():
        reader = tool.reader(["x"])
        reader.line("stderr", f"fatal: could not run {command}".replace("\u00a0", " "))
        assert "s3cr3t" not in reader.outcome(1).comments


@pytest.mark.parametrize(
    "text",
    [
        "Fatal: wrong password or no key found",
        'rsync: [sender] change_dir "/srv/nope" failed: No such file or directory (2)',
        "ssh://backup@host/./repo",
        "sftp:user@host:/srv",
        "open /srv/src/sub/denied.txt: permission denied",
    ],
)
def test_what_holds_no_secret_is_left_alone(text: str) -> None:
    assert redact(text) == text
