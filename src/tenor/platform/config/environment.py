"""Every setting of an installation: type, default, meaning; a wrong value stops the start.

Each is read from the environment as `TENOR_` and its name in capitals, or from a file `.env` in
the folder that Tenor is started in.
"""

import secrets
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Environment(BaseSettings):
    """What an operator can set."""

    model_config = SettingsConfigDict(env_prefix="TENOR_", env_file=".env", extra="ignore")

    data: Path = Field(
        default=Path("tenor-data"),
        description="Folder of everything that Tenor keeps outside the database: models, uploads, "
        "its secret, and the database itself where that is SQLite.",
    )
    database_url: str = Field(
        default="",
        description="sqlite:///path or postgres://user:password@host:port/name; "
        "empty: tenor.sqlite3 in the data folder.",
    )
    secret_key: str = Field(
        default="",
        description="Signs sessions and links; empty: made once and kept in the data folder. "
        "Several machines must be given the same.",
    )
    hosts: list[str] = Field(
        default=["localhost", "127.0.0.1", "[::1]"],
        description='Host names that are answered, as a JSON list: ["tenor.example.org"].',
    )
    url: str = Field(
        default="http://localhost:8000",
        description="Where people reach Tenor from outside, as in https://tenor.example.org: the "
        "links in messages begin with it.",
    )
    https: bool = Field(
        default=False,
        description="Whether people reach Tenor over HTTPS: cookies and redirects are then secure.",
    )
    behind_proxy: bool = Field(
        default=False,
        description="Whether a proxy of yours sets X-Forwarded-For and -Proto; else they are not "
        "believed.",
    )
    debug: bool = Field(default=False, description="Show technical detail on errors. Never in use.")
    email_url: str = Field(
        default="",
        description="smtp://user:password@host:port (smtps:// for TLS at once, ?starttls=1). "
        "Empty: e-mail is kept as files in the data folder, none leaves.",
    )
    email_from: str = Field(default="tenor@localhost", description="Sender of Tenor's own e-mail.")
    letters: str = Field(
        default="",
        description="Folder from which a print service fetches the letters of a closed batch; "
        "empty: they are downloaded from the workbench.",
    )
    bank: str = Field(
        default="",
        description="Folder into which bank files are put, in a folder of the organisation's short "
        "name each; read once an hour. Empty: they are given at the workbench or through the API.",
    )
    keep_facts_days: int = Field(
        default=400,
        ge=0,
        description="For so many days the facts that decisions were made from are kept (those of a "
        "day's plan in the data folder), so that each can be made again and taken apart; 0: none "
        "are.",
    )
    oidc_name: str = Field(
        default="", description="Name of the OpenID Connect provider on the button."
    )
    oidc_server: str = Field(default="", description="Address of the provider; empty: no button.")
    oidc_client: str = Field(default="", description="Client id at the provider.")
    oidc_secret: str = Field(default="", description="Client secret at the provider.")
    webhooks_to_private: bool = Field(
        default=False,
        description="Whether webhooks, and the mail servers and providers of organisations, may be "
        "at private and loopback addresses. Keep it off where those who hold keys or administer an "
        "organisation must not reach what stands inside your network.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="How much is logged. Personal data never is."
    )

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        if url and urlsplit(url).scheme not in ("sqlite", "postgres", "postgresql"):
            raise ValueError("begins with sqlite:// or postgres://, as in sqlite:///tenor.sqlite3")
        return url

    def database(self) -> dict[str, object]:
        """Return Django's description of the database."""
        parts = urlsplit(self.database_url)
        if parts.scheme in ("postgres", "postgresql"):
            return _postgres(self.database_url)
        path = unquote(parts.path)[1:] if self.database_url else self.data / "tenor.sqlite3"
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(path),
            "OPTIONS": {
                # One writer at a time that waits its turn; readers never wait (WAL).
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
                "PRAGMA foreign_keys=ON; PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY;",
            },
            # A file, not memory: browser tests serve from a second thread.
            "TEST": {"NAME": str(self.data / "test.sqlite3")},
        }

    def secret(self) -> str:
        """Return the secret that signs; make it where there is none yet."""
        if self.secret_key:
            return self.secret_key
        path = self.data / "secret"
        if not path.is_file():
            self.data.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(48), encoding="utf-8")
        return path.read_text(encoding="utf-8").strip()

    def email(self) -> dict[str, object]:
        """Return Django's settings for sending e-mail."""
        if not self.email_url:
            return {
                "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
                "EMAIL_FILE_PATH": str(self.data / "outbox"),
            }
        parts = urlsplit(self.email_url)
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": parts.hostname or "localhost",
            "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 25),
            "EMAIL_HOST_USER": unquote(parts.username or ""),
            "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
            "EMAIL_USE_SSL": parts.scheme == "smtps",
            "EMAIL_USE_TLS": parse_qs(parts.query).get("starttls") == ["1"],
            "EMAIL_TIMEOUT": 30,
        }


def _postgres(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    host = parse_qs(parts.query).get("host", [parts.hostname or ""])[0]
    port = parse_qs(parts.query).get("port", [str(parts.port or "")])[0]
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path).lstrip("/") or "tenor",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": port,
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
    }
