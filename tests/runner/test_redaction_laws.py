"""Whatever a password and a script are: the one is masked, and the other loses no character and no word."""

from hypothesis import given
from hypothesis import strategies as st

from jobreport.runner.command_lines.redact_words import redact_command, secrets_of
from jobreport.runner.command_lines.script_pieces import pieces

SECRET_WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=8).map(lambda text: f"Q{text}Q")


@given(SECRET_WORDS)
def test_whatever_a_password_is_it_is_masked(secret: str) -> None:
    for command in (
        ["env", f"RESTIC_PASSWORD={secret}", "restic", "backup"],
        ["tool", "--password", secret, f"--token={secret}"],
        ["docker", "run", "-e", f"A_SECRET={secret}", f"--env=API_KEY={secret}"],
        ["mysqldump", f"-p{secret}"],
        ["redis-cli", "-a", secret],
        ["curl", "-H", f"X-Auth-Token: {secret}"],
    ):
        assert secret not in "\n".join(redact_command(command))
        assert secrets_of(command) & {secret, secret.strip("'\" ")}


@given(st.text() | st.text("ab '\"\\|;&$()<>`\n\t2"))
def test_a_script_is_the_sum_of_its_pieces(script: str) -> None:
    assert "".join(piece if isinstance(piece, str) else piece.raw for piece in pieces(script)) == script


@given(st.lists(st.text() | st.sampled_from(["-p", "--", "--password", "bash", "-c", "echo", "=", ":", "login", "by"])))
def test_as_many_words_come_out_as_went_in(command: list[str]) -> None:
    assert len(redact_command(command)) == len(command)
