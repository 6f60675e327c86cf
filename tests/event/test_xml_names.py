"""Names and texts that XML cannot spell come back as they were."""

from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from suyuan.event._xml_names import Names, decode_name, decode_text, encode_name, encode_text

_ANY = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
_TRICKY = st.text(st.sampled_from("_x0015FDf a:-"), min_size=1, max_size=20)


@given(st.one_of(_ANY, _TRICKY))
@example("_x0000:")
def test_any_name_is_spelled_as_a_name_of_xml_and_comes_back(name: str) -> None:
    spelled = encode_name(name)
    etree.QName("https://acme.example/", spelled)  # refuses what is no name
    assert decode_name(spelled) == name


@given(st.one_of(_ANY, _TRICKY))
@example("_x0000\x01")
def test_any_text_is_spelled_with_characters_of_xml_and_comes_back(text: str) -> None:
    element = etree.Element("a")
    element.text = encode_text(text)  # refuses characters that XML has not
    assert decode_text(encode_text(text)) == text


def test_a_text_that_xml_can_spell_is_left_alone() -> None:
    assert encode_text("100 °C_x_x0041_, 一切正常") == "100 °C_x_x0041_, 一切正常"


def test_fnc1_is_spelled() -> None:
    assert encode_text("]d201\x1d21") == "]d201_x001D_21"


def _key(tag: str, nsmap: dict[str | None, str]) -> tuple[str, dict[str, str]]:
    element = etree.Element(tag, nsmap=nsmap)
    scope = Names().scope(element.nsmap)
    return scope.key(tag, element), scope.context.declared


def test_a_name_space_keeps_the_prefix_of_the_sender() -> None:
    key, declared = _key("{https://acme.example/}lot", {"acme": "https://acme.example/"})
    assert key == "acme:lot"
    assert declared == {"acme": "https://acme.example/"}


def test_a_standard_prefix_is_never_given_another_meaning() -> None:
    key, declared = _key("{https://acme.example/}lot", {"gs1": "https://acme.example/"})
    assert key == "gs12:lot"
    assert declared == {"gs12": "https://acme.example/"}


def test_a_prefix_that_looks_like_a_scheme_is_renamed() -> None:
    key, _ = _key("{https://acme.example/}lot", {"https": "https://acme.example/"})
    assert key == "https2:lot"


def test_a_prefix_that_no_uri_can_begin_with_is_renamed() -> None:
    assert _key("{https://acme.example/}lot", {"我": "https://acme.example/"})[0] == "ns:lot"


def test_cbv_master_data_needs_no_declaration() -> None:
    key, declared = _key("{urn:epcglobal:cbv:mda}lotNumber", {"m": "urn:epcglobal:cbv:mda"})
    assert key == "cbvmda:lotNumber"
    assert declared == {}
