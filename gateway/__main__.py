# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`python -m gateway` is the command `gateway`."""

from gateway.cli import main

if __name__ == "__main__":
    main()
