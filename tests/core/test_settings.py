"""Settings that cannot be are refused by name, without telling what they are."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from vestry.core import settings as module


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    module.settings.cache_clear()
    yield monkeypatch
    module.settings.cache_clear()


def test_a_setting_of_the_wrong_kind_is_named_by_its_variable(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PORT", "eighty")
    environment.setenv("VESTRY_POOL_SIZE", "0")

    with pytest.raises(module.WrongSettings) as refused:
        module.settings()

    assert {fault.path for fault in refused.value.faults} == {"VESTRY_PORT", "VESTRY_POOL_SIZE"}


@pytest.mark.parametrize("key", ["", "short", "a" * 64])
def test_production_refuses_a_missing_or_weak_secret_and_does_not_repeat_it(
    environment: pytest.MonkeyPatch, key: str
) -> None:
    environment.setenv("VESTRY_ENVIRONMENT", "production")
    environment.setenv("VESTRY_SECRET_KEY", key)

    with pytest.raises(module.WrongSettings) as refused:
        module.settings()

    told = str([refused.value.message, refused.value.mend, refused.value.faults])
    assert "VESTRY_SECRET_KEY is missing or weak" in told
    assert not key or key not in told


def test_production_starts_with_a_strong_secret(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("VESTRY_ENVIRONMENT", "production")
    environment.setenv("VESTRY_SECRET_KEY", "q8Zr1-vLk3_TnXw5Yb7Gd9Jf2Hs4Mc6P")
    environment.setenv("VESTRY_AUDIT_KEY", "w8Zr1-vLk3_TnXw5Yb7Gd9Jf2Hs4Mc6P")

    assert module.settings().environment == "production"


@pytest.mark.parametrize("key", [None, "short", "a" * 64])
def test_production_refuses_a_missing_or_weak_audit_key(
    environment: pytest.MonkeyPatch, tmp_path: Path, key: str | None
) -> None:
    environment.setenv("VESTRY_HOME", str(tmp_path))
    environment.setenv("VESTRY_ENVIRONMENT", "production")
    environment.setenv("VESTRY_SECRET_KEY", "q8Zr1-vLk3_TnXw5Yb7Gd9Jf2Hs4Mc6P")
    if key is not None:
        environment.setenv("VESTRY_AUDIT_KEY", key)

    with pytest.raises(module.WrongSettings) as refused:
        module.settings()

    told = str(refused.value.faults)
    assert "VESTRY_AUDIT_KEY is " in told
    assert key is None or key not in told


@pytest.mark.parametrize("address", [None, "", "cluster:8786", "tcp://cluster", "http://cluster:8786", "tcp://a@b:1"])
def test_simulations_on_a_cluster_need_its_scheduler(environment: pytest.MonkeyPatch, address: str | None) -> None:
    environment.setenv("VESTRY_SIMULATION_EXECUTOR", "dask")
    if address is not None:
        environment.setenv("VESTRY_DASK_SCHEDULER", address)

    with pytest.raises(module.WrongSettings) as refused:
        module.settings()

    assert "VESTRY_DASK_SCHEDULER: tcp://host:port" in str(refused.value.faults)


def test_simulations_on_a_cluster_need_the_package(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("VESTRY_SIMULATION_EXECUTOR", "dask")
    environment.setenv("VESTRY_DASK_SCHEDULER", "tls://[::1]:8786")
    assert module.settings().dask_scheduler == "tls://[::1]:8786"

    module.settings.cache_clear()
    environment.setattr(sys, "path", [])
    environment.setattr(sys, "path_importer_cache", {})
    environment.delitem(sys.modules, "distributed", raising=False)
    with pytest.raises(module.WrongSettings) as refused:
        module.settings()

    assert "pip install 'vestry[dask]'" in str(refused.value.faults)
