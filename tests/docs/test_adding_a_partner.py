# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The page on adding a partner, followed to the letter on two nodes of this machine."""

from tests.docs.pages import DOCS, Block, blocks, follow, missing


def test_page_can_be_followed(tmp_path):
    """Every block of the page does what the page says, from nothing to a revoked key."""
    assert follow(DOCS / "adding-a-partner.md", tmp_path) > 20


def test_promises_are_compared_in_order():
    """A promised line must come, whole and in order; an ellipsis stands for anything."""
    assert missing(("a …", "b"), "a 1\nx\nb\n") == ""
    assert missing(("b", "a …"), "a 1\nb\n") == "a …"
    assert missing(("a",), "a 1\n") == "a"


def test_blocks_carry_their_promise(tmp_path):
    """A text block belongs to the command before it; other fences are left alone."""
    page = tmp_path / "page.md"
    page.write_text("```sh cn\none\n```\n```text\nsaid\n```\n```toml\nx\n```\n<!-- stop cn -->\n")
    assert list(blocks(page)) == [Block(("sh", "cn"), "one\n", ("said",)), Block(("stop", "cn"), "")]
