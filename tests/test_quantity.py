"""Units of UN/ECE Recommendation 20, and conversion between them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suyuan.errors import InvalidInput
from suyuan.quantity import Quantity, convert, find_unit, units, units_like

CODES = sorted(units())
VALUES = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9))


@pytest.mark.parametrize(
    ("value", "uom", "wanted", "expected"),
    [
        ("0", "CEL", "FAH", "32"),
        ("-40", "CEL", "FAH", "-40"),
        ("100", "CEL", "KEL", "373.15"),
        ("1", "TNE", "KGM", "1000"),
        ("1", "LBR", "GRM", "453.59237"),
        ("1", "GLL", "LTR", "3.785411784"),
        ("36", "KMH", "MTS", "10"),
        ("2", "DZN", "H87", "24"),
        ("1", "ATM", "UA", "760"),
        ("1", "KWH", "3B", "3.6"),
        ("1", "SMI", "FOT", "5280"),
        ("1", "ACR", "YDK", "4840"),
    ],
)
def test_conversions_known_from_elsewhere_come_out(value, uom, wanted, expected):
    assert convert(Decimal(value), uom, wanted) == Decimal(expected)


def test_psi_is_pound_force_per_square_inch():
    force, area = find_unit("C78"), find_unit("INK")
    assert find_unit("PS").factor == force.factor / area.factor


@given(VALUES, st.sampled_from(CODES), st.data())
def test_there_and_back_is_the_same_to_30_digits(value, uom, data):
    wanted = data.draw(st.sampled_from([unit.code for unit in units_like(uom)]))
    back = convert(convert(value, uom, wanted), wanted, uom)
    slack = (abs(value) + 1000) * Decimal("1e-24")
    assert abs(back - value) <= slack


def test_a_spread_has_no_offset():
    assert convert(Decimal(1), "CEL", "FAH", is_difference=True) == Decimal("1.8")


def test_an_unknown_unit_is_told():
    with pytest.raises(InvalidInput) as caught:
        convert(Decimal(1), "KGM", "QQQ")
    assert caught.value.code == "quantity.unit_unknown"


def test_units_of_different_dimensions_do_not_convert():
    with pytest.raises(InvalidInput) as caught:
        Quantity(Decimal(1), "KGM").to("LTR")
    assert caught.value.code == "quantity.units_incompatible"


def test_every_factor_is_positive_and_every_code_is_well_formed():
    for code, unit in units().items():
        assert unit.factor > 0
        assert 2 <= len(code) <= 3
        assert code.isalnum()
        assert code.isupper() or code.isdigit()
