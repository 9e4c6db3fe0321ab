"""Builds the Debian package: `make deb` calls it, and it leaves `dist/jobreport_VERSION_ARCHITECTURE.deb`.

The package brings the libraries that it was tried with, in a virtual environment of its own in /opt/jobreport. So it
fits the Python of the Debian that it was built on, and says so in what it depends on. It is built with `dpkg-deb`
alone: a build needs no root and nothing but dpkg, Debian's own Python and the network, or pip's cache.
"""

import gzip
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
HERE: Final = Path(__file__).parent
PREFIX: Final = "opt/jobreport"
PYTHON: Final = "/usr/bin/python3"
EXTRAS: Final = "mail,postgres,xlsx"
"""Not `parquet`: its library is larger than all others together."""
SCRIPTS: Final = ("postinst", "prerm", "postrm")
COMPLETIONS: Final = {
    "bash": "bash-completion/completions/jobreport",
    "zsh": "zsh/vendor-completions/_jobreport",
    "fish": "fish/vendor_completions.d/jobreport.fish",
}
"""Where Debian's shells look for what they complete, below /usr/share."""
KEPT: Final = ("python", "python3", "jobreport")
"""What stays in the environment's bin/, beside the name of the Python itself."""


def main(target: Path) -> None:
    """Builds the package into the folder `target`, and prints its path."""
    os.umask(0o022)  # what is installed is for every user, whoever builds it
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    series = said(PYTHON, "-c", "import sys; print('{}.{}'.format(*sys.version_info))")
    architecture = said("dpkg", "--print-architecture")
    target.mkdir(parents=True, exist_ok=True)
    package = target / f"jobreport_{version}_{architecture}.deb"
    with tempfile.TemporaryDirectory(prefix="jobreport-deb-") as folder:
        stage = Path(folder) / "stage"
        environment(stage, series)
        files(stage)
        control(stage, version, architecture, series)
        run("dpkg-deb", "--root-owner-group", "-Zzstd", "-z3", "--build", str(stage), str(package))
    print(package)


def environment(stage: Path, series: str) -> None:
    """Makes the virtual environment with the program and its libraries, as if it lay in /opt/jobreport."""
    prefix = stage / PREFIX
    run(PYTHON, "-m", "venv", "--without-pip", str(prefix))
    quiet = [] if sys.stderr.isatty() else ["--quiet"]
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(prefix / "bin/python")]
    constraints = str(ROOT / "constraints.txt")
    run(*pip, "install", *quiet, "--no-compile", "-c", constraints, f"{ROOT}[{EXTRAS}]")
    for script in (prefix / "bin").iterdir():
        if script.name not in (*KEPT, f"python{series}"):
            script.unlink()
    program = prefix / "bin/jobreport"
    text = program.read_text(encoding="utf-8").split("\n", 1)[1]
    program.write_text(f"#!/{PREFIX}/bin/python\n{text}", encoding="utf-8")
    settings = prefix / "pyvenv.cfg"
    lines = [line for line in settings.read_text(encoding="utf-8").splitlines() if not line.startswith("command")]
    settings.write_text("\n".join([*lines, ""]), encoding="utf-8")
    for told in prefix.glob("lib/*/site-packages/*.dist-info/direct_url.json"):
        told.unlink()  # the folder that it was built in
    # The service may not write there, and what root's commands would write there would outlive the package.
    compiled = ["-m", "compileall", "-q", "-j", "2", "--invalidation-mode", "unchecked-hash"]
    run(str(prefix / "bin/python"), *compiled, "-s", str(stage), "-p", "/", str(prefix / "lib"))


def files(stage: Path) -> None:
    """Places the units and the documents, and the program's name on everybody's path."""
    units = stage / "usr/lib/systemd/system"
    units.mkdir(parents=True)
    for unit in (ROOT / "deploy").glob("jobreport*.*"):
        text = unit.read_text(encoding="utf-8")
        if unit.name == "jobreport.service":
            # The package has a user, so the store has an owner while the service is stopped, too.
            if "DynamicUser=yes\n" not in text:
                raise SystemExit("deploy/jobreport.service does not say DynamicUser=yes any more")
            text = text.replace("DynamicUser=yes\n", "")
        (units / unit.name).write_text(text, encoding="utf-8")
    (stage / "usr/bin").mkdir()
    (stage / "usr/bin/jobreport").symlink_to(f"/{PREFIX}/bin/jobreport")
    (stage / "etc/jobreport").mkdir(parents=True)
    shared = stage / "usr/share/jobreport"
    shared.mkdir(parents=True)
    shutil.copy(HERE / "server.env", shared)
    documents = stage / "usr/share/doc/jobreport"
    documents.mkdir(parents=True)
    shutil.copy(HERE / "copyright", documents)
    shutil.copy(HERE / "README.Debian", documents)
    changes = (ROOT / "CHANGELOG.md").read_bytes()
    (documents / "changelog.gz").write_bytes(gzip.compress(changes, mtime=0))
    manual(stage)


def manual(stage: Path) -> None:
    """Places the manual pages, and what the shells need to complete commands and options."""
    pages = stage / "usr/share/man/man1"
    run(sys.executable, str(ROOT / "docs/man.py"), str(pages))
    for page in [*pages.iterdir()]:
        page.with_name(f"{page.name}.gz").write_bytes(gzip.compress(page.read_bytes(), mtime=0))
        page.unlink()
    for shell, name in COMPLETIONS.items():
        file = stage / "usr/share" / name
        file.parent.mkdir(parents=True)
        file.write_text(said(sys.executable, "-m", "jobreport", "completion", shell) + "\n", encoding="utf-8")


def control(stage: Path, version: str, architecture: str, series: str) -> None:
    """Writes what dpkg reads of the package, and what it runs."""
    folder = stage / "DEBIAN"
    folder.mkdir()
    size = sum(file.lstat().st_size for file in stage.rglob("*") if not file.is_dir()) // 1024
    major, minor = series.split(".")
    facts = {
        "Package": "jobreport",
        "Version": version,
        "Architecture": architecture,
        "Maintainer": "The Jobreport project <jobreport@localhost>",
        "Installed-Size": str(size),
        "Depends": f"python3 (>= {series}), python3 (<< {major}.{int(minor) + 1}), libc6, adduser, init-system-helpers",
        "Section": "admin",
        "Priority": "optional",
        "Description": "one report on every backup job, with exact totals\n"
        " Jobreport collects the results of backup commands and answers what ran, what\n"
        " failed and what is still running. This package has the server, the command\n"
        " line, and the units of the service.",
    }
    text = "".join(f"{name}: {value}\n" for name, value in facts.items())
    (folder / "control").write_text(text, encoding="utf-8")
    for name in SCRIPTS:
        shutil.copy(HERE / name, folder)
        (folder / name).chmod(0o755)


def run(*words: str) -> None:
    """Runs a command; ends this program if it fails."""
    done = subprocess.run(words, check=False)
    if done.returncode:
        raise SystemExit(f"{words[0]} ended with {done.returncode}")


def said(*words: str) -> str:
    """Returns what a command prints."""
    return subprocess.run(words, check=True, text=True, stdout=subprocess.PIPE).stdout.strip()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist")
