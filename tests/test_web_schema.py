"""Whatever the description of the API allows, the service answers with what it describes, and never with a defect."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

schemathesis = pytest.importorskip("schemathesis")
pytest.importorskip("fastapi")

from fastapi.testclient import TestClient  # noqa: E402
from hypothesis import HealthCheck, Phase, given, settings  # noqa: E402
from web_engines import small_engine  # noqa: E402
from web_tasks import anything  # noqa: E402

from ecumene.web.app import create_app  # noqa: E402

HERE = "http://127.0.0.1"
ENDLESS = "/events"
"""A stream that ends with its run only; tested elsewhere."""

OPERATIONS = 19

KNOWN = {"/worlds/": "small", "/orders/{name}": "two-blocs"}
"""What is there, by path; elsewhere a name is that of a run."""

SECONDS = 45.0
"""For all operations together."""

LEAST = 5
"""Times that each is asked, however long it takes, where there is so much to ask."""


def _try(client: TestClient, description: dict[str, Any], operation: Any, known: str) -> None:
    """Ask one operation whatever its description allows, for its share of the time; half the time of what is there."""
    asked = {"count": 0}
    end = time.monotonic() + SECONDS / OPERATIONS

    @given(case=operation.as_strategy())
    @settings(
        max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None,
        phases=(Phase.explicit, Phase.generate), derandomize=True,
    )  # fmt: skip
    def answers(case: Any) -> None:
        if asked["count"] >= LEAST and time.monotonic() > end:
            return
        asked["count"] += 1
        if asked["count"] % 2 and "name" in case.path_parameters:
            case.path_parameters["name"] = known
        told = case.as_transport_kwargs(base_url=HERE)
        told.pop("cookies", None)
        answer = client.request(**told)
        assert answer.status_code < 500, answer.text
        described = description["paths"][operation.path][operation.method.lower()]["responses"]
        assert str(answer.status_code) in described, (answer.status_code, answer.text)
        if answer.status_code >= 400:
            assert set(answer.json()) == {"detail", "problems"}

    answers()
    assert asked["count"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_every_operation_answers_as_described(tmp_path: Path) -> None:
    app = create_app(small_engine(tmp_path, anything))
    with TestClient(app, base_url=HERE) as client:
        description = client.get("/api/openapi.json").json()
        schema = schemathesis.openapi.from_dict(description)
        operations = [found.ok() for found in schema.get_all_operations()]
        tried = [operation for operation in operations if not operation.path.endswith(ENDLESS)]
        assert len(tried) == len(operations) - 1 == OPERATIONS
        for operation in tried:
            run = client.post("/api/runs", json={"orders": ["today"]}).json()["id"]
            known = next((name for part, name in KNOWN.items() if part in operation.path), run)
            _try(client, description, operation, known)
