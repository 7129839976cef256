"""Every setting of the program, read once from the environment (prefix `JINGWEI_`).

docs/settings.md documents each; a test fails when one is missing there.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from data.errors import InputError

Level = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(lambda text: str(text).upper())]


class Settings(BaseSettings):
    """Frozen settings; `JINGWEI_HOME=/srv/jingwei python app.py serve` sets `home`."""

    model_config = SettingsConfigDict(env_prefix="JINGWEI_", frozen=True, extra="ignore")

    home: Path = Field(Path("var"), description="folder of the store, attachments, exports, the control socket")
    host: str = Field(
        "127.0.0.1", description="address to listen on; beyond loopback it takes an administrator and TLS"
    )
    port: int = Field(8050, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    memory_share: float = Field(0.4, gt=0, le=0.8, description="share of the machine's memory the database may use")
    threads: int = Field(0, ge=0, description="database threads; 0 is one per core")
    checkpoint_seconds: int = Field(300, ge=5, description="seconds between scheduled checkpoints")
    hot_days: int = Field(90, ge=1, description="days a closed case stays in the hot table")
    hot_log: Path | None = Field(None, description="folder of the hot log; another disk than the store's is best")
    hot_log_days: int = Field(30, ge=1, description="days the hot log is kept after a backup holds what is in it")
    bad_row_share: float = Field(0.2, ge=0, le=1, description="share of bad rows above which an import is refused")
    upload_megabytes: int = Field(512, ge=1, description="largest file taken by the import page")
    body_kilobytes: int = Field(2048, ge=16, description="largest request body elsewhere")
    case_pictures: int = Field(60, ge=1, description="most pictures of one case")
    case_picture_megabytes: int = Field(120, ge=1, description="most its pictures may fill together")
    attachment_share: float = Field(0.25, gt=0, le=0.9, description="share of the disk all pictures may fill")
    unpacked_megabytes: int = Field(2048, ge=1, description="most a compressed file may unpack to")
    log_level: Level = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")
    log_json: bool = Field(False, description="one JSON object a log line instead of readable text")
    language: Literal["zh", "en"] = Field("zh", description="language of a first visit: zh or en")
    names: str = Field("", description="names the server goes by in a browser, separated by commas, besides its host")
    tls_cert: Path | None = Field(None, description="certificate (PEM, with its chain) to serve HTTPS with")
    tls_key: Path | None = Field(None, description="private key of the certificate (PEM)")
    trusted_proxy: str = Field("", description="addresses whose X-Forwarded-Proto and X-Forwarded-For are believed")
    plain_http: bool = Field(False, description="serve beyond loopback without TLS: passwords travel readable")
    session_idle_minutes: int = Field(60, ge=1, description="minutes without use after which a person is signed out")
    session_hours: int = Field(12, ge=1, description="hours after which a person signs in again")
    demo_user: bool = Field(True, description="on loopback, sign visitors of a simulated district in by themselves")
    oidc_issuer: str = Field("", description="address of the identity provider (OpenID Connect); empty: none")
    oidc_client: str = Field("", description="client id at the identity provider")
    oidc_secret: SecretStr = Field(SecretStr(""), description="client secret at the identity provider; empty: public")
    oidc_claim: str = Field("preferred_username", description="claim that names the post (a text or a list of texts)")
    oidc_label: str = Field("", description="what the button to the identity provider says")
    open311_per_minute: int = Field(120, ge=1, description="Open311 requests taken from one sender in a minute")
    tiles: str = Field("", description="address template of a tile server on the intranet; empty: none")
    tiles_attribution: str = Field("", description="attribution shown for those tiles")


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process. Raises InputError, naming the variable, for a value that cannot be."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(
            f'"{first["input"]}" is no value for this: {first["msg"]}.',
            where=f"JINGWEI_{'_'.join(str(part) for part in first['loc']).upper()}",
            todo="See docs/settings.md.",
        ) from None
