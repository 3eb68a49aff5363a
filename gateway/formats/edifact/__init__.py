# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""UN/EDIFACT syntax (ISO 9735, versions 3 and 4) driven by message guides that are data.

Reads interchanges as a stream, checks every message against its guide and says where every violation is;
writes interchanges, CONTRL and APERAK. This room knows no message of any directory and no mapping.
"""

from gateway.formats.edifact.aperak import Verdict, build_aperak
from gateway.formats.edifact.contrl import Report, build_contrl, syntax_error
from gateway.formats.edifact.fault import Fault
from gateway.formats.edifact.grammar import Node
from gateway.formats.edifact.guide import GroupUse, Guide, Identity, SegmentUse
from gateway.formats.edifact.guide_load import load_guide
from gateway.formats.edifact.interchange import (
    FunctionalGroup,
    Guides,
    Interchange,
    Limits,
    load_guides,
    own_guides,
)
from gateway.formats.edifact.layout import Laid, Layout
from gateway.formats.edifact.message import Message
from gateway.formats.edifact.read import Parsed, Reader, parse, read
from gateway.formats.edifact.service import Header
from gateway.formats.edifact.tokenise import ServiceCharacters, tokenise
from gateway.formats.edifact.tree import Group, Said, tree_of
from gateway.formats.edifact.write import Outgoing, Written, write_interchange, write_segments

__all__ = [
    "Fault",
    "FunctionalGroup",
    "Group",
    "GroupUse",
    "Guide",
    "Guides",
    "Header",
    "Identity",
    "Interchange",
    "Laid",
    "Layout",
    "Limits",
    "Message",
    "Node",
    "Outgoing",
    "Parsed",
    "Reader",
    "Report",
    "Said",
    "SegmentUse",
    "ServiceCharacters",
    "Verdict",
    "Written",
    "build_aperak",
    "build_contrl",
    "load_guide",
    "load_guides",
    "own_guides",
    "parse",
    "read",
    "syntax_error",
    "tokenise",
    "tree_of",
    "write_interchange",
    "write_segments",
]
