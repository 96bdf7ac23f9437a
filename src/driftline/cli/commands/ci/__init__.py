"""`driftline ci` and the commands below it."""

from driftline.cli.commands.ci.group import command as command
