"""Knows the programs that start another one, and which of their options take a value."""

from typing import Final

import msgspec


class Wrapper(msgspec.Struct, frozen=True):
    """A program that starts another: its options that take a value (separated by blanks), the number of words before
    the command, and the options whose value is a script for a shell.
    """

    valued: str = ""
    words: int = 0
    script: str = ""


_SU: Final = Wrapper("-s --shell -g --group -G --supp-group -w --whitelist-environment", 0, "-c --command")
WRAPPERS: Final[dict[str, Wrapper]] = {
    "sudo": Wrapper(
        "-u -g -h -p -C -r -t -T -U -D -R --user --group --host --prompt --close-from --role --type --chdir --chroot"
        " --command-timeout --other-user"
    ),
    "doas": Wrapper("-u -C -a"),
    "env": Wrapper("-u -C --unset --chdir --argv0", 0, "-S --split-string"),
    "nice": Wrapper("-n --adjustment"),
    "ionice": Wrapper("-c -n --class --classdata"),
    "chrt": Wrapper("-T -P -D --sched-runtime --sched-period --sched-deadline", 1),
    "taskset": Wrapper("", 1),
    "choom": Wrapper("-n --adjust"),
    "cpulimit": Wrapper("-l -c --limit --cpu"),
    "timeout": Wrapper("-k -s --kill-after --signal", 1),
    "flock": Wrapper("-w -E --timeout --wait --conflict-exit-code", 1, "-c --command"),
    "setlock": Wrapper("", 1),
    "lckdo": Wrapper("-W", 1),
    "envdir": Wrapper("", 1),
    "chroot": Wrapper("--userspec --groups", 1),
    "unshare": Wrapper("-S -G -R -w --setuid --setgid --root --wd --map-user --map-group --propagation --setgroups"),
    "nsenter": Wrapper("-t -S -G --target --setuid --setgid"),
    "setpriv": Wrapper("--reuid --regid --groups --inh-caps --ambient-caps --bounding-set --securebits --pdeathsig"),
    "systemd-inhibit": Wrapper("--what --who --why --mode"),
    "systemd-cat": Wrapper("-t -p --identifier --priority --stderr-priority"),
    "systemd-run": Wrapper(
        "-u -p -H -M -E --unit --property --host --machine --setenv --slice --description --uid --gid --nice"
        " --working-directory --service-type"
    ),
    "stdbuf": Wrapper("-i -o -e --input --output --error"),
    "time": Wrapper("-f -o --format --output"),
    "caffeinate": Wrapper("-t -w"),
    "script": Wrapper("-E -m -o -I -O -B -T --echo --logging-format --output-limit", 0, "-c --command"),
    "sshpass": Wrapper("-p -f -d -P"),
    "trickle": Wrapper("-u -d -w -t -l -n -L"),
    "proxychains4": Wrapper("-f"),
    "runuser": Wrapper(f"-u --user {_SU.valued}", 0, _SU.script),
    "su": _SU,
    "chpst": Wrapper("-u -U -b -e -/ -n -l -L -m -d -o -p -f -c -t"),
    "prlimit": Wrapper("-p -o --pid --output"),
    "numactl": Wrapper("-i -p -N -m -C --interleave --preferred --cpunodebind --membind --physcpubind"),
    "strace": Wrapper("-a -b -e -E -I -o -O -p -P -s -S -u -U -X"),
    "cronitor": Wrapper("-k --api-key", 2),
    **dict.fromkeys(("tini", "dumb-init"), Wrapper("-p -e -r --rewrite")),
    **dict.fromkeys(("gosu", "su-exec", "setuidgid", "s6-setuidgid", "faketime"), Wrapper("", 1)),
    **dict.fromkeys(
        (
            *("nohup", "setsid", "chronic", "cronic", "run-one", "fakeroot", "eatmydata", "torsocks", "busybox", "uvx"),
            *("unbuffer", "firejail"),
        ),
        Wrapper(),
    ),
}
"""Every such program by its name, except shells, containers and ssh."""
