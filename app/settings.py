"""Everything an operator may set, with defaults that just work."""

from functools import cached_property
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)


class Settings(BaseSettings):
    """Read from `GAWAH_*` in the environment, then from `gawah.toml` in the working folder."""

    model_config = SettingsConfigDict(env_prefix="GAWAH_", toml_file="gawah.toml", extra="ignore")

    data_dir: Path = Field(Path("var"), description="Folder for all that the archive writes: database, keys, evidence.")
    database_url: str | None = Field(
        None,
        description="A PostgreSQL + PostGIS address (`postgresql+psycopg://...`). Without it: encrypted SQLite.",
    )
    read_database_url: str | None = Field(
        None, description="A streaming standby of the same database: reads go there while it is up to date."
    )
    read_lag: float = Field(
        10.0, description="Seconds: a standby further behind is not waited for, and /readyz calls it lagging.", ge=0
    )
    key_file: Path | None = Field(
        None, description="The key of the encrypted database. Default: `archive.key` in the data folder."
    )
    largest_evidence: int = Field(2 * 1024**3, description="The most bytes that a file of evidence may have.", ge=1)
    oidc_issuer: str | None = Field(None, description="A provider of sign-ins (OpenID Connect): its address.")
    oidc_client_id: str | None = Field(None, description="What the provider calls this archive.")
    oidc_client_secret: SecretStr | None = Field(None, description="What the archive proves itself with to it.")
    oidc_client_secret_file: Path | None = Field(None, description="The same in a file, apart from the environment.")
    kobo_token: SecretStr | None = Field(None, description="The token of an account on a KoboToolbox server.")
    kobo_token_file: Path | None = Field(None, description="The same in a file, apart from the environment.")
    host: str = Field("127.0.0.1", description="The address to listen on. Loopback unless you say otherwise.")
    port: int = Field(8000, description="The port to listen on.", ge=1, le=65535)
    workers: int = Field(1, description="How many server processes.", ge=1, le=64)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @cached_property
    def database_file(self) -> Path:
        return self.data_dir / "archive.db"

    @cached_property
    def key_path(self) -> Path:
        return self.key_file or self.data_dir / "archive.key"

    @cached_property
    def published_file(self) -> Path:
        return self.data_dir / "published.db"

    @cached_property
    def public_files_dir(self) -> Path:
        return self.data_dir / "public-files"

    @cached_property
    def mappings_dir(self) -> Path:
        return self.data_dir / "mappings"

    @cached_property
    def evidence_dir(self) -> Path:
        return self.data_dir / "evidence"
