"""What the tests of fleets and paces share."""

from __future__ import annotations
