"""`scripts/attack`: attacks for some minutes, and says which of them succeeded."""

from __future__ import annotations

import random
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count, cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from browser.chromium import find
from hypothesis import HealthCheck, Phase, given, seed, settings

from attack.checkouts import CHECKOUTS, attack_with_checkout
from attack.hosts import LINKS, REPLIES, attack_with_host
from attack.jobs import JOBS
from attack.kills import attack_with_kill
from attack.pages import KINDS, attack_with_page
from attack.processes import Breach
from attack.recordings import BROKEN, HOLDERS, attack_with_file, attack_with_secret
from attack.servers import PLACES, attack_with_server
from attack.specs import attack_with_spec
from attack.spellings import SPELLINGS
from attack.vocabulary import documents

Attack = Callable[[Path], Iterator[Breach]]
CANARIES = ("Qx-canary/of+a=key_Zj79", "QxjZ.eyJhbGciOi.x\"j'Z&%41", "Qx:pass word~\\u0041Zj")
ATTACKS = ("spec", "server", "recording", "broken recording", "kill", "page", "checkout", "host")


def _attack_with_generated_spec(number: int, folder: Path) -> Iterator[Breach]:
    """Attack with a document of the vocabulary, made by Hypothesis from this seed."""
    generated: list[dict[str, Any]] = []

    @seed(number)
    @settings(
        max_examples=3,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(documents())
    def make(document: dict[str, Any]) -> None:
        generated.append(document)

    make()
    yield from attack_with_spec(generated[-1], folder)  # the first one is the simplest


def _generate_attacks(start: int) -> Iterator[tuple[str, Attack]]:
    """One of each kind after the other, without end."""
    chosen, broken = random.Random(start), cycle(BROKEN.items())  # noqa: S311
    jobs, pages, checkouts = cycle(JOBS), cycle(KINDS), cycle(CHECKOUTS)
    for number in count(start * 100_000):
        secret = chosen.choice(CANARIES)
        yield "spec", partial(_attack_with_generated_spec, number)
        # A header carries nothing but ASCII; what is not is refused before it is sent.
        location, spelling = chosen.choice(list(PLACES)), chosen.choice(list(SPELLINGS))
        yield "server", partial(attack_with_server, secret, location, spelling)
        holder, spelling = chosen.choice(list(HOLDERS)), chosen.choice(list(SPELLINGS))
        yield "recording", partial(attack_with_secret, secret, holder, spelling)
        name, content = next(broken)
        yield "broken recording", partial(attack_with_file, name, content)
        yield "kill", partial(attack_with_kill, next(jobs), number)
        yield "page", partial(attack_with_page, next(pages), number)
        yield "checkout", partial(attack_with_checkout, next(checkouts))
        kind, code = chosen.choice(["github", "gitlab"]), chosen.choice([200, 200, 403, 500])
        reply, link = chosen.choice(list(REPLIES)), chosen.choice(LINKS)
        yield "host", partial(attack_with_host, kind, reply, link, code)


@click.command()
@click.option("--minutes", default=5.0, show_default=True, help="How long to attack.")
@click.option("--seed", "start", default=0, show_default=True, help="Another seed, other attacks.")
@click.option(
    "--only", type=click.Choice(sorted(ATTACKS)), multiple=True, help="Attack in this way."
)
@click.option("--number", type=int, help="Make one attack of the seed, by its number.")
def main(*, minutes: float, start: int, only: tuple[str, ...], number: int | None) -> None:
    """Attack driftline with hostile specs, servers, recordings, pages, checkouts and kills.

    Nothing leaves this machine.

    Exit codes: 0 no attack succeeded, 1 some did, 2 the attacks with pages were not made.
    """
    warnings.simplefilter("ignore")
    kinds = set(only or ATTACKS)
    missing = _find_missing() if "page" in kinds else ""
    kinds -= {"page"} if missing else set()
    number_by_breach, attack_counts = dict[Breach, int](), Counter[str]()
    until = time.monotonic() + 60 * minutes
    attacks = enumerate(_generate_attacks(start) if kinds else ())
    for at, (kind, attack) in islice(attacks, number, None if number is None else number + 1):
        if time.monotonic() > until:
            break
        if kind not in kinds:
            continue
        attack_counts[kind] += 1
        with TemporaryDirectory() as folder:
            for breach in attack(Path(folder) / "project"):
                number_by_breach.setdefault(breach, at)
    click.echo(", ".join(f"{times} x {kind}" for kind, times in attack_counts.items()))
    for breach, at in number_by_breach.items():
        click.echo(ascii(f"attack {at}: {breach.target}: {breach.message}"))
    click.echo(f"{len(number_by_breach)} breaches")
    if missing:
        click.echo(f"the attacks with pages were NOT made: {missing}")
    click.get_current_context().exit(1 if number_by_breach else 2 if missing else 0)


def _find_missing() -> str:
    """Return why no page can be opened, or nothing."""
    try:
        find()
    except FileNotFoundError as error:
        return str(error)
    return ""


if __name__ == "__main__":
    main()
