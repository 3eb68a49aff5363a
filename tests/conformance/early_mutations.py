# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Mutations of what a gateway decides when it starts; each needs a gateway of its own."""

import grpc

from gateway.server import identity, interceptors, serve


def connections_without_certificate(patch):
    """Ask nobody for a certificate, and take who shows none for the kit."""
    make = grpc.dynamic_ssl_server_credentials
    patch.setattr(grpc, "dynamic_ssl_server_credentials", lambda one, fetch, _: make(one, fetch, False))
    identify = interceptors.identify

    def careless(context, identifier):
        if not context.auth_context().get("x509_pem_cert"):
            identity._caller.set("kit")
            return "kit"
        return identify(context, identifier)

    patch.setattr(interceptors, "identify", careless)


def frames_of_any_size(patch):
    """Take messages of any size, compressed or not."""
    bounded = ("grpc.max_receive_message_length", "grpc.compression_enabled_algorithms_bitset")
    options = serve._options

    def careless(*arguments):
        kept = [one for one in options(*arguments) if one[0] not in bounded]
        return [*kept, ("grpc.max_receive_message_length", -1)]

    patch.setattr(serve, "_options", careless)
