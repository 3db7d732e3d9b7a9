"""Links: web addresses only, with the path quoted."""

from __future__ import annotations

import pytest

from domain.errors import BadSettings
from ingest.links import check, link_of


def test_the_path_is_filled_in_and_quoted() -> None:
    template = "https://wiki.example.com/{commit}/{stem}.html?raw={path}"
    check(template)
    assert (
        link_of(template, "a b/ü#?.md", "abc")
        == "https://wiki.example.com/abc/a%20b/%C3%BC%23%3F.html?raw=a%20b/%C3%BC%23%3F.md"
    )
    assert link_of("https://git.example.com/{commit}/{path}", "a.md", "") == "https://git.example.com/HEAD/a.md"
    assert link_of("", "a.md", "") == ""


@pytest.mark.parametrize(
    "template",
    ["javascript:alert(1)", "ftp://x.example/{path}", "/wiki/{path}", "https:///{path}", "https://{path}/", "https://x.example/{",
     "https://x.example/{name}", "https://x.example/{path.__class__}", "https://x.example/{path!r}", "https://x.example/{path:>9}",
     "https://x.example/{}", "https://user@x.example/{path}", "https://x.example/a b", "https://x.example/<{path}>",
     "https://x.example/\n{path}", "https://[x/{path}"],
)  # fmt: skip
def test_a_template_that_makes_no_web_link_is_refused(template: str) -> None:
    with pytest.raises(BadSettings):
        check(template)
