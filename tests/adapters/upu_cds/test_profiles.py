# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Profiles decide what codes mean and which faults are told."""

import json

import pytest

from adapters.upu_cds import CdsAdapter
from adapters.upu_cds.profiles import FOLDER, faults, load_profiles
from gateway.sdk import ConfigError, Limits

ID = {"Id": "LX473124829CN", "PostingDt": "2026-03-01T09:30:00"}
SHIPPED = (FOLDER / "profiles.toml").read_text("utf-8")


@pytest.fixture(name="deploy")
def _deploy(tmp_path):
    """Return an adapter with profiles that differ from those shipped by one replacement."""

    def deploy(old, new):
        assert old in SHIPPED
        file = tmp_path / "profiles.toml"
        file.write_text(SHIPPED.replace(old, new), "utf-8")
        return CdsAdapter(load_profiles(file))

    return deploy


@pytest.mark.parametrize(
    ("code", "expected", "late"),
    [
        ("99", ("receipt", "registered"), False),
        ("105", ("receipt", "registered"), False),
        ("110", ("receipt", "registered"), True),
        ("111", ("receipt", "registered"), True),
        ("1", ("final", None), False),
        ("2", ("final", "release"), False),
        ("3", ("final", None), False),
        ("7", ("final", "hold"), False),
        ("8", ("final", None), False),
    ],
)
def test_the_sample_profile_knows_its_codes(read, told, code, expected, late):
    """Every code of the sample profile has its phase, and those that say that data was late are told."""
    message = read({"MailObject": ID, "Response": {"DecisionCd": code}}, Profile="India")
    said = message.documents[0].contributions[0].item.assessment
    assert (said.decision_code, (said.phase, said.outcome)) == (code, expected)
    assert told(message) == ([("CDS-LATE", "CDSView[1]/Response/DecisionCd")] if late else [])


@pytest.mark.parametrize(
    "view",
    [
        {"MailObject": ID, "Response": {"CustOrganizationCd": "INCUS", "DecisionCd": 99}},
        {"MailObject": {**ID, "DestPostOrgCd": "J1CINA"}, "Response": {"DecisionCd": 99}},
        {"MailObject": {**ID, "DestPostOrgCd": "INBOMA"}, "Response": {"ResponseData": {"DecisionCd": 99}}},
    ],
)
def test_the_receiving_customs_chooses_the_profile(read, told, view):
    """A code of customs or of the destination operator is enough to know what decision codes mean."""
    message = read(view)
    assert told(message) == []
    assert message.documents[0].contributions[0].item.assessment.phase == "receipt"


def test_a_named_profile_goes_before_the_country(read, told):
    """The profile that a message names decides even where a country would choose another."""
    view = {"MailObject": ID, "Response": {"CustOrganizationCd": "INCUS", "DecisionCd": 99}}
    assert told(read(view, Profile="default")) == [("CDS-DECISION-UNKNOWN", "CDSView[1]/Response/DecisionCd")]


def test_unknown_codes_pass(read):
    """A code that no profile knows is kept as it stands and settles nothing."""
    message = read({"MailObject": ID, "Response": {"DecisionCd": "ZZ-9"}})
    said = message.documents[0].contributions[0].item.assessment
    assert (said.decision_code, said.phase, said.outcome) == ("ZZ-9", None, None)


def test_every_soft_fault_is_told_and_the_record_processed(folder):
    """A declaration with every fault that can be checked without lists of the deployment is still taken."""
    raw = json.loads((folder / "bad_soft_faults.json").read_text("utf-8"))
    raw["CDSViews"][0]["MailObject"].update(Id="LX4731", PostingDt="2026-03-01", DestPostOrgCd="J1CINA")
    raw["CDSViews"][0]["Declaration"]["InsuredValueCurrencyCd"] = "QQQ"
    (document,) = CdsAdapter().decode(json.dumps(raw).encode(), Limits()).documents
    told = {one.rule for one in document.findings if one.code == "CDS-FAULT"}
    by_list = {"origin_operator_unknown", "destination_operator_unknown", "handling_class_unknown"}
    assert told == {one.name for one in faults()} - by_list
    assert len(document.contributions) == 1


def test_lists_of_the_deployment_are_checked(folder, deploy):
    """Operators and handling classes are compared once the profile lists them."""
    known = 'handling_classes = ["F"]\noperators = ["J1CINA"]\nreceipt ='
    adapter = deploy("handling_classes = []\noperators = []\nreceipt =", known)
    (document,) = adapter.decode((folder / "good_declaration.json").read_bytes(), Limits()).documents
    assert [one.rule for one in document.findings] == ["origin_operator_unknown", "handling_class_unknown"]


def test_a_profile_may_refuse_or_ignore_faults(folder, deploy):
    """The switch of a profile makes soft faults errors, or none at all."""
    raw = (folder / "bad_soft_faults.json").read_bytes()
    zone = 'zone = "+05:30"\nfaults = '
    (refused,) = deploy(f'{zone}"warning"', f'{zone}"error"').decode(raw, Limits()).documents
    assert refused.contributions == ()
    assert "CDS-FAULT-REFUSED" in {one.code for one in refused.findings}
    (ignored,) = deploy(f'{zone}"warning"', f'{zone}"off"').decode(raw, Limits()).documents
    assert {one.code for one in ignored.findings} == {"SCHEMA-CODE-UNKNOWN"}
    assert len(ignored.contributions) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('faults = "warning"', 'faults = "maybe"'),
        ('name = "India"', 'name = "default"'),
        ('zone = "Z"', "zone = 0"),
        ('zone = "Z"', "zone ="),
        ('zone = "Z"', 'zone = "Z"\nzones = 1'),
    ],
)
def test_a_wrong_table_of_profiles_is_refused(deploy, old, new):
    """A table that is not what it should be is named before any message is read."""
    with pytest.raises(ConfigError, match=r"profiles\.toml"):
        deploy(old, new)
