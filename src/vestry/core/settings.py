"""Settings, read once from the environment (``VESTRY_…``) and a ``.env`` file."""

from __future__ import annotations

import secrets
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self

from pydantic import AliasChoices, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from vestry.core.errors import Fault, Invalid

SECRET_CHARACTERS_MIN = 32


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
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8000, validation_alias=AliasChoices("VESTRY_PORT", "PORT"), description="port to listen on")
    public_url: str | None = Field(None, description="the address people type, when a proxy stands in front")
    demo: bool = Field(True, description="load the demo firm into an empty database on `vestry run`")
    session_hours: int = Field(12, gt=0, description="how long a sign-in lasts")
    body_bytes_max: int = Field(1_048_576, gt=0, description="largest JSON body")
    upload_bytes_max: int = Field(268_435_456, gt=0, description="largest uploaded file")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="least severe line to log")
    log_json: bool = Field(False, description="one JSON object a line, for machines")
    pool_size: int = Field(8, gt=0, description="database connections a process keeps")

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
        return self

    @property
    def url(self) -> str:
        """The database's address with the driver named: psycopg 3 for PostgreSQL, the bundled SQLite otherwise."""
        if not self.database_url:
            return f"sqlite:///{(self.home / 'vestry.sqlite3').absolute()}"
        for short in ("postgresql://", "postgres://"):
            if self.database_url.startswith(short):
                return "postgresql+psycopg://" + self.database_url.removeprefix(short)
        return self.database_url

    def secret(self) -> bytes:
        """The signing secret; outside production one is made on first use and kept, readable by its owner only."""
        if self.secret_key:
            return self.secret_key.get_secret_value().encode()
        return _kept_secret(self.home / "secret")


@lru_cache(maxsize=8)
def _kept_secret(path: Path) -> bytes:
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
