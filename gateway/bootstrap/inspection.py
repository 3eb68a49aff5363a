# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Join the steps of inspection before shipment."""

import os
from collections.abc import Callable

from gateway.agreement import AgreementSet
from gateway.clock import system_clock
from gateway.config import Config
from gateway.exchange.following import Follows
from gateway.exchange.journal import Journal
from gateway.exchange.rollup_ports import Census
from gateway.store import SqlStore, TimeIds
from gateway.trade.control_acts import Offices
from gateway.trade.controls import Controls
from gateway.trade.inspection import Inspection
from gateway.trade.inspection_data import load_pilot
from gateway.trade.own_records import Speaker
from gateway.trade.recognition import Recogniser
from gateway.trade.recognition_answers import Answers
from gateway.trade.recognition_rules import load_rules
from gateway.trade.recognitions import Recognitions


class InspectionSteps:
    """What records controls, follows those of partners, and answers about both."""

    def __init__(
        self,
        config: Config,
        store: SqlStore,
        *,
        ids: TimeIds,
        journal: Journal,
        agreements: AgreementSet,
        wake: Callable[[frozenset[str]], None],
        census: Callable[[], Census],
    ) -> None:
        """Build every step with explicit doors.

        Raises:
            ConfigError: a file of dated data or rules is absent or wrong.
        """
        organisation, settings = config.node.organisation, config.inspection
        speaker = Speaker(ids=ids, random=os.urandom, census=census)
        self.rules = load_rules(settings.recognition, settings.sample_key)
        recogniser = Recogniser(
            organisation=organisation, ids=ids, journal=journal, speaker=speaker, rules=self.rules
        )
        self.controls = Controls(
            organisation=organisation,
            store=store,
            ids=ids,
            clock=system_clock,
            random=os.urandom,
            journal=journal,
            agreements=agreements,
            wake=wake,
            speaker=speaker,
            offices=Offices(settings.offices, load_pilot(settings.pilot)),
        )
        self.recognitions = Recognitions(
            organisation=organisation,
            store=store,
            ids=ids,
            clock=system_clock,
            agreements=agreements,
            wake=wake,
            recogniser=recogniser,
        )
        # A node that takes no part in controls asks nothing of its messages.
        self.follows: Follows | None = None
        if settings.offices or self.rules is not None:
            self.follows = Inspection(
                ids=ids,
                speaker=speaker,
                recogniser=recogniser,
                answers=Answers(organisation=organisation, ids=ids),
                recorders=settings.recorders,
                controls=bool(settings.offices),
            )
