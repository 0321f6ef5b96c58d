"""The pieces of a simulation give the same bits wherever they run, and a pool that breaks costs nobody an answer."""

import os
from collections.abc import Iterator
from multiprocessing import parent_process
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.clusters import local_cluster
from vestry.core import executors
from vestry.core.cluster import Cluster
from vestry.core.settings import Settings
from vestry.kernel import cohorts
from vestry.kernel.churn import Spread
from vestry.kernel.errors import KernelError
from vestry.kernel.simulation.pieces import HERE

COURSE = 300 * 0.9 ** np.arange(24)
WORLD: dict[str, Any] = {
    "known": 2,
    "spread": Spread(drift=0.03, noise=0.3, refund_chance=0.05, refund_share=0.5),
    "thresholds": [cohorts.Threshold(3, "0.15")],
    "paths": 9_000,  # in three pieces, the last one shorter
}
ARRAYS = ("payment", "collected", "cap", "monthly_rates")


def simulated(runner: Any) -> Any:
    """A trade on drawn futures."""
    terms = cohorts.Terms("2024-01", "0.6", 1500)
    return cohorts.simulate_trade(COURSE, terms, 1000, rng=np.random.default_rng(7), runner=runner, **WORLD)


def solved(runner: Any) -> Any:
    """Terms tried on them."""
    aims = {"target_irr": "0.2", "largest_chance_of_loss": "0.3", "sharings": ["0.8", "0.5", "0.2"]}
    return cohorts.solve_terms(COURSE, 1000, rng=np.random.default_rng(7), runner=runner, **aims, **WORLD)


@pytest.fixture(scope="module")
def pools() -> Iterator[dict[str, executors.Pool]]:
    made = {"threads": executors.threads(2), "processes": executors.processes(2)}
    yield made
    for pool in made.values():
        pool.close()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with local_cluster(tmp_path, workers=2) as machines:
        made = Cluster(machines.address, seconds=30)
        yield made
        made.close()


def _die_in_a_pool(number: int) -> int:
    if parent_process() is not None:
        os._exit(9)
    return number + 1


def _refuse(number: int) -> int:
    raise KernelError(f"{number} is refused")


def _whose(_: int) -> int:
    return os.getpid()


def test_a_simulation_has_the_same_bits_on_every_executor(pools: dict[str, executors.Pool], cluster: Cluster) -> None:
    here, proposed = simulated(HERE), solved(HERE)
    assert here.paths == 9_000
    assert len(np.unique(here.brought)) > 1_000  # the pieces are not copies of one another
    everywhere: dict[str, executors.Pool | Cluster] = {**pools, "dask": cluster}
    assert os.getpid() not in cluster.run(_whose, range(4))
    for name, pool in everywhere.items():
        run = simulated(pool)
        assert all(getattr(run, array).tobytes() == getattr(here, array).tobytes() for array in ARRAYS), name
        assert (run.statuses, run.outlay, run.summary()) == (here.statuses, here.outlay, here.summary())
        assert solved(pool) == proposed


def test_a_piece_s_refusal_is_the_caller_s_and_a_broken_pool_leaves_the_work_to_the_caller(
    pools: dict[str, executors.Pool],
) -> None:
    for pool in pools.values():
        with pytest.raises(KernelError, match=r"^0 is refused$"):
            pool.run(_refuse, range(3))
    assert pools["processes"].run(_die_in_a_pool, range(3)) == [1, 2, 3]
    assert pools["processes"].run(abs, [-1, -2]) == [1, 2]  # a new pool


def test_the_setting_chooses_and_one_pool_serves_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen: dict[str, Any] = {"simulation_executor": "in_process", "simulation_workers": 2}
    monkeypatch.setattr(executors, "settings", lambda: Settings(**chosen))
    assert executors.runner() is HERE
    chosen["simulation_executor"] = "threads"
    pool = executors.runner()
    assert pool is executors.runner()
    assert pool.run(abs, [-1, -2]) == [1, 2]
    executors.close()
    assert pool is not executors.runner()
    chosen |= {"simulation_executor": "dask", "dask_scheduler": "tcp://127.0.0.1:1"}
    assert isinstance(executors.runner(), Cluster)
    executors.close()
