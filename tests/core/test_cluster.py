"""Simulations on a Dask cluster: an answer in time, whatever becomes of the cluster."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Timer

import pytest

from tests.clusters import LocalCluster, local_cluster
from tests.ports import free_port
from vestry.core import cluster
from vestry.core.cluster import Cluster, ClusterAway, WorkerDiffers
from vestry.kernel.errors import KernelError


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    with local_cluster(tmp_path_factory.mktemp("dask"), workers=2) as made:
        yield made


@pytest.fixture
def lent(machines: LocalCluster) -> Iterator[Cluster]:
    made = Cluster(machines.address, seconds=20)
    yield made
    made.close()


def _refuse(number: int) -> int:
    raise KernelError(f"{number} is refused")


def _print(_: int) -> str:
    return cluster.fingerprint()


def _end_the_worker(given: tuple[Path, int]) -> int:
    """In this folder so many times, whoever is asked."""
    folder, times = given
    for number in range(times):
        try:
            (folder / str(number)).touch(exist_ok=False)
        except FileExistsError:
            continue
        os._exit(9)
    return times


def test_a_refusal_on_a_worker_is_the_caller_s(lent: Cluster) -> None:
    with pytest.raises(KernelError, match=r"^\d is refused$"):
        lent.run(_refuse, range(3))


def test_a_worker_that_would_compute_other_bits_refuses_its_piece(lent: Cluster) -> None:
    assert set(lent.run(_print, range(4))) == {cluster.fingerprint()}
    with pytest.raises(WorkerDiffers, match="other packages"):
        cluster._worked(abs, "of another processor", -1)


def test_a_simulation_that_takes_too_long_is_given_up_and_the_cluster_is_free_again(
    machines: LocalCluster, lent: Cluster
) -> None:
    hasty = Cluster(machines.address, seconds=0.5)
    with pytest.raises(ClusterAway, match=r"within 0\.5 s"):
        hasty.run(time.sleep, [1.0] * 60)
    assert lent.run(abs, [-1, -2]) == [1, 2]  # most of the sixty were let go of: they would take half a minute
    hasty.close()


def test_a_piece_whose_worker_dies_is_done_by_another_one(
    machines: LocalCluster, lent: Cluster, tmp_path: Path
) -> None:
    assert lent.run(_end_the_worker, [(tmp_path, 1)] * 2) == [1, 1]
    machines.work()


def test_a_piece_that_ends_every_worker_is_refused(machines: LocalCluster, lent: Cluster, tmp_path: Path) -> None:
    with pytest.raises(ClusterAway, match="Every worker"):
        lent.run(_end_the_worker, [(tmp_path, 9), (tmp_path, 0)])
    machines.work()
    assert lent.run(abs, [-1, -2]) == [1, 2]


def test_a_scheduler_that_ends_half_way_is_an_outage_until_it_is_back(machines: LocalCluster, lent: Cluster) -> None:
    Timer(0.5, machines.scheduler.kill).start()
    started = time.monotonic()
    with pytest.raises(ClusterAway, match="does not answer"):
        lent.run(time.sleep, [30.0] * 2)
    with pytest.raises(ClusterAway, match="does not answer"):
        lent.run(abs, [-1, -2])
    assert time.monotonic() - started < 15  # and not the thirty seconds of its pieces

    machines.schedule()
    machines.work()
    time.sleep(cluster.PAUSE_S)
    assert lent.run(abs, [-1, -2]) == [1, 2]


def test_a_scheduler_that_hangs_is_answered_in_time(machines: LocalCluster) -> None:
    patient = Cluster(machines.address, seconds=1)
    assert patient.run(abs, [-1, -2]) == [1, 2]
    machines.scheduler.send_signal(signal.SIGSTOP)
    with pytest.raises(ClusterAway, match="within 1 s"):
        patient.run(abs, [-1, -2])
    with pytest.raises(ClusterAway, match="does not answer"):
        Cluster(machines.address, seconds=60).run(abs, [-1, -2])
    machines.scheduler.send_signal(signal.SIGCONT)
    assert patient.run(abs, [-1, -2]) == [1, 2]
    patient.close()


def test_a_single_piece_needs_no_cluster() -> None:
    nobody = Cluster(f"tcp://127.0.0.1:{free_port()}", seconds=5)
    assert nobody.run(abs, [-1]) == [1]
    with pytest.raises(ClusterAway, match="does not answer"):
        nobody.run(abs, [-1, -2])
    nobody.close()
