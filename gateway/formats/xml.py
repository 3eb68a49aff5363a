# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""XML syntax in one place: hardened reading, one-walk extraction, writing (XML 1.0, Namespaces in XML 1.0).

This room knows no message. Names come back without their namespace; whoever calls decides what a missing
or foreign namespace means.
"""

from gateway.formats.xml_encoding import XmlLimits
from gateway.formats.xml_read import ParsedXml, children_text, local_name, namespace, parse, position
from gateway.formats.xml_write import Content, Written, write

__all__ = [
    "Content",
    "ParsedXml",
    "Written",
    "XmlLimits",
    "children_text",
    "local_name",
    "namespace",
    "parse",
    "position",
    "write",
]
