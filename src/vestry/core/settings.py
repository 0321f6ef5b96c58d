"""Settings, read once from the environment (``VESTRY_…``) and a ``.env`` file."""

from __future__ import annotations

import base64
import re
import secrets
from functools import lru_cache
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal, Self

import limits
from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from vestry.core.errors import Fault, Invalid

SECRET_CHARACTERS_MIN = 32


_SCHEDULER = re.compile(r"(tcp|tls)://[^\s/@]+:[0-9]{1,5}")
_KEY = re.compile(r"([a-z0-9-]{1,20}):([A-Za-z0-9_-]{43})=?")


def read_keys(given: str) -> dict[str, bytes]:
    """``ID:BASE64`` with commas between; raises ValueError for what is none, and never says what was given."""
    found: dict[str, bytes] = {}
    for number, part in enumerate(filter(None, (one.strip() for one in given.split(","))), 1):
        match = _KEY.fullmatch(part)
        if match is None or match[1] in found:
            raise ValueError(
                f"key {number} is not ID:BASE64 of 32 random bytes with an id of its own (vestry keys new)"
            )
        found[match[1]] = base64.urlsafe_b64decode(match[2] + "=")
    return found


class Settings(BaseSettings):
    """Everything that differs between a laptop, a test and a firm's server."""

    model_config = SettingsConfigDict(
        env_prefix="VESTRY_",
        env_file=".env",
        extra="ignore",
        populate_by_name=True,
        hide_input_in_errors=True,  # the input of a settings error is the environment, secrets and all
    )

    environment: Literal["development", "test", "production"] = Field(
        "development", description="production refuses to start without a strong secret key"
    )
    home: Path = Field(Path(".vestry"), description="folder of the embedded database and of files")
    database_url: str | None = Field(None, description="postgresql://… or sqlite:///…; empty = SQLite in home")
    secret_key: SecretStr | None = Field(None, description="signs page cursors; made and kept in home if empty")
    audit_key: SecretStr | None = Field(
        None,
        description="signs the audit trail; several with a comma: the first signs, all verify; "
        "made and kept in home/audit/key if empty, in production an error",
    )
    audit_heads: Path | None = Field(
        None, description="file the heads of the audit trail are added to; empty = home/audit/heads.jsonl"
    )
    encryption_keys: SecretStr | None = Field(
        None,
        description="keys of encrypted fields, ID:BASE64 and commas, the first seals; from the secret key if empty",
    )
    outbound_networks: str = Field(
        "",
        description="inner networks that may be called, 10.0.0.0/8 and commas; loopback outside production only",
    )
    fx_rates_url: str = Field(
        "https://www.ecb.europa.eu/stats/eurofxref/",
        description="where reference rates are fetched, the folder of the ECB's files; empty = they are not",
    )
    quotes_provider: Literal["sample", "csv", "alpha_vantage", "yahoo", "yfinance"] = Field(
        "sample",
        description="who is asked for prices of listed companies; sample: invented ones, without a network; yfinance: "
        "Yahoo by that package, if installed",
    )
    quotes_key: SecretStr | None = Field(None, description="the key Alpha Vantage wants")
    quotes_file: Path | None = Field(None, description="the CSV file of prices: symbol, date, close, currency")
    quotes_url: str | None = Field(None, description="where the provider is asked instead of its own address")
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8000, validation_alias=AliasChoices("VESTRY_PORT", "PORT"), description="port to listen on")
    public_url: str | None = Field(None, description="the address people type, when a proxy stands in front")
    allowed_hosts: str = Field(
        "",
        description="host names to answer to beside localhost and those of VESTRY_PUBLIC_URL and VESTRY_HOST, with "
        "commas; *.example.com for all below, * for any",
    )
    trusted_proxies: str | None = Field(
        None,
        validation_alias=AliasChoices("VESTRY_TRUSTED_PROXIES", "FORWARDED_ALLOW_IPS"),
        description="addresses and networks, with commas, whose X-Forwarded-For and -Proto are believed; empty = "
        "127.0.0.1 and ::1 where VESTRY_PUBLIC_URL is set, else none",
    )
    demo: bool = Field(True, description="load the demo firm into an empty database on `vestry run`")
    session_hours: int = Field(12, gt=0, description="how long a sign-in lasts at most")
    session_idle_minutes: int = Field(120, gt=0, description="how long a sign-in lasts without any request")
    body_bytes_max: int = Field(1_048_576, gt=0, description="largest JSON body")
    upload_bytes_max: int = Field(268_435_456, gt=0, description="largest uploaded file")
    body_seconds: float = Field(30, gt=0, description="how long a body may take, beyond one second per 16 KB received")
    connections_max: int = Field(2_000, gt=0, description="connections a process holds before it answers 503")
    rate_limits: bool | None = Field(None, description="whether requests are counted; empty = yes, but in test")
    rate_sign_in: str = Field("300/minute", description="tries to sign in, from one network")
    rate_reads: str = Field("60000/minute", description="reads of one session or token")
    rate_writes: str = Field("60000/minute", description="changes by one session or token")
    rate_exports: str = Field("600/minute", description="files downloaded by one session or token")
    rate_address_times: int = Field(4, gt=0, description="how many times as much all from one network have together")
    rate_store: SecretStr | None = Field(
        None, description="redis://… where processes count together; empty = each counts alone"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="least severe line to log")
    log_json: bool = Field(False, description="one JSON object a line, for machines")
    pool_size: int = Field(8, gt=0, description="database connections a process keeps")
    worker: Literal["embedded", "none"] = Field(
        "embedded", description="whether `vestry serve` also does the jobs; none: `vestry worker` does (PostgreSQL)"
    )
    worker_jobs: int = Field(2, gt=0, description="jobs a process does at the same time")
    jobs_database_url: str | None = Field(
        None,
        description="where jobs keep their state; empty = jobs.sqlite3 in home, or schema dbos of the database",
    )
    jobs_kept_days: int = Field(
        365, ge=0, description="days that jobs which ended and the log of messages are kept; 0 = for ever"
    )
    import_inline_bytes: int = Field(
        2_097_152, ge=0, description="files up to this size are imported at once, larger ones as a job"
    )
    payments_inline_bytes: int = Field(
        16_777_216, ge=0, description="files of payments up to this size are recorded at once, larger ones by a job"
    )
    simulation_executor: Literal["in_process", "threads", "processes", "dask"] = Field(
        "in_process",
        description="where the pieces of a heavy simulation run; the figures are the same. dask: on a cluster, with "
        "VESTRY_DASK_SCHEDULER and `pip install 'vestry[dask]'`",
    )
    simulation_workers: int = Field(
        0, ge=0, le=64, description="threads or processes a simulation is spread over; 0 = one a processor"
    )
    dask_scheduler: str | None = Field(
        None, description="the scheduler's address, tcp://host:8786 or tls://…, on a network nobody else reaches"
    )
    dask_seconds: float = Field(
        120, gt=0, le=3_600, description="how long a simulation on the cluster may take before it is answered with 503"
    )
    metrics_token: SecretStr | None = Field(
        None, description="serves /metrics to whoever brings it as Bearer; empty = there is no /metrics"
    )
    backup_passphrase: SecretStr | None = Field(
        None, description="seals what `vestry backup` writes; empty = not sealed"
    )
    smtp_url: SecretStr | None = Field(
        None,
        description="smtp://user:password@host:587, smtps://… for TLS from the start; empty = files in home/mail, "
        "in production an error",
    )
    mail_from: str = Field("Vestry <vestry@localhost>", description="the sender of mail")

    @field_validator("rate_sign_in", "rate_reads", "rate_writes", "rate_exports")
    @classmethod
    def _is_a_rate(cls, words: str) -> str:
        try:
            limits.parse(words)
        except ValueError:
            raise ValueError("is not a rate such as 600/minute or 10 per 5 seconds") from None
        return words

    @model_validator(mode="after")
    def _encryption_keys_are_keys(self) -> Self:
        try:
            read_keys(self.encryption_keys.get_secret_value() if self.encryption_keys else "")
        except ValueError as error:
            raise ValueError(f"VESTRY_ENCRYPTION_KEYS: {error}") from None
        return self

    @model_validator(mode="after")
    def _dask_has_a_scheduler(self) -> Self:
        if self.simulation_executor != "dask":
            return self
        if not _SCHEDULER.fullmatch(self.dask_scheduler or ""):
            raise ValueError(
                "VESTRY_SIMULATION_EXECUTOR is dask, which needs its scheduler in VESTRY_DASK_SCHEDULER: "
                "tcp://host:port or tls://host:port"
            )
        if find_spec("distributed") is None:
            raise ValueError("VESTRY_SIMULATION_EXECUTOR is dask, which is not installed: pip install 'vestry[dask]'")
        return self

    @model_validator(mode="after")
    def _production_needs_a_secret(self) -> Self:
        if self.environment != "production":
            return self
        key = self.secret_key.get_secret_value() if self.secret_key else ""
        if len(key) < SECRET_CHARACTERS_MIN or len(set(key)) < 10:
            raise ValueError(
                f"VESTRY_SECRET_KEY is missing or weak: production needs at least {SECRET_CHARACTERS_MIN} random "
                'characters (make one with: python3 -c "import secrets; print(secrets.token_urlsafe(48))")'
            )
        audit = self.audit_key.get_secret_value().split(",")[0].strip() if self.audit_key else None
        if audit is None and not (self.home / "audit" / "key").exists():
            raise ValueError(
                f"VESTRY_AUDIT_KEY is missing: production needs at least {SECRET_CHARACTERS_MIN} random characters "
                "that sign the audit trail, or the key file in home/audit/key"
            )
        if audit is not None and (len(audit) < SECRET_CHARACTERS_MIN or len(set(audit)) < 10):
            raise ValueError("VESTRY_AUDIT_KEY is weak: production needs at least 32 random characters")
        return self

    def inner_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The networks that may be called besides public addresses."""
        return tuple(ip_network(one.strip()) for one in self.outbound_networks.split(",") if one.strip())

    @model_validator(mode="after")
    def _outbound_networks_are_networks(self) -> Self:
        try:
            networks = self.inner_networks()
        except ValueError as error:
            raise ValueError(f"VESTRY_OUTBOUND_NETWORKS: {error}") from None
        here = (ip_network("127.0.0.0/8"), ip_network("::1/128"), ip_network("0.0.0.0/8"))
        ourselves = any(one.overlaps(own) for one in networks for own in here if one.version == own.version)
        if self.environment == "production" and ourselves:
            raise ValueError("VESTRY_OUTBOUND_NETWORKS names this machine itself, which production does not call")
        return self

    def address_of(self, path: str) -> str:
        """The address of one of our pages, as people type it or find it in a mail."""
        base = self.public_url or f"http://{self.host}:{self.port}"
        return f"{base.rstrip('/')}/{path.lstrip('/')}"

    @property
    def counts_requests(self) -> bool:
        """Whether rates are limited; tests ask faster than anybody unless they ask for limits."""
        return self.environment != "test" if self.rate_limits is None else self.rate_limits

    @property
    def proxies(self) -> str:
        """Whose forwarded headers are believed; nobody's without a proxy."""
        if self.trusted_proxies is not None:
            return self.trusted_proxies
        return "127.0.0.1,::1" if self.public_url else ""

    @property
    def url(self) -> str:
        """The database's address with the driver named: psycopg 3 for PostgreSQL, the bundled SQLite otherwise."""
        if not self.database_url:
            return f"sqlite:///{(self.home / 'vestry.sqlite3').absolute()}"
        return _with_driver(self.database_url)

    @property
    def jobs_url(self) -> str:
        """Where the workers keep what they are doing: a file of its own beside an embedded database."""
        if self.jobs_database_url:
            return _with_driver(self.jobs_database_url)
        return f"sqlite:///{(self.home / 'jobs.sqlite3').absolute()}" if self.url.startswith("sqlite") else self.url

    def secret(self) -> bytes:
        """The signing secret; outside production one is made on first use and kept, readable by its owner only."""
        if self.secret_key:
            return self.secret_key.get_secret_value().encode()
        return _kept_secret(self.home)


def _with_driver(url: str) -> str:
    for short in ("postgresql://", "postgres://"):
        if url.startswith(short):
            return "postgresql+psycopg://" + url.removeprefix(short)
    return url


@lru_cache(maxsize=8)
def _kept_secret(home: Path) -> bytes:
    path = home / "secret"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_bytes()


class WrongSettings(Invalid):
    """A variable of the environment, or of the ``.env`` file, that cannot be."""


@lru_cache
def settings() -> Settings:
    """The settings of this process."""
    try:
        return Settings()
    except ValidationError as error:
        faults = [_fault(found["loc"], found["msg"]) for found in error.errors(include_input=False)]
        raise WrongSettings(
            "The settings are not acceptable.",
            mend="Correct the environment or the .env file; docs/reference/settings.md has them all.",
            faults=faults,
        ) from None


def _fault(place: tuple[str | int, ...], message: str) -> Fault:
    # An alias stands in the place as it is; a field's own name lacks the prefix.
    name = str(place[0]) if place else "settings"
    variable = f"VESTRY_{name.upper()}" if name in Settings.model_fields else name
    return Fault(variable, message.removeprefix("Value error, "))
