# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""All nouns and verbs in one application."""

import typer

from gateway.cli import (
    agreement,
    audit,
    channel,
    conversion,
    demo,
    edifact,
    errors,
    init,
    inspection,
    partner,
    pki,
    sample,
    serve,
    submit,
)

application = typer.Typer(
    name="gateway",
    help="Turn domestic customs declarations into signed, receipted, logged advance data.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=True,
)
for noun, module in (
    ("agreement", agreement),
    ("audit", audit),
    ("channel", channel),
    ("edifact", edifact),
    ("partner", partner),
    ("pki", pki),
    ("sample", sample),
):
    application.add_typer(module.app, name=noun)
application.command("init")(init.init)
application.command("serve")(serve.serve)
application.command("submit")(submit.submit)
application.command("status")(inspection.status)
application.command("trace")(inspection.trace)
application.command("received")(inspection.received)
application.command("validate")(conversion.validate)
application.command("convert")(conversion.convert)
application.command("explain")(conversion.explain)
application.command("errors")(errors.errors)
application.command("demo")(demo.demo)
