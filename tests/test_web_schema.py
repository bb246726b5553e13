"""Whatever the description of the API allows, the service answers with what it describes, and never with a defect."""

from __future__ import annotations

from pathlib import Path

import pytest

schemathesis = pytest.importorskip("schemathesis")
pytest.importorskip("fastapi")

from fastapi.testclient import TestClient  # noqa: E402
from hypothesis import HealthCheck, given, settings  # noqa: E402
from web_engines import small_engine  # noqa: E402

from ecumene.web.app import create_app  # noqa: E402

HERE = "http://127.0.0.1"
KNOWN = {200, 202, 400, 403, 404, 405, 409, 413, 415, 422, 429}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_every_operation_answers_as_described(tmp_path: Path) -> None:
    app = create_app(small_engine(tmp_path))
    seen = []
    with TestClient(app, base_url=HERE) as client:
        schema = schemathesis.openapi.from_dict(client.get("/api/openapi.json").json())
        for operation in schema.get_all_operations():
            found = operation.ok()
            if found.path.endswith("/events"):  # ends with its run only
                continue

            @given(case=found.as_strategy())
            @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None)
            def answers(case) -> None:
                told = case.as_transport_kwargs(base_url=HERE)
                told.pop("cookies", None)
                assert client.request(**told).status_code in KNOWN

            answers()
            seen.append((found.method, found.path))
    assert len(seen) == 6
