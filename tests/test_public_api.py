# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The door for adapters: what stands in it is a promise, so a change here is a decision."""

from gateway import sdk

PROMISED = """
Acknowledgement Adapter AdapterError Address Answer Assessment Charge CodeList CodeMap CompiledTable
ConfigError ContentPiece Contribution ContributionKind Control Converter DecodedDocument
DecodedMessage Dispatch Document DocumentOutcome Encoded Event Facilitation Filing Finding FindingClass
FiscalReference Function GatewayError Group InputError Item Limits LineFiling Loss Mass Money
Opening Party Picture Plain PostalService Procedure Quantity Receptacle ReceptacleItem Record
Request Row Ruling Screening Seal Severity Statement Table TariffCode Tax Transport UnknownCode ceb
code_list_map code_map compile_table country currency document_table edifact explain explain_outside
finding has_errors hs impc leaf_types load_codelist load_table mrn pack_item s10 s8 s9 ucr uscc
values xml
"""


def test_the_sdk_offers_what_it_promises():
    """Nothing is added to or taken from the names that adapters may use without changing this list."""
    assert sorted(sdk.__all__) == sorted(PROMISED.split())
    assert all(hasattr(sdk, name) for name in sdk.__all__)
