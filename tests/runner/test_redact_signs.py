"""Texts without a sign of a secret are left alone at once: none of them has a secret that would have been masked."""

from hypothesis import example, given
from hypothesis import strategies as st

from jobreport.runner.redact import redact

_PIECES = (
    *("password", "PaSSwd", "pa\N{LATIN SMALL LETTER LONG S}s", "passphrase", "kennwort", "pwd", "pw", "secret"),
    *("token", "credential", "api-key", "apikey", "access_key", "account\N{KELVIN SIGN}ey", "shared access"),
    *("private-key", "sas"),
    *("sse-c-key", "cpk-by-value", "signature", "sig", "file", "authorization", "set-cookie", "cookie", "bearer"),
    *("basic", "identified", "by", "with", "user", "using", "auth", "login", "connect", "s3", "https", "<", ">"),
    *("hooks.slack.com/services/", "api.telegram.org/bot", "discord.com/api/webhooks/", "hc-ping.com/"),
    *("x.webhook.office.com/webhookb2/", "-----BEGIN ", "RSA PRIVATE" + " KEY-----", "github_pat_", "0123456789abcdef"),
    *("eyJhbGciOiJI", ".eyJzdWIi.", "ghp_", "glpat-", "xoxb-", "sk_live_", "SG.", "hvs.", "AIza", "ya29.", "npm_"),
    *("a", " ", "\n", ":", "=", "&", ";", ",", "/", "://", "@", "?", "'", '"', "(", ")", "--", "-", "_", ".", "[", "]"),
    *("sv", "se"),
)


@given(st.lists(st.sampled_from(_PIECES), max_size=8).map("".join))
@example("ghr_0123456789abcdef")
@example("bas\u0131c 0123456789abcdef")
def test_what_has_no_sign_has_no_secret(text: str) -> None:
    assert redact(f"://\n{text}") == f"://\n{redact(text)}"
