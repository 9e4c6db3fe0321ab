"""More command lines as people type them: `{S}` and `{W}` stand for a secret, and for one with blanks in it."""

import shlex

_LINES = r"""
env BORG_PASSCOMMAND='echo {S}' borg create /r::a /home
mysql -e "SET PASSWORD FOR 'b'@'%' = PASSWORD('{S}')"
mysql -e "ALTER USER b IDENTIFIED WITH mysql_native_password BY '{S}'"
mongosh --eval 'db.auth("root", "{S}")'
perl -e 'connect("dbi:mysql", "root", "{S}")'
python3 -c "import os; os.environ['RESTIC_PASSWORD']='{W}'"
pwsh -c "$pw = '{S}'; Backup-X -Password $pw"
clickhouse-client --query "BACKUP TABLE t TO S3('https://b', 'AK', '{S}')"
redis-cli AUTH {S}
redis-cli -h c AUTH default {S}
redis-cli CONFIG SET requirepass {S}
redis-cli CONFIG SET masterauth {S}
redis-cli ACL SETUSER b on '>{S}'
valkey-cli -a {S} BGSAVE
keydb-cli -a{S} BGSAVE
sqlpackage /a:Export /ssn:db /su:sa /sp:'{W}'
smbclient //nas/b {S} -U backup -c 'put x'
smbget -u b -p {S} smb://nas/b
lftp -c "open h; user b {S}; put x"
lftp -e "login b {S}; put x" h
curl -b 'sid={S}' https://h
curl -bsid={S} https://h
curl --cert cert.pem:{S} https://h
curl https://hooks.slack.com/services/T0/B0/{S}
curl -X POST https://discord.com/api/webhooks/123/{S}
curl https://api.telegram.org/bot123456:{S}/sendMessage -d text=x
/opt/backup.sh --notify=https://chat.example.com/hooks/webhook/{S}
/opt/backup.sh "--password {S}"
aws ssm put-parameter --type SecureString --name /x --value {S}
aws sts assume-role --token-code 123456 --external-id {S}
az keyvault secret set --vault-name v --name n --value {S}
vault kv put secret/x value={S}
kubectl create secret generic x --from-literal=rp={S}
openssl dgst -sha256 -hmac {S} x
openssl dgst -mac HMAC -macopt hexkey:{S} x
openssl passwd -6 {S}
bash -c 'mysqldump -p$(echo {S}) shop'
bash -c 'mysqldump -p`echo {S}` shop'
bash -c 'P={S}; mysqldump -p$P shop'
bash -c 'P="{W}" && mysqldump -p"$P" shop'
bash -c 'export X={S}; mysqldump --password=${X} shop'
dsmadmc -id=admin -pa={S} q stg
expdp \"sys/{S}@orcl as sysdba\" full=y
db2 "connect to x user u using {S}"
sendemail -xu u -xp {S} -t x
curlftpfs -o user=u:{S} h /m
net use \\\\nas\\b {S} /user:u
mc mirror --enc-c "m/b={S}" /a m/b
doctl -t {S} compute snapshot list
dar -c x -# aes:{S}
fsarchiver savefs -c '{W}' x /dev/x
ecryptfs-add-passphrase {S}
restic backup --stdin-from-command -- docker exec -e MYSQL_PWD={S} db mysqldump shop
restic -o sftp.command="sshpass -p {S} ssh u@h -s sftp" -r sftp:h:/b backup /
rclone copy /a b: --header "X-Auth: {S}" --header-upload "Authorization: Bearer {S}"
rclone copy /a b: --drive-service-account-credentials '{"private_key":"{S}"}'
bash -c "for d in a b; do mysqldump -p{S} $d; done"
sh -c "sh -c \"sh -c 'mysqldump -p{S} shop'\""
systemd-run --pipe -p Environment=RESTIC_PASSWORD={S} restic backup /
env -S "RESTIC_PASSWORD={S} restic backup /"
find /b -exec curl -u u:{S} -T x https://h ;
java -Dpassword={S} -jar x.jar
terraform apply -var db_password={S}
"""


def typed(secret: str, words: str) -> list[list[str]]:
    """Each line as a shell splits it, with these secrets in it."""
    planted = _LINES.replace("{S}", secret).replace("{W}", words)
    return [shlex.split(line) for line in planted.strip().splitlines()]
