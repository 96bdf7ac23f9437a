"""No secret of a recording comes out, wherever it stood and whatever was found there."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

import attrs
import pytest
from hypothesis import given, settings, strategies as st

from driftline.cli.commands.observe import format_files as table
from driftline.mock import HttpResponse, Mock
from driftline.observe import Observation
from driftline.openapi import load
from driftline.report import terminal
from driftline.report.files import render_files

from .recordings import ROOT, entry, har, observe_bytes, page

SPEC = load(ROOT / "specs" / "roark.yaml")
# Long and unlike anything that a report says by itself.
SECRETS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30
).map(lambda text: f"zQ9{text}vX7kW")


def render_all(observation: Observation) -> str:
    """Everything that anybody gets to see."""
    report = observation.report
    return "\n".join(
        [
            *render_files(report).values(),
            terminal.render(report, width=400),
            table(observation, width=400, color=False),
            repr(observation),
        ]
    )


def with_secret(place: str, secret: str) -> dict[str, Any]:
    """An entry with a fault, that holds the secret in one place and throws it back in others."""
    request, response = page(Mock(SPEC, rows=3), limit=2, pageSize=3)
    rest = [pair for pair in request.headers if pair[0] != "Authorization"]
    if place == "authorization":
        request = attrs.evolve(request, headers=(*rest, ("Authorization", f"Bearer {secret}")))
    elif place == "basic":
        packed = base64.b64encode(f"user:{secret}".encode()).decode()
        request = attrs.evolve(request, headers=(*rest, ("Authorization", f"Basic {packed}")))
    elif place == "header":
        request = attrs.evolve(request, headers=(*request.headers, ("X-Api-Key", secret)))
    elif place == "cookie":
        safe = quote(secret, safe="")
        request = attrs.evolve(request, headers=(*request.headers, ("Cookie", f"a=b; sid={safe}")))
    elif place == "query":
        query = f"{request.query}&access_token={quote(secret, safe='')}"
        request = attrs.evolve(request, query=query)
    body = response.parse_json()
    del body["data"][0]["projectId"]
    body["data"][0]["status"] = secret  # thrown back, where an enum is documented
    body["data"][1]["title"] = {"why": f"token {secret} is known"}
    body["data"][1]["summary"] = ["x" * 100 + secret]  # cut in the middle
    if place == "body":
        body["access_token"] = secret
    if place == "set-cookie":
        more = ("Set-Cookie", f"session={quote(secret, safe='')}; Path=/")
        response = attrs.evolve(response, headers=(*response.headers, more))
        body["data"][0]["status"] = quote(secret, safe="")
        body["data"][1] = {"id": 5}
    if place == "cookie":
        body["data"][0]["status"] = quote(secret, safe="")
        body["data"][1] = {"id": 5}
    return entry(request, HttpResponse(200, response.headers, json.dumps(body).encode()))


@pytest.mark.parametrize(
    "place", ["authorization", "basic", "header", "cookie", "query", "body", "set-cookie"]
)
@settings(max_examples=15, deadline=None)
@given(secret=SECRETS)
def test_no_secret_comes_out(
    tmp_path_factory: pytest.TempPathFactory, place: str, secret: str
) -> None:
    """Not in a finding, a command, a file or the table, in none of its spellings."""
    made = with_secret(place, secret)
    stray = entry(
        *page(Mock(SPEC, rows=1)), base=f"https://user:{quote(secret, safe='')}@other.example"
    )
    stray["request"]["url"] += f"?key={quote(secret, safe='')}"
    observation = observe_bytes(tmp_path_factory.mktemp("secret"), har([made, stray]))
    assert len(observation.report.findings) > 2
    assert observation.strays == {"GET other.example/v1/call": 1}
    text = render_all(observation)
    packed = base64.b64encode(secret.encode()).decode()
    for form in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1], packed, secret[:12]):
        assert form not in text


@settings(max_examples=40, deadline=None)
@given(
    st.from_regex(r"[A-Za-z]{1,10}[0-9][A-Za-z0-9]{15,40}", fullmatch=True),
    st.sampled_from(["/reset/{}", "/bot{}/send", "/a;jsessionid={}", "/{}"]),
)
def test_a_path_of_no_spec_shows_nothing_like_a_token(
    tmp_path_factory: pytest.TempPathFactory, token: str, path: str
) -> None:
    """Strays are named by host and path; a part that may be a token is left out."""
    request, response = page(Mock(SPEC, rows=1))
    stray = entry(attrs.evolve(request, path=path.format(token)), response)
    observation = observe_bytes(
        tmp_path_factory.mktemp("stray"), har([stray, entry(request, response)])
    )
    assert sum(observation.strays.values()) == 1
    assert token not in render_all(observation)
