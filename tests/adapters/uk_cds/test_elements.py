# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.uk_cds import Schemas, pointers
from adapters.uk_cds.catalogue import elements, table
from gateway.sdk import ConfigError

PARTS = st.text(alphabet="0123456789AB./[]% -", max_size=4)


def names(element, path=""):
    """Yield every element path of a schema model, in order."""
    here = f"{path}/{element.name}".lstrip("/")
    yield here
    for one in element.children:
        if one.name != "DateTimeString":
            yield from names(one, here)


@pytest.mark.parametrize("name", ["DEC", "RES"])
def test_the_list_of_elements_is_that_of_the_schema(official, name) -> None:
    """Same elements, same order, for both documents."""
    assert list(elements(name)) == list(names(official.model(name).root))


@pytest.mark.parametrize("name", ["DEC", "RES"])
def test_a_row_is_as_wide_as_the_schema(official, name) -> None:
    """No limit of a table is narrower than the schema's, so that nothing valid is refused."""

    def find(element, steps):
        for step in steps:
            element = next(one for one in element.children if one.name == step)
        return element

    for group in table(name).groups:
        for row in group.rows:
            if "@" in row.outside or "[" in row.outside or row.outside == "Pointer":
                continue
            steps = f"{group.name}/{row.outside}".split("/")[1:]
            facets = find(official.model(name).root, steps).value.facets
            if row.type == "C":
                most = int(facets.get("maxLength") or facets.get("length"))
                assert row.length[1] == most, (row.outside, facets)
            else:
                assert row.digits == (int(facets["totalDigits"]), int(facets["fractionDigits"])), row.outside
                assert row.signed


@given(st.lists(st.tuples(PARTS, PARTS, PARTS), min_size=1, max_size=5))
def test_any_chain_of_pointers_comes_back(chain) -> None:
    """A kept path gives back exactly the segments it was made of, whatever is in them."""
    path = ""
    for segment in chain:
        path = pointers.join(path, segment)
    assert pointers.split(path) == chain
    assert pointers.kept(pointers.canonical(path)) == path


def test_every_mapped_path_has_its_pointers() -> None:
    """A canonical path of a mapped element becomes pointers and the same path again."""
    done = 0
    for group in table("DEC").groups:
        for row in group.rows:
            if row.path and "@" not in row.outside:
                path = row.path.replace("[]", "[2]")
                kept = pointers.kept(path)
                assert kept.startswith("wco:42A"), path
                done += pointers.canonical(kept) == path
    assert done > 90


@pytest.mark.parametrize("path", ["postal.mail_class", "content[1]", "", "nothing.at.all"])
def test_a_path_of_no_element_has_no_pointers(path) -> None:
    """What a declaration cannot say has no place to point to."""
    assert pointers.kept(path) == ""


def test_a_folder_without_the_schemas_is_a_fault_of_configuration(tmp_path) -> None:
    """The operator is told which file is missing."""
    with pytest.raises(ConfigError, match="WCO_DEC_2_DMS"):
        Schemas(tmp_path)


def test_another_copy_of_the_schemas_is_refused(official, tmp_path) -> None:
    """Sets with the same namespaces differ, so the files are pinned by digest."""
    place = tmp_path / "uk_cds/public/api/conf/3.0/schemas/wco/declaration"
    place.mkdir(parents=True)
    (place / "WCO_DEC_2_DMS.xsd").write_bytes(
        (official.FOLDER / "declaration/WCO_DEC_2_DMS.xsd").read_bytes() + b"\n"
    )
    with pytest.raises(ConfigError, match="not the schema"):
        Schemas(tmp_path)
