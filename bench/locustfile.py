"""Load on a running server: ``make load`` in one terminal while ``make run`` serves in another.

Locust reads ``VESTRY_TOKEN``; every simulated analyst reads the list of funds and then one fund after the other.
"""

from __future__ import annotations

import os
import random

from locust import HttpUser, between, task


class Analyst(HttpUser):
    """Looks at the funds and opens one, with a pause of a reader."""

    wait_time = between(0.1, 0.5)

    def on_start(self) -> None:
        """Every request carries the token."""
        self.client.headers["Authorization"] = f"Bearer {os.environ['VESTRY_TOKEN']}"
        self.funds: list[str] = []

    @task(3)
    def list_funds(self) -> None:
        """The first page of the funds; their ids are remembered."""
        answer = self.client.get("/api/v1/funds?limit=100", name="/funds")
        if answer.ok:
            self.funds = [fund["id"] for fund in answer.json()["items"]]

    @task(5)
    def open_fund(self) -> None:
        """One of the funds that were listed."""
        if self.funds:
            self.client.get(f"/api/v1/funds/{random.choice(self.funds)}", name="/funds/{id}")

    @task(1)
    def readiness(self) -> None:
        """What a load balancer asks."""
        self.client.get("/health/ready")
