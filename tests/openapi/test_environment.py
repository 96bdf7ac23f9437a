"""Environment variables of systems and tools are rejected in specs."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from driftline.openapi.environment import is_allowed_env_name

OTHER_NAMES = (
    *("OS_PASSWORD", "LIBRARY_PATH", "SYSTEM_ACCESSTOKEN", "DOTNET_STARTUP_HOOKS", "APT_CONFIG"),
    *("PATH", "HOME", "Path", "PYTHONPATH", "PYTHON_KEYRING", "LD_PRELOAD", "LD_LIBRARY_PATH"),
    *("DYLD_INSERT_LIBRARIES", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "no_proxy"),
    *("GITHUB_TOKEN", "github_token", "GH_TOKEN", "AWS_SECRET_ACCESS_KEY", "GOOGLE_API_KEY"),
    *(
        "GOOGLE_APPLICATION_CREDENTIALS",
        "CI",
        "CI_JOB_TOKEN",
        "AZURE_CLIENT_SECRET",
        "SSH_AUTH_SOCK",
    ),
    *("PIP_INDEX_URL", "NPM_TOKEN", "DOCKER_HOST", "KUBE_TOKEN", "GIT_ASKPASS", "SSL_CERT_FILE"),
    *("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_OPTIONS", "TOKEN", "LC_ALL", "DRIFTLINE_URL"),
    *(
        "",
        "1SHOP_KEY",
        "SHOP-KEY",
        "SHOP KEY",
        "SHOP_KEY\n",
        "SHOP_",
        "_SHOP_KEY",
        "KÖ_KEY",
        "A" * 121,
    ),
)


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_variables_of_systems_and_tools_are_rejected(name: str) -> None:
    """Names of variables that systems or tools use, and invalid names, are rejected."""
    assert not is_allowed_env_name(name)


@pytest.mark.parametrize(
    "name", ["SHOP_TOKEN", "SHOP_BASE_URL", "shop_key", "PETS_2_KEY", "CITY_KEY"]
)
def test_the_names_of_an_api_are_allowed(name: str) -> None:
    """Names of an API's own variables are allowed, even if they resemble a tool's name."""
    assert is_allowed_env_name(name)


@given(st.sampled_from(["LD", "AWS", "GITHUB", "DYLD", "GOOGLE"]), st.text("ABC_12", min_size=1))
def test_names_with_the_prefix_of_an_owner_are_rejected(owner: str, suffix: str) -> None:
    """A name with the prefix of an owner such as AWS is rejected, whatever follows."""
    assert not is_allowed_env_name(f"{owner}_{suffix}")
