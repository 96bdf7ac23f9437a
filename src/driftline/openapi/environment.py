"""The environment variables that a spec may name: none that systems and tools read.

`x-env` names the source of a credential or a base URL. A document that could name `PATH`,
`HTTPS_PROXY` or `AWS_SECRET_ACCESS_KEY` could send a secret to a server of its choice.
"""

from __future__ import annotations

import re
from typing import Any, Final

from driftline.openapi.pointer import walk_objects

MAX_LENGTH: Final = 120
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_OWNERS: Final = (
    *("ACTIONS", "ANDROID", "ANSIBLE", "APPDATA", "APPVEYOR", "ARM", "AWS", "AZURE"),
    *("BASH", "BITBUCKET", "BUILDKITE", "CARGO", "CI", "CIRCLE", "CIRCLECI", "CLOUDSDK"),
    *("CODEBUILD", "COMPOSER", "CONDA", "CURL", "DBUS", "DENO", "DOCKER", "DRIFTLINE", "DRONE"),
    *("DYLD", "EC2", "ECS", "GCP", "GEM", "GH", "GIT", "GITEA", "GITHUB", "GITLAB", "GLIBC"),
    *("GO", "GOOGLE", "GPG", "GRADLE", "HELM", "HOMEBREW", "INPUT", "INVOCATION"),
    *("BUNDLE", "CMAKE", "DATABASE", "DB", "DJANGO", "ELECTRON", "FLASK", "GCONV", "GTK"),
    *(
        "HATCH",
        "HYPOTHESIS",
        "LUA",
        "MSYS",
        "MYSQL",
        "NETLIFY",
        "ORACLE",
        "PDM",
        "PG",
        "PLAYWRIGHT",
    ),
    *("APT", "ASPNETCORE", "BUN", "CONSUL", "CUDA", "DEBIAN", "DIRENV", "DOTNET", "DPKG", "GCC"),
    *("GDK", "GST", "HADOOP", "MONO", "NIX", "NOMAD", "OMP", "OS", "PKG", "PNPM", "QT"),
    *("RSYNC", "SDL", "SVN", "TCL", "TERMINFO", "TMUX", "WAYLAND", "WOODPECKER"),
    *("PRE", "PROMPT", "PS", "RAILS", "REDIS", "RES", "UVICORN", "VERCEL", "WINE"),
    *("JAVA", "JENKINS", "JOURNAL", "KRB5", "KUBE", "KUBERNETES", "LC", "LD", "MALLOC", "MAVEN"),
    *("NODE", "NPM", "NUGET", "NVM", "OPENSSL", "OTEL", "PERL"),
    *("PHP", "PIP", "PIPX", "POETRY", "POSTGRES", "PULUMI", "PYENV", "PYTEST", "PYTHON"),
    *("RBENV", "REQUESTS", "RUBY", "RUNNER", "RUST", "RUSTUP", "SSH", "SSL", "SUDO"),
    *("SYSTEMD", "TEAMCITY", "TERRAFORM", "TF", "TRAVIS", "TWINE", "UV", "VAULT"),
    *("VIRTUAL", "VSCODE", "WSL", "XDG", "YARN"),
)
"""First words of names that a system, a shell, a CI host, a cloud or a tool reads or sets."""
_NAMES: Final = frozenset(
    {
        *("APPDATA", "BROWSER", "CC", "CFLAGS", "CLASSPATH", "COLUMNS", "COMSPEC", "CXX", "DEBUG"),
        *("DISPLAY", "EDITOR", "ENV", "FORCE_COLOR", "GOPATH", "HISTFILE", "HOME", "HOMEDRIVE"),
        *("HOMEPATH", "HOST", "HOSTALIASES", "HOSTNAME", "IFS", "JOB_NAME", "LANG", "LANGUAGE"),
        *("LDFLAGS", "LESSOPEN", "LINES", "LOCALAPPDATA", "LOGNAME", "MAIL", "MAKEFLAGS"),
        *("MANPATH", "NETRC", "NO_COLOR", "OLDPWD", "PAGER", "PATH", "PATHEXT", "PGPASSWORD"),
        *("PORT", "PROGRAMDATA", "PROGRAMFILES", "PS1", "PS4", "PWD", "SECRET", "SHELL", "SHLVL"),
        *("SYSTEMROOT", "TEMP", "TERM", "TMP", "TMPDIR", "TOKEN", "TZ", "UID", "USER", "USERNAME"),
        *("USERPROFILE", "VISUAL", "WINDIR", "C_INCLUDE_PATH", "COMPILER_PATH"),
        *("CPLUS_INCLUDE_PATH", "LIBRARY_PATH", "SYSTEM_ACCESSTOKEN"),
    }
)
_ENDINGS: Final = ("_PROXY", "_PRELOAD", "_LIBRARY_PATH", "_CA_BUNDLE")
_STARTS: Final = ("LD_", "DYLD_", "PYTHON", "_")


def is_allowed_env_name(name: str) -> bool:
    """Return whether a spec may name this environment variable.

    It needs at least two words of letters, digits and underscores, and the first word must not
    belong to a system or tool. Case is ignored, as on Windows.
    """
    upper = name.upper()
    if not _NAME.fullmatch(name) or len(name) > MAX_LENGTH or upper in _NAMES:
        return False
    if upper.startswith(_STARTS) or upper.endswith(_ENDINGS):
        return False
    first, separator, rest = upper.partition("_")
    return bool(separator and rest.strip("_")) and first not in _OWNERS


def keep_allowed_env_name(name: object) -> str | None:
    """Return the name if a spec may use it, else None."""
    return name if isinstance(name, str) and is_allowed_env_name(name) else None


def drop_env_names(document: Any) -> list[str]:
    """Remove each `x-env` of a third-party document; return the removed names.

    They are removed anywhere, since schemes may have any name and be referred to from anywhere,
    except where `x-env` is the name of a field, whose value is a schema.
    """
    nodes = (node for node in walk_objects(document) if isinstance(node.get("x-env"), str))
    return sorted({node.pop("x-env") for node in nodes})
