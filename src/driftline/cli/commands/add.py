"""`driftline add`: bring an API into the project."""

from __future__ import annotations

from pathlib import Path

import click

from driftline.cli.options import add_specs_option
from driftline.errors import UsageError

EPILOG = """\
SOURCE is a file, an http(s) URL, or package:NAME/PATH for a file of an installed package; it is
required without --update. The document is OpenAPI 3 or Swagger 2.0, as JSON or YAML, in one file or
several.

\b
Exit codes:
  0    added, no drift
  1    added, but lint or the check reports problems; or the document has no operations
  2    not added, nothing was changed
  130  interrupted, nothing was changed

\b
Examples:
  driftline add https://api.example.com/openapi.json --name shop
  driftline add shop.yaml --name shop --no-check
  driftline add http://127.0.0.1:8000/openapi.json --name shop --own
  driftline add package:shop_sdk/openapi.json --name shop
  driftline add --name shop --update
"""


@click.command("add", epilog=EPILOG)
@click.argument("source", metavar="[SOURCE]", required=False)
@click.option("--name", metavar="API", required=True, help="Name of the API in the project.")
@click.option(
    "--update",
    is_flag=True,
    help="Fetch the document again, from SOURCE or its original source. Your edits of the "
    "overlay are kept, and so is --own.",
)
@click.option(
    "--own",
    is_flag=True,
    help="Treat proposals (how listings are paged, what writes do) as documented: for an API that "
    "you run.",
)
@click.option("--no-check", is_flag=True, help="Skip the check against the mock.")
@add_specs_option
def command(
    *,
    source: str | None,
    name: str,
    update: bool,
    own: bool,
    no_check: bool,
    specs: Path | None,
) -> None:
    """Add an API: keep its document unchanged, and write an overlay beside it.

    The client is generated, and spec and client are checked against the mock.
    """
    if source is None and not update:
        raise UsageError("missing SOURCE", "Pass a file, a URL or package:NAME/PATH.")
    from driftline.cli.add_api import add_api, update_api  # noqa: PLC0415 - not for --help

    if update:
        update_api(source, name, specs, is_own=own, no_check=no_check)
    else:
        add_api(str(source), name, specs, is_own=own, no_check=no_check)
