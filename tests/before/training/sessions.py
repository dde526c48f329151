"""Plans of training sessions for tests."""

from datetime import timedelta
from typing import Any

from hemicycle.before.training.actions import SessionPlan
from hemicycle.record import clock


def plan(**more: Any) -> SessionPlan:
    """Return the plan of a session in five days, half an hour long, with two places."""
    facts: dict[str, Any] = {
        "starts_at": clock.now() + timedelta(days=5),
        "minutes": 30,
        "language": "en",
        "capacity": 2,
        "how": "Bring a headset.",
    }
    return SessionPlan(**{**facts, **more})
