# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway completion SHELL`: the script by which a shell completes the words of this command."""

from enum import StrEnum
from typing import Annotated

import typer


class Shell(StrEnum):
    """The shells that a script is written for."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def completion(
    context: typer.Context,
    shell: Annotated[Shell, typer.Argument(help="Which shell reads the script.")],
) -> None:
    """Print the completion script; for bash: `source <(gateway completion bash)`."""
    from typer.completion import completion_init, shell_complete  # type: ignore[attr-defined]  # not declared

    from gateway.cli import COMPLETES

    completion_init()
    command = context.find_root().command
    raise typer.Exit(shell_complete(command, {}, "gateway", COMPLETES, f"source_{shell}"))
