"""``rosenblatt --install-completion``."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cyclopts import Parameter

from rosenblatt.errors import ConfigurationError, FileError


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class CompletionOptions:
    """The options of the command."""

    shell: Literal["bash", "zsh", "fish", "powershell"] | None = None
    """For which shell; by default the one that is running."""

    output: Path | None = None
    """The script to write; by default where the shell finds it, named in its startup file."""


def install_completion(options: CompletionOptions = CompletionOptions()) -> int:
    """Write the completion script for a shell."""
    from cyclopts.completion.detect import ShellDetectionError

    from rosenblatt.cli.app import app

    try:
        path = app.install_completion(
            shell=options.shell, output=options.output, add_to_startup=options.output is None
        )
    except ShellDetectionError as error:
        raise ConfigurationError(
            "cannot tell which shell is running; name it, as in --shell bash"
        ) from error
    except OSError as error:
        raise FileError(f"cannot write the completion script: {error}") from error
    print(f"wrote       {path}\nStart a new shell to use it.")
    return 0
