"""`jobreport completion`: prints the code by which a shell completes this program's commands and options."""

from typing import Final

import click

from jobreport.cli import ASKED_BY_SHELL
from jobreport.cli.options.choices import OneOf

PROGRAM: Final = "jobreport"
SHELLS: Final = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=OneOf(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Prints code for a shell. With it, the TAB key completes commands, options, and the names of services, types and
    states.

    Put the code where your shell looks for it, in a folder that you make if there is none, and open a new shell. The
    Debian package has done so already.

    \b
    jobreport completion bash >~/.local/share/bash-completion/completions/jobreport
    jobreport completion zsh >~/.zfunc/_jobreport
    jobreport completion fish >~/.config/fish/completions/jobreport.fish

    bash needs the package bash-completion, and zsh the line fpath+=~/.zfunc in ~/.zshrc, before compinit. Without
    these, a line in ~/.bashrc does the same: eval "$(jobreport completion bash)"
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(context.find_root().command, {}, PROGRAM, ASKED_BY_SHELL).source())
