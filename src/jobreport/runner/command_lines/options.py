"""The options of each tool that take a value, so that the value is not taken for what the command is about."""

from typing import Final


def _options(text: str) -> frozenset[str]:
    return frozenset(text.split())


RESTIC: Final = _options(
    """
    -r --repo --repository-file -p --password-file --password-command --cacert --cache-dir --key-hint -o --option
    --limit-upload --limit-download --tls-client-cert --pack-size --compression -e --exclude --iexclude
    --exclude-file --iexclude-file --exclude-if-present --exclude-larger-than --files-from --files-from-raw
    --files-from-verbatim -H --host --tag --time --parent -g --group-by --stdin-filename --read-concurrency -t
    --target -i --include --iinclude --include-file --path --overwrite --keep-last --keep-hourly --keep-daily
    --keep-weekly --keep-monthly --keep-yearly --keep-tag --keep-within --keep-within-daily --keep-within-hourly
    --keep-within-weekly --keep-within-monthly --keep-within-yearly --max-unused --max-repack-size --from-repo
    --from-password-file --from-password-command --from-key-hint --from-repository-file --read-data-subset
    --retry-lock --http-user-agent --mode
    """
)
BORG: Final = _options(
    """
    -r --repo --lock-wait --remote-path --umask --upload-ratelimit --upload-buffer --remote-ratelimit --rsh --socket
    --filter --comment --timestamp -c --checkpoint-interval --chunker-params -C --compression -e --exclude
    --exclude-from --pattern --patterns-from --exclude-if-present --stdin-name --stdin-user --stdin-group
    --stdin-mode --paths-delimiter --files-cache --strip-components --encryption --keep-within --keep-last
    --keep-secondly --keep-minutely -H --keep-hourly -d --keep-daily -w --keep-weekly -m --keep-monthly -y
    --keep-yearly -a --glob-archives -P --prefix --first --last --sort-by --format --tar-filter --debug-topic
    --debug-profile --threshold --match-archives
    """
)
RCLONE: Final = _options(
    """
    --config --transfers --checkers --bwlimit --stats --stats-log-level --log-level --log-file --exclude --include
    --filter --files-from --filter-from --exclude-from --include-from --retries --low-level-retries --backup-dir
    --suffix --max-age --min-age --max-size --min-size --max-transfer --max-duration --max-delete --cutoff-mode
    --compare-dest --copy-dest --tpslimit --tpslimit-burst --contimeout --timeout --user-agent --cache-dir
    --temp-dir --exclude-if-present --retries-sleep --buffer-size --multi-thread-streams --order-by --max-depth
    --header --rc-addr --rc-user --rc-pass --password-command --stats-unit --combined --differ --error --match
    --missing-on-dst --missing-on-src --log-format --max-backlog --modify-window --ca-cert --client-cert
    --client-key --bind
    """
)
RSYNC: Final = _options(
    """
    -e --rsh -f --filter -B --block-size -T --temp-dir -M --remote-option -@ --modify-window --exclude
    --exclude-from --include --include-from --files-from --rsync-path --backup-dir --suffix --max-delete --max-size
    --min-size --partial-dir --timeout --contimeout --compare-dest --copy-dest --link-dest --compress-level
    --skip-compress --address --port --sockopts --log-file --log-file-format --out-format --password-file --bwlimit
    --write-batch --only-write-batch --read-batch --protocol --iconv --checksum-seed --info --debug --chmod --chown
    --usermap --groupmap --compress-choice --checksum-choice --stop-after --stop-at --copy-as --early-input --outbuf
    """
)
AZCOPY: Final = _options(
    """
    --output-type --output-level --log-level --from-to --cap-mbps --blob-type --block-blob-tier --block-size-mb
    --include-pattern --exclude-pattern --include-path --exclude-path --include-regex --exclude-regex
    --include-after --include-before --list-of-files --list-of-versions --overwrite --metadata --content-type
    --put-md5-mode --check-md5 --delete-destination --trailing-dot --trusted-microsoft-suffixes --cpk-by-name
    --put-blob-size-mb --exclude-blob-type --compare-hash --mirror-mode-hash --preserve-posix-properties
    --symlink-handling
    """
)
AWS_S3: Final = _options(
    """
    --profile --region --endpoint-url --output --query --color --ca-bundle --cli-read-timeout --cli-connect-timeout
    --include --exclude --acl --storage-class --grants --sse --sse-kms-key-id --sse-c --sse-c-copy-source
    --cache-control --content-type --content-disposition --content-encoding --content-language --expires --metadata
    --source-region --metadata-directive --page-size --request-payer --expected-size --website-redirect --copy-props
    """
)
POSTGRES: Final = _options(
    """
    -d --dbname -h --host -p --port -U --username -f --file -F --format -j --jobs -Z --compress -n --schema -N
    --exclude-schema -t --table -T --exclude-table --exclude-table-data -E --encoding -S --superuser --role
    --section --snapshot --lock-wait-timeout --rows-per-insert --extra-float-digits --connstr -D --pgdata -r
    --max-rate -X --wal-method -l --label -L --use-list -P --function -I --index --manifest-checksums --slot
    --target --waldir
    """
)
GIT: Final = _options(
    """
    -C -c --git-dir --work-tree --namespace --config-env -b --branch --depth --reference --origin -o -u
    --upload-pack --filter --template --separate-git-dir --shallow-since --shallow-exclude -j --jobs --server-option
    """
)
TAR: Final = _options(
    """
    -f --file -C --directory -T --files-from -X --exclude-from --exclude -g --listed-incremental -b --blocking-factor
    -V --label -I --use-compress-program -K --starting-file -N --newer --after-date --newer-mtime -H --format -L
    --tape-length -F --info-script --owner --group --mode --mtime --transform --xform --strip-components --suffix
    --exclude-tag --exclude-tag-all --exclude-tag-under --level --rsh-command --rmt-command --warning --sort
    --checkpoint --checkpoint-action --totals --index-file --quoting-style --add-file --pax-option --record-size
    """
)
DUPLICITY: Final = _options(
    """
    --archive-dir --asynchronous-upload --backend-retry-delay --encrypt-key --encrypt-sign-key --encrypt-secret-keyring
    --sign-key --hidden-encrypt-key --exclude --exclude-filelist --exclude-if-present --exclude-older-than
    --exclude-regexp --include --include-filelist --include-regexp --file-to-restore --path-to-restore --file-prefix
    --full-if-older-than --gpg-binary --gpg-options --log-fd --log-file --max-blocksize --name --num-retries --rename
    --rsync-options --s3-endpoint-url --s3-region-name --ssh-options --ssl-cacert-file --ssl-cacert-path --tempdir
    --time -t --time-separator --timeout --verbosity -v --volsize --concurrency --jsonstat --ssh-askpass
    --metadata-sync-mode --restore-time --cf-backend --copy-blocksize --par2-options --par2-redundancy
    """
)
BORGMATIC: Final = _options(
    """
    -c --config --override --verbosity -v --syslog-verbosity --log-file-verbosity --monitoring-verbosity --log-file
    --log-file-format --repository --archive --path --find --destination --strip-components --comment --sort-by
    --match-archives -a --first --last --hook --schema --user-config --source-directories --keep-daily --keep-weekly
    --keep-monthly --keep-yearly -e --encryption --source-repository --other-repo --storage-quota --only --name
    --restore-path --original-hostname --password-command --options
    """
)
PGBACKREST: Final = _options(
    """
    --stanza --config --config-path --config-include-path --repo --type --set --target --target-action --pg
    --process-max --log-level-console --log-level-stderr --log-level-file --lock-path --log-path --spool-path
    --repo1-path --repo1-host --pg1-path --pg1-host --pg1-port --pg1-user --pg1-socket-path --annotation --db-include
    --db-exclude --archive-timeout --compress-type --compress-level --tablespace-map --link-map --recovery-option
    --exclude --output --job-retry --buffer-size --db-timeout --io-timeout --protocol-timeout
    """
)
BARMAN: Final = _options(
    """
    -c --config --color --colour --log-level -f --format --name --jobs -j --bwlimit --retry-times --retry-sleep
    --wait-timeout --reuse-backup --incremental --target-time --target-lsn --target-xid --target-name --target-tli
    --tablespace --remote-ssh-command --backup-id --manifest --keepalive-interval --get-wal-partial --target-action
    --local-staging-path --recovery-staging-path --staging-path --staging-location
    """
)
MYSQLDUMP: Final = _options(
    """
    -h --host -u --user -p -P --port -S --socket -r --result-file -T --tab -w --where --ignore-table --ignore-table-data
    --ignore-database --default-character-set --defaults-file --defaults-extra-file --defaults-group-suffix
    --login-path --protocol --plugin-dir --max-allowed-packet --net-buffer-length --compatible --log-error
    --ssl-ca --ssl-cert --ssl-key --ssl-mode --character-sets-dir --fields-terminated-by --include-tables
    --include-databases --exclude-tables --exclude-databases --default-parallelism --source-data --master-data
    --system --set-gtid-purged
    """
)
KOPIA: Final = _options(
    """
    --config-file --log-dir --log-level --file-log-level --password -p --description --tags --pin --parallel
    --upload-limit-mb --checkpoint-interval --start-time --end-time --stdin-file --override-source --force-hash
    --log-dir-detail --log-entry-detail --progress-update-interval --mode --snapshot-time --max-errors
    --verify-files-percent --file-parallelism --storage-stats --skip-times --cache-directory
    """
)
VZDUMP: Final = _options(
    """
    --storage --dumpdir --mode --compress --pool --exclude --exclude-path --mailto --mailnotification --maxfiles
    --prune-backups --bwlimit --ionice --lockwait --stopwait --tmpdir --script --node --notes-template --pigz --zstd
    --quiet --remove --stdexcludes --stop --all --protected --performance --fleecing --notification-mode
    --notification-policy --notification-target --job-id --pbs-change-detection-mode
    """
)
PROXMOX_BACKUP_CLIENT: Final = _options(
    """
    --repository --backup-id --backup-type --backup-time --ns --keyfile --keyfd --crypt-mode --master-pubkey-file
    --master-pubkey-fd --rate --burst --chunk-size --entries-max --exclude --include-dev --change-detection-mode
    --output-format --keep-last --keep-hourly --keep-daily --keep-weekly --keep-monthly --keep-yearly --group
    """
)
DUPLICATI: Final = _options("")
"""Its options are `--name=value` only."""
RESTICPROFILE: Final = _options(
    "-c --config -f --format -n --name -l --log --command-output --lock-wait --theme -r --remote"
)
