"""HTML as text: a row is a line, with tabs between its cells, and a table for layout is none."""

import pytest

from jobreport.inbox.mail.html import HtmlError, text_of


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("hello", "hello"),
        ("<p>one\n two</p>three<br>four <b>five</b>", "one two\nthree\nfour five"),
        ("<table><tr><th>Name<th>State<tr><td>vm1</td> <td>Success</td></tr></table>", "Name\tState\nvm1\tSuccess"),
        ("<table><tr><td>vm1<td><p>a</p><p>b<td></table>", "vm1\ta b"),
        ("<table><tr><td></td><td>x</td></tr></table>", "\tx"),
        ("<table><tr><td><p>one</p><p>two</p></td></tr></table>", "one\ntwo"),
        ("<table><tr><td>&nbsp;<td>one<br>two<td></table>", "one\ntwo"),
        ("<table><tr><td>a<table><tr><td>b<td>c</table>d<td>e</table>", "a\nb\tc\nd\ne"),
        ("<head><title>no</title><style>p{}</style></head><script>x</script><body>yes", "yes"),
        ("<pre>a  b\n  c\n\nd</pre>", "a  b\n  c\nd"),
        ("<ul><li>a<li>b</ul>&uuml;&#8203;&amp;&nbsp;x", "a\nb\nü& x"),
        ('<?xml version="1.0" encoding="latin-1"?><meta charset="latin-1"><p>Größe', "Größe"),
        ("a<!-- no --><![if !mso]>b<![endif]>c", "abc"),
        ("a</td></tr></table>b</pre></body></html>c", "ab\nc"),
        ("a\u202eb", "ab"),
    ],
)
def test_html_is_read_as_text(html: str, text: str) -> None:
    assert text_of(html) == text


def test_html_that_is_nested_too_deep_is_refused() -> None:
    with pytest.raises(HtmlError, match="500 elements"):
        text_of("<table><tr><td>" * 5000 + "x")
