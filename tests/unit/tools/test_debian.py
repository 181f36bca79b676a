"""Deriving the source of another Debian suite from the machine's own sources."""

from pathlib import Path

import pytest

from tools.offline.debian import Source, deb822_sources, one_line_sources, renamed, sources_of, stanza

DEB822 = """\
# A note above the stanza
Types: deb deb-src
# and one inside it
URIs: http://mirror.test/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian.gpg

Types: deb
URIs: http://mirror.test/debian-security
Suites: bookworm-security
Components: main
"""
ONE_LINE = """\
# deb http://mirror.test/commented bookworm main
deb [arch=amd64,arm64 signed-by=/usr/share/keyrings/debian.gpg] http://mirror.test/debian bookworm main # why
deb-src http://mirror.test/debian bookworm main
deb http://mirror.test/debian-security bookworm-security main
"""


def forky(sources: list[Source]) -> list[Source]:
    return renamed(sources, "bookworm", "forky")


@pytest.mark.parametrize(
    "sources",
    [list(deb822_sources(DEB822)), list(one_line_sources(ONE_LINE))],
    ids=["deb822", "one line"],
)
def test_only_the_main_archive_of_the_release_is_taken_and_renamed(sources: list[Source]) -> None:
    (source,) = forky(sources)
    assert source["types"] == "deb"
    assert source["uris"] == "http://mirror.test/debian"
    assert source["suites"] == "forky"
    assert source["components"] == "main"
    assert source["signed-by"] == "/usr/share/keyrings/debian.gpg"
    assert source["check-valid-until"] == "no"


def test_options_of_one_line_sources_keep_their_meaning() -> None:
    (source,) = forky(list(one_line_sources(ONE_LINE)))
    assert source["architectures"] == "amd64 arm64"


@pytest.mark.parametrize(
    "line",
    [
        "deb https://vendor.test/apt bookworm stable",
        "deb https://vendor.test/apt nodistro main",
        "deb https://vendor.test/apt tool-bookworm main",
        "deb-src http://mirror.test/debian bookworm main",
    ],
)
def test_sources_of_other_publishers_are_left_out(line: str) -> None:
    assert forky(list(one_line_sources(line))) == []


def test_a_source_that_is_switched_off_is_left_out() -> None:
    assert forky(list(deb822_sources("Enabled: no\n" + DEB822.partition("\n\n")[0]))) == []


def test_a_key_written_into_the_source_is_kept_whole() -> None:
    key = "\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINBF\n -----END PGP PUBLIC KEY BLOCK-----\n"
    text = f"Types: deb\nURIs: http://mirror.test/debian\nSuites: bookworm\nComponents: main\nSigned-By:{key}"
    (source,) = forky(list(deb822_sources(text)))
    assert f"Signed-By: {key}" in stanza(source)


def test_both_formats_are_read_from_apts_folder(tmp_path: Path) -> None:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list").write_text("deb http://one.test/debian bookworm main\n")
    (tmp_path / "sources.list.d" / "two.sources").write_text(DEB822)
    (tmp_path / "sources.list.d" / "old.list.bak").write_text("deb http://bak.test/debian bookworm main\n")
    sources = forky(sources_of(tmp_path))
    assert [source["uris"] for source in sources] == ["http://one.test/debian", "http://mirror.test/debian"]
