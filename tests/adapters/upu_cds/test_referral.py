# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What operators and customs say in views moves the referral loop of the gateway."""

import pytest

from tests.document_bench import DocumentBench

ID = {"Id": "LX473124829CN", "PostingDt": "2026-03-01T09:30:00"}
CUSTOMS = "partner:in-customs|in-post"


@pytest.fixture(name="say")
def _say(read):
    """Let a party say views to one bench; return the codes and what has become of the referrals."""
    bench = DocumentBench()

    def say(*views, scope="own|"):
        codes = []
        for document in read(*views).documents:
            for one in document.contributions:
                codes += bench.codes(one, scope=scope)
        return codes, [state for _, _, state in bench.referrals()]

    return say


def asks(outcome, **more):
    """Return what customs asks."""
    return {
        "MailObject": ID,
        "Response": {"CustOrganizationCd": "INCUS"},
        "Referral": {"Reference": "R-77", "Outcome": outcome, "Phase": "pre_loading"},
    } | more


def test_a_screening_that_is_asked_for_is_answered_and_released(say):
    """Question, answer and decision are correlated by item, posting date and referral number."""
    assert say(asks("rfs"), scope=CUSTOMS) == ([], ["open"])
    answer = {"Reference": "R-77", "Kind": "screening", "Result": "clear"}
    assert say({"MailObject": ID, "ReferralResponse": answer}) == ([], ["answered"])
    decision = {"CustOrganizationCd": "INCUS", "DecisionCd": 2}
    assert say({"MailObject": ID, "Response": decision}, scope=CUSTOMS) == ([], ["released"])


def test_a_prohibition_is_lifted_only_by_taking_it_back(say):
    """No decision code clears a prohibition; the same view with the function delete does."""
    assert say(asks("dnl"), scope=CUSTOMS) == ([], ["blocked"])
    decision = {"CustOrganizationCd": "INCUS", "DecisionCd": 2}
    _, states = say({"MailObject": ID, "Response": decision}, scope=CUSTOMS)
    assert states == ["blocked"]
    _, states = say(asks("dnl", Function="delete"), scope=CUSTOMS)
    assert states == ["released"]


def test_loading_during_a_referral_is_told(say):
    """An event post that says that the item left gets the finding while customs still waits."""
    say(asks("rfi"), scope=CUSTOMS)
    codes, _ = say({"MailObject": ID, "Event": {"Code": "EMC", "At": "2026-03-03T06:20:00Z"}})
    assert codes == ["REFERRAL-LOADED"]


def test_a_declaration_sent_again_repeats_the_first(say):
    """The key is item number and posting date: the same words repeat, another posting is another item."""
    view = {"MailObject": ID, "Declaration": {"RecipientName": "Asha Example"}}
    assert say(view)[0] == []
    assert say(view)[0] == ["ASSEMBLE-REPEATED"]
    other = {"MailObject": {**ID, "PostingDt": "2027-06-01T00:00:00"}, "Declaration": {}}
    assert "ASSEMBLE-REPEATED" not in say(other)[0]
