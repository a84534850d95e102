"""The cluster that a contract is held against: once the rehearsal room, once a real control plane."""

from collections.abc import Iterator

import pytest

from tests.contracts.clusters import Cluster, real, rehearsed


@pytest.fixture(scope="module", params=["rehearsed", pytest.param("real", marks=pytest.mark.control_plane)])
def cluster(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    if request.param == "real":
        yield real(request.getfixturevalue("lone_control_plane"))
        return
    yield from rehearsed(tmp_path_factory.mktemp("contract"))
