# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Who plays a role about an item, and where they are."""

from gateway.model.record import Record


class Address(Record, frozen=True, kw_only=True, gc=False):
    """A postal address; `country` is ISO 3166-1 alpha-2, `lines` the street part as written.

    `number` and `post_office_box` are filled only where the source keeps them apart from the street.
    """

    lines: str | None = None
    city: str | None = None
    subdivision: str | None = None
    postcode: str | None = None
    country: str | None = None
    number: str | None = None
    post_office_box: str | None = None


class Party(Record, frozen=True, kw_only=True, gc=False):
    """A person or organisation in one role; `identifier_scheme` names who issued the identifier.

    `person_type` is the WCO code of EU ICS2 (1 natural person, 2 legal person, 3 association); no postal or
    CEB source carries it.
    """

    name: str | None = None
    identifier: str | None = None
    identifier_scheme: str | None = None
    address: Address | None = None
    telephone: str | None = None
    email: str | None = None
    person_type: str | None = None
