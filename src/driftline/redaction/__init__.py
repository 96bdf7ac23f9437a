"""Recognizes and removes secrets; the only package that decides what is a secret.

Known secrets (credentials in use) are removed in every spelling by a `Redactor`. Unknown ones, as
in recordings, are recognized by the names of their fields, or by their form. Redact before you
truncate: a truncated secret is recognized only by its beginning.
"""

from driftline.redaction.names import (
    is_secret_header as is_secret_header,
    is_secret_name as is_secret_name,
    is_secret_parameter as is_secret_parameter,
    redact_tokens as redact_tokens,
)
from driftline.redaction.recorded import (
    find_body_secrets as find_body_secrets,
    find_header_secrets as find_header_secrets,
    redact_body as redact_body,
)
from driftline.redaction.redactor import (
    MASK as MASK,
    Redactor as Redactor,
    split_credential as split_credential,
)
