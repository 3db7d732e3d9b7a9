"""Pages of HTML as Markdown: what a reader sees of them, in the same form."""

from __future__ import annotations

import pytest

from domain.errors import BadDocument

pytest.importorskip("bs4", reason="Beautiful Soup is not installed: pages of HTML are not read")
pytest.importorskip("markdownify", reason="markdownify is not installed: pages of HTML are not read")

from ingest.html_pages import read


def text(html: str) -> str:
    return read(html)[0]


def test_headings_lists_tables_and_code_keep_their_form() -> None:
    html = """<h1>Disk <a class="headerlink" href="#x">¶</a></h1><h2>Mitigation</h2>
    <ol><li><p>Look:</p><pre><code class="language-bash">kubectl get pods &lt;name&gt;\n  # two</code></pre></li>
    <li>Then <b>restart</b><ul><li>one</li></ul></li></ol>
    <table><tr><th>Alert</th><th>Do</th></tr><tr><td>A|B</td><td>x<br>y</td></tr></table>
    <dl><dt>Impact</dt><dd>Orders fail.</dd></dl>"""
    assert text(html).splitlines() == [
        "# Disk",
        "",
        "## Mitigation",
        "",
        "1. Look:",
        "",
        "   ```bash",
        "   kubectl get pods <name>",
        "     # two",
        "   ```",
        "2. Then **restart**",
        "   - one",
        "",
        "| Alert | Do |",
        "| --- | --- |",
        "| A\\|B | x y |",
        "",
        "**Impact**",
        "",
        "Orders fail.",
    ]


@pytest.mark.parametrize(
    "part",
    [
        "<script>secret</script>",
        "<style>secret</style>",
        "<nav>secret</nav>",
        "<footer>secret</footer>",
        "<header>secret</header>",
        "<!-- secret -->",
        "<p hidden>secret</p>",
        '<p style="display: none">secret</p>',
        '<div role="navigation">secret</div>',
        "<template>secret</template>",
    ],
)
def test_what_is_no_part_of_the_page_is_dropped(part: str) -> None:
    assert text(f"<body>{part}<p>Seen.</p>{part}</body>") == "Seen.\n"


def test_only_the_main_part_counts_where_the_page_names_one() -> None:
    assert text("<div>menu</div><main><header>Intro</header><p>Seen.</p></main>") == "Intro\n\nSeen.\n"


@pytest.mark.parametrize(
    "words", ["- a", "# a", "1. a", "> a", "5 * 3 < 20", "_a_", "`a`", "--- a", r"C:\new", "a_b_c"]
)
def test_text_is_never_taken_for_markup(words: str) -> None:
    from_markdown = pytest.importorskip("markdown_it").MarkdownIt("commonmark").render
    shown = words.replace("<", "&lt;").replace(">", "&gt;")
    assert from_markdown(text(f"<p>{shown}</p>")) == f"<p>{shown}</p>\n"


def test_names_with_underscores_stay_whole() -> None:
    assert text("<p>kube_pod_info and go_gc</p>") == "kube_pod_info and go_gc\n"


def test_code_cannot_end_its_own_fence() -> None:
    assert text("<pre>a\n```\nb</pre>") == "````\na\n```\nb\n````\n"


def test_the_meta_elements_are_what_the_page_says_of_itself() -> None:
    html = '<head><title>T</title><meta name=" Allow" content="a, b"><meta charset="utf-8"></head><body>x</body>'
    assert read(html)[1] == (("allow", "a, b"), ("title", "T"))


def test_the_first_heading_names_a_page_before_its_title_does() -> None:
    assert read("<title>Disk - Wiki</title><h1>Disk</h1>")[1] == ()


def test_endless_nesting_is_refused() -> None:
    with pytest.raises(BadDocument, match="nested too deeply"):
        read("<div><b>" * 20_000 + "x")
