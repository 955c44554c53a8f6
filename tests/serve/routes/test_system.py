from fastapi.testclient import TestClient

from visreason import __version__
from visreason.serve.application import create_app
from visreason.serve.studio import Studio


def test_the_server_is_there_and_every_worker_works(client: TestClient, studio: Studio) -> None:
    assert client.get("/health").json() == {"status": "ok", "version": __version__}
    ready = client.get("/ready")
    assert ready.status_code == 200
    assert ready.json() == {"ready": True, "waiting": {worker.name: 0 for worker in studio.workers}}
    assert len(studio.workers) == len(studio.models) + 3  # renderer, finder of mistakes, index


def test_it_is_not_ready_once_it_shuts_down() -> None:
    studio = Studio()
    studio.close()
    ready = TestClient(create_app(studio), base_url="http://localhost").get("/api/v1/ready")
    assert (ready.status_code, ready.json()["ready"]) == (503, False)
