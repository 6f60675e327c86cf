"""Every code that the package raises has a text, and every text a code."""

import re
import tomllib
from pathlib import Path

import suyuan.tlog
from suyuan.errors import message_catalogue

FOLDER = Path(suyuan.tlog.__file__).parent
CODE = re.compile(r'"(tlog\.[a-z_]+)"')
IN_PROSE = re.compile(r"`(tlog\.[a-z_]+)`")


def test_every_code_has_a_text_and_every_text_a_code():
    sources = "".join(page.read_text() for page in FOLDER.glob("*.py"))
    texts = tomllib.loads((FOLDER / "messages.toml").read_text(encoding="utf-8"))
    assert set(CODE.findall(sources)) == set(texts)
    assert set(IN_PROSE.findall(sources)) <= set(texts)


def test_texts_are_in_both_languages_with_the_same_facts():
    for code, text in message_catalogue().items():
        if code.startswith("tlog."):
            assert set(text) == {"en", "zh"}
            names = [set(re.findall(r"\{(\w+)\}", text[language])) for language in ("en", "zh")]
            assert names[0] == names[1], code
            assert not text["en"].endswith(".")
            assert not text["zh"].endswith("。")


def test_package_offers_what_it_lists():
    assert all(hasattr(suyuan.tlog, name) for name in suyuan.tlog.__all__)
    public = {
        name
        for name, value in vars(suyuan.tlog).items()
        if not name.startswith("_") and getattr(value, "__module__", "").startswith("suyuan.tlog")
    }
    assert public <= set(suyuan.tlog.__all__)
