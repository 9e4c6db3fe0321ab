"""Command lines as people write them, each with secrets planted in it, which must appear nowhere in the job."""

import re
from pathlib import Path

import pytest
from command_lines import typed

from jobreport.runner.command_lines.redact_words import hide, redact_command, secrets_in, secrets_of
from jobreport.runner.process import NotStartedError, Output, Process
from jobreport.runner.tools.known import TOOLS, recognise
from jobreport.runner.tracker import JobTracker

# Each secret has this in it, and a second word of its own where it has several.
S = "s3cr3tX"
WORDS = f"{S} horsE batterY"
PLANTED = re.compile(r"s3cr3tX|horsE|batterY", re.IGNORECASE)

COMMANDS: list[list[str]] = [
    # assignments, whatever the value holds
    ["env", f"RESTIC_PASSWORD={WORDS}", "restic", "-r", "/r", "backup", "/home"],
    ["env", f"RESTIC_PASSWORD=a,{S};horsE&batterY", "restic", "backup", "/home"],
    ["sudo", f"PGPASSWORD={WORDS}", "pg_dump", "-Fc", "shop"],
    ["env", f"B2_ACCOUNT_KEY={S}", f"AWS_SECRET_ACCESS_KEY={S}/+=", "rclone", "sync", "/a", "b2:c"],
    ["env", f"MYSQL_PWD=x'{S}\"", "mysqldump", "shop"],
    ["env", f"BORG_PASSPHRASE={WORDS}", "nice", "borg", "create", "/b::a", "/home"],
    ["env", f"DB_PASS={S}", f"db_pw={S}", f"MyPassword={S}", f"clientSecret={S}", "/opt/backup.sh"],
    [f"RESTIC_PASSWORD={WORDS}", "restic", "backup"],
    [f"mysqldump -p{S} shop"],
    # containers
    ["docker", "run", "-e", f"RESTIC_PASSWORD={WORDS}", "restic/restic", "backup", "/data"],
    ["docker", "run", f"--env=RESTIC_PASSWORD={WORDS}", f"-ePG_PASSWORD={S}", "backup:1"],
    ["docker", "exec", "db", "mysqldump", f"-p{S}", "--all-databases"],
    ["docker", "exec", "db", "sh", "-c", f"mysqldump -u root -p'{WORDS}' shop | gzip"],
    ["docker", "login", "-u", "ci", "-p", S, "registry.example.com"],
    ["docker", "build", "--build-arg", f"NPM_TOKEN={S}", "."],
    ["podman", "run", "-e", f"MINIO_ROOT_PASSWORD={S}", "minio"],
    ["kubectl", "exec", "db-0", "--", "mysqldump", f"-p{S}", "shop"],
    ["kubectl", "create", "secret", "generic", "x", f"--from-literal=password={WORDS}"],
    ["helm", "upgrade", "db", "./chart", "--set", f"a=1,auth.password={S},b=2"],
    # MySQL and its kin, wherever they stand
    ["mysqldump", "-u", "root", f"-p{S}", "shop"],
    ["mysqldump", "-uroot", "-p", S, "shop"],
    ["mariadb-dump", f"--password={WORDS}", "shop"],
    ["mariabackup", "--backup", f"-p{S}"],
    ["restic", "backup", "--stdin-from-command", "--", "mysqldump", f"-p{S}", "shop"],
    ["borg", "create", "--content-from-command", "/b::a", "--", "mysqldump", "-uroot", f"-p{S}", "shop"],
    ["bash", "-c", f"set -o pipefail; mysqldump -p{S} shop | restic backup --stdin"],
    ["bash", "-lc", f"mysqldump --password='{WORDS}' shop > /b/shop.sql"],
    ["ssh", "db1", f"mysqldump -p{S} shop | gzip"],
    ["su", "-", "backup", "-c", f"MYSQL_PWD='{WORDS}' mysqldump shop"],
    ["sh", "-c", f'docker exec db sh -c "mysqldump -p{S} shop"'],
    ["mysql", "-e", f"CREATE USER b IDENTIFIED BY '{WORDS}'"],
    ["mysqladmin", "-u", "root", "password", S],
    ["mydumper", "-u", "root", "-p", S, "-B", "shop"],
    # a web hook's address is a secret as a whole
    ["curl", f"https://hooks.slack.com/services/T0/B0/{S}", "-d", "{}"],
    ["curl", f"http://127.0.0.1:8080/ping/{S}{'0' * 22}/start"],
    ["curl", f"https://jobs.example.com/reports/api/push/{S}{'0' * 22}?status=up"],
    ["curl", f"https://jobs.example.com/p/{S}{'0' * 22}/nightly?state=run"],
    ["curl", f"https://api.telegram.org/bot123456:{S}/sendMessage"],
    ["curl", f"https://discord.com/api/webhooks/123/{S}"],
    ["/opt/backup.sh", "--webhook", f"https://chat.example.com/hook/{S}"],
    ["curl", "-b", f"session={S}", "https://x"],
    # a password that the shell prints for the program
    ["bash", "-c", f"restic --password-file=<(echo {S}) backup /home"],
    ["bash", "-c", f"RESTIC_PASSWORD=$(echo {S}) restic backup /home"],
    ["sh", "-c", f"restic -p <(printf %s {S}) backup /home"],
    ["restic", "--password-file=<(echo", f"{S})", "backup", "/home"],
    # by its place, and in quotes of its own
    ["smbclient", "//nas/share", S, "-U", "backup"],
    ["net", "use", "\\\\nas\\share", S, "/user:b"],
    ["net", "use", "Z:", "\\\\nas\\share", S],
    ["virsh", "secret-set-value", "0c1d", S],
    ["expdp", f'"system/{S}@orcl', "as", 'sysdba"', "full=y"],
    ["db2", f"backup db shop user b using {S}"],
    ["sendemail", "-xu", "b", "-xp", S],
    # other databases
    ["redis-cli", "-h", "cache", "-a", S, "--rdb", "/b/dump.rdb"],
    ["redis-cli", "-u", f"redis://:{S}@cache:6379", "BGSAVE"],
    ["redis-cli", f"--pass={S}", "BGSAVE"],
    ["mongodump", "--uri", f"mongodb+srv://u:{S}@c.example.com/shop", "--archive=/b/x"],
    ["mongodump", "-u", "root", "-p", S],
    ["pg_dump", f"postgresql://u:{S}@db/shop"],
    ["pg_dump", f"host=db password='{WORDS}' dbname=shop"],
    ["pg_dump", f"host=db password={WORDS} dbname=shop"],
    ["psql", f"postgres://u@db/shop?sslmode=require&password={S}"],
    ["expdp", f"scott/{S}@orcl", "directory=dump", "dumpfile=x.dmp"],
    ["expdp", f"userid=scott/{S}@//db:1521/orcl", "full=y"],
    ["sqlplus", "-s", f"scott/{S}", "@backup.sql"],
    ["rman", "target", f'"sys/{S}@orcl as sysdba"'],
    ["backup-oracle.sh", f"scott/{S}@orcl"],
    ["sqlcmd", "-S", "db", "-U", "sa", "-P", S, "-Q", "BACKUP DATABASE shop TO DISK='x.bak'"],
    ["sqlcmd", "-S", "db", "-U", "sa", f"-P{S}"],
    ["sqlpackage", "/Action:Export", f"/SourcePassword:{S}", "/TargetFile:x.bacpac"],
    ["dbbackup", f"Driver=SQL;Server=db;Uid=sa;Pwd={WORDS};Database=shop"],
    ["influx", "backup", "/b", "-t", S],
    ["db2", "connect", "to", "shop", "user", "db2", "using", S],
    ["gbak", "-b", "-user", "SYSDBA", "-pas", S, "db:/x.fdb", "/b/x.fbk"],
    ["cqlsh", "-u", "c", "-p", S, "-e", "DESCRIBE"],
    ["etcdctl", "--user", f"root:{S}", "snapshot", "save", "/b/x"],
    ["ldapsearch", "-x", "-D", "cn=admin", "-w", S],
    # transfer
    ["curl", "-u", f"me:{S}", "-T", "x", "ftp://h/"],
    ["curl", "-H", f"Authorization: Bearer {S}", "https://h/x"],
    ["curl", "-H", "Authorization: Bearer s3cr3tX", "https://h/x", "--oauth2-bearer", S],
    ["curl", "-H", f"X-Api-Key: {WORDS}", "-b", f"session_token={S}", "https://h/x"],
    ["curl", "-H", f"PRIVATE-TOKEN: {S}", "https://h/x"],
    ["curl", "-H", f"Authorization: token {S}", "https://h/x"],
    ["curl", "-d", f'{{"user":"x","password":"{WORDS}"}}', "https://h/x"],
    ["curl", "-u", f"{S}:", "https://h/x"],
    ["curl", "-sfS", "-ume:" + S, "https://h/x"],
    ["wget", f"--http-password={S}", f"--header=Cookie: sid={S}", "https://h/x"],
    ["smbclient", "//nas/b", "-U", f"backup%{S}", "-c", "put x"],
    ["smbclient", "//nas/b", f"-Ubackup%{S}"],
    ["lftp", "-e", f"open -u backup,{S} ftp.example.com; mirror -R /a /b; quit"],
    ["lftp", "-u", f"backup,{S}", "ftp.example.com"],
    ["ncftpput", "-u", "backup", "-p", S, "h", "/b", "x"],
    ["sshpass", "-p", S, "rsync", "-a", "/a", "h:/b"],
    ["sshpass", f"-p{S}", "scp", "x", "h:/b"],
    ["rsync", "-e", f"sshpass -p {S} ssh -p 2222", "-a", "/a", "h:/b"],
    ["rsync", "-a", "/a", f"rsync://u:{S}@h/m"],
    ["mount", "-t", "cifs", "//nas/b", "/mnt", "-o", f"username=b,password={S},vers=3"],
    ["plink", "-pw", S, "nas", "backup"],
    ["net", "use", "Z:", "\\\\nas\\b", S, "/user:b"],
    ["http", "-a", f"me:{S}", "POST", "https://h/x"],
    ["skopeo", "copy", "--src-creds", f"u:{S}", "docker://a", "dir:/b"],
    # backup tools
    ["restic", "-r", f"rest:https://u:{S}@h:8000/", "backup", "/home"],
    ["restic", "-r", f"rest:https://u:{WORDS}@h:8000/", "backup", "/home"],
    ["restic", "--password-command", f"echo {WORDS}", "backup", "/home"],
    ["restic", "-o", f"s3.access-key={S}", "backup", "/home"],
    ["rclone", "sync", "/a", f":s3,access_key_id={S},secret_access_key={S}:b"],
    ["rclone", "sync", "/a", "b:", "--sftp-pass", S, f"--rc-pass={S}", "--crypt-password2", S],
    ["rclone", "config", "create", "r", "sftp", "host", "h", "pass", S],
    ["rclone", "obscure", S],
    ["borg", "--rsh", f"sshpass -p {S} ssh", "create", "h:b::a", "/home"],
    ["duplicity", "/home", f"ftp://u:{S}@h/b"],
    ["kopia", "repository", "connect", "s3", "--bucket", "b", "--secret-access-key", S, "-p", S],
    ["azcopy", "copy", "/a", f"https://a.blob.core.windows.net/c?sv=1&sig={S}"],
    ["az", "storage", "blob", "upload-batch", "--account-key", S, "--source", "/a"],
    ["az", "storage", "blob", "upload", "--connection-string", f"AccountName=a;AccountKey={S}==;EndpointSuffix=x"],
    ["az", "login", "--service-principal", "-u", "app", "-p", S, "--tenant", "t"],
    ["aws", "s3", "cp", "/a", "s3://b", "--sse-c", "AES256", "--sse-c-key", S],
    ["aws", "configure", "set", "aws_secret_access_key", S],
    ["gsutil", "-o", f"Credentials:gs_secret_access_key={S}", "rsync", "/a", "gs://b"],
    ["mc", "alias", "set", "m", "https://minio.example.com", "admin", S],
    ["b2", "authorize-account", "0012ab", S],
    ["s3cmd", f"--secret_key={S}", "sync", "/a", "s3://b"],
    ["git", "clone", f"https://{S}@github.com/o/r"],
    ["git", "-c", f"http.extraheader=AUTHORIZATION: bearer {S}", "fetch"],
    ["vault", "login", S],
    ["backup.sh", "--key", S],
    ["backup.sh", "--key", f"-{S}"],
    ["backup.sh", f"--token={WORDS}"],
    ["backup.sh", "--auth", f"me:{S}", "-x"],
    ["backup.sh", f"-p{S}", "-k", S, f"-u{S}"],
    ["backup.sh", "--proxy", f"u:{S}@proxy:3128"],
    ["backup.sh", "--passwort", S, "--kennwort", S],
    ["nice", "-n", "5", "mytool", "dump", f"-p{S}"],
    # archives, encryption
    ["7z", "a", f"-p{S}", "-mhe=on", "/b/x.7z", "/home"],
    ["rar", "a", f"-hp{S}", "/b/x.rar", "/home"],
    ["zip", "-r", "-P", S, "/b/x.zip", "/home"],
    ["openssl", "enc", "-aes-256-cbc", "-pass", f"pass:{S}", "-in", "x"],
    ["openssl", "enc", "-k", S, "-in", "x"],
    ["gpg", "--batch", "--passphrase", WORDS, "-c", "x"],
    ["bash", "-c", f"echo '{WORDS}' | restic backup /home"],
    ["bash", "-c", f"printf %s {S} | cryptsetup open /dev/sdb b -"],
    ["bash", "-c", f"restic -r /r backup /home <<< '{WORDS}'"],
    ["bash", "-c", f"export RESTIC_PASSWORD='{WORDS}'; restic backup /home"],
    ["bash", "-c", f'RESTIC_PASSWORD="{WORDS}" restic backup /home'],
    ["tar", "-cf", "x", "--use-compress-program", f"openssl enc -k {S}", "/home"],
    ["expect", "-c", f'spawn scp x h:/b; expect assword; send "{S}\\r"; interact'],
    # Windows
    ["powershell", "-Command", f"Backup-Thing -Password (ConvertTo-SecureString '{WORDS}' -AsPlainText -Force)"],
    ["powershell", "-EncodedCommand", S],
    ["wbadmin", "start", "backup", "-user:b", f"-password:{S}"],
    ["schtasks", "/run", "/rp", S],
    ["dsmc", "incremental", f"-password={S}"],
    ["swaks", "-ap", S, "--to", "a@example.com"],
    ["snmpwalk", "-v2c", "-c", S, "nas"],
    ["ipmitool", "-H", "h", "-U", "admin", "-P", S, "power", "status"],
    ["bash", "-c", f"ftp -n h <<E\nuser b {S}\nput x\nE"],
    *typed(S, WORDS),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_secret_of_a_command_is_in_the_job(command: list[str]) -> None:
    for tool in {recognise(command), TOOLS["generic"]}:
        tracker = JobTracker(command, tool)
        tracker.starts()
        # A tool, or a shell that was told to (`set -x`), repeats what it was given.
        tracker.lines("stderr", [f"error: {' '.join(command)}", f"+ {command!r}", *command])
        for job in (tracker.now(), tracker.ends(1, None), tracker.ends(-9, None)):
            assert not PLANTED.search(repr(job))


def test_there_are_many() -> None:
    assert len(COMMANDS) > 100


READABLE = [
    "restic -r /srv/repo --password-file /etc/restic/pw backup /home --exclude-file /etc/x --tag a",
    "borg create --stats -C zstd ssh://backup@host/./repo::{now} /home",
    "rsync -avz --delete -e ssh /home/ backup@host:/srv/b/",
    "rclone sync /data remote:data -v -u -P --transfers 4 --key-hint x.y",
    "tar -cpf /b/x.tar /home",
    "cp -p /a /b",
    "sh -c '(cd /srv && tar -cf x.tar . && echo finished) > log'",
    "curl https://hooks.example.com/services/nightly",
    "sudo -u postgres pg_dump -h db1 -p 5432 -U shop -Fc -f /b/x.dump shop",
    "/opt/backup.sh /data --fast --keep 7 --bypass --compass x --key-file /etc/key.pem",
    "zfs send -v tank/data@daily-1",
    "docker run --user 1000:1000 ghcr.io/restic/restic@sha256:0123 backup",
    "git clone --mirror ssh://git@host/o/r.git /m",
    "timeout -k 5 1h restic backup /home",
    "find /srv -path x -print -prune",
    "nice -n 5 ionice -c2 rsync -p a b",
    "bash -c 'cd /srv && tar -cf - . | gzip > /b/x.tgz'",
    "smbclient //nas/b -A /etc/nas -c 'put x'",
    "smbclient -N //nas/b -c 'put x'",
    "redis-cli -h cache --rdb /b/dump.rdb",
    "redis-cli CONFIG SET save ''",
    "net use Z: '\\\\nas\\b'",
    "mysqldump --defaults-extra-file=/etc/my.cnf --single-transaction shop",
    "aws s3 sync /a s3://b --profile x --storage-class GLACIER",
    "curl -fsS --retry 3 --cert /etc/ssl/x.pem https://example.com/x",
    "fsarchiver savefs -j4 /b/x.fsa /dev/sda1",
    "proxmox-backup-client backup x.pxar:/a --repository u@pbs@h:d",
]


@pytest.mark.parametrize("line", READABLE)
def test_what_a_job_is_about_stays_readable(line: str) -> None:
    import shlex

    assert redact_command(shlex.split(line)) == shlex.split(line)


def test_a_program_that_is_not_there_is_named_without_its_secrets(tmp_path: Path) -> None:
    output = Output(descriptor=None, read=True)
    for line in (f"RESTIC_PASSWORD={WORDS}", f"mysqldump -p{S} shop", f"{tmp_path} -p{S}"):
        with pytest.raises(NotStartedError) as error:
            Process([line], None, output, output, lambda *lines: None, lambda send: None, lambda words: None)
        assert not PLANTED.search(str(error.value))


def test_a_secret_is_found_where_a_tool_repeats_it() -> None:
    secrets = secrets_of(["mysqldump", "-pab12", "shop", f"--token={WORDS}", "-e", "PASSWORD=x"])
    assert secrets >= {"ab12", WORDS, "x"}
    assert hide(f"no user ab12, ab123; {WORDS}", secrets) == "no user ***, ab123; ***"


@pytest.mark.parametrize(
    "command",
    [
        ["curl", "-H", f"Authorization: Bearer {S}", "https://x"],
        ["az", "storage", "blob", "upload", "--sas-token", f"sv=1&sig={S}"],
        ["az", "storage", "blob", "upload", "--connection-string", f"AccountName=a;AccountKey={S};X=y"],
        ["git", "clone", f"https://{S}@example.com/a"],
        ["git", "-c", f"http.extraHeader=Authorization: Basic {S}", "fetch"],
        ["rclone", "copy", "a", f":sftp,host=h,pass={S}:b"],
        ["openssl", "enc", "-pass", f"pass:{S}"],
        ["restic", "--password-command", f"echo {S}", "backup"],
        ["ssh", "db1", f"PGPASSWORD={S} pg_dump shop"],
        ["docker", "run", "-e", f"RESTIC_PASSWORD=a b,{S};c", "restic/restic"],
    ],
)
def test_a_part_of_what_is_hidden_is_hidden_where_a_tool_repeats_it(command: list[str]) -> None:
    tracker = JobTracker(command, TOOLS["generic"])
    tracker.lines("stderr", [f"cannot sign in with {S}", S])
    assert S not in tracker.ends(1, None).comments


def test_secrets_of_the_environment_are_not_in_the_comments() -> None:
    environment = {"RESTIC_PASSWORD": WORDS, "PGPASSWORD": "short", "RESTIC_PASSWORD_FILE": "/etc/restic/password"}
    assert secrets_in(environment) == {WORDS}
    tracker = JobTracker(["x"], TOOLS["generic"], environment=environment)
    tracker.lines("stderr", [f"cannot unlock with {WORDS}", "no /etc/restic/password"])
    comments = tracker.ends(1, None).comments
    assert comments == "cannot unlock with ***\nno /etc/restic/password"
