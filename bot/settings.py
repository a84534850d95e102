"""The only reader of the environment: one frozen Settings, checked at the start, all complaints at once."""

from pathlib import Path

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every name is documented in ``docs/settings.md``. A secret is held so that it cannot be printed."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    slack_bot_token: SecretStr | None = Field(None, alias="SLACK_BOT_TOKEN")
    slack_app_token: SecretStr | None = Field(None, alias="SLACK_APP_TOKEN")
    slack_signing_secret: SecretStr | None = Field(None, alias="SLACK_SIGNING_SECRET")
    slack_api_url: str = Field("https://slack.com/api/", alias="SLACK_API_URL")
    slash_command: str = Field("/k8s", alias="GURUMI_SLASH_COMMAND", pattern=r"^/[^\s/]{1,31}$")
    kubeconfig: str = Field("", alias="KUBECONFIG")
    inventory: str = Field("", alias="GURUMI_INVENTORY")
    database_url: SecretStr | None = Field(None, alias="GURUMI_DATABASE_URL")
    policy: Path | None = Field(None, alias="GURUMI_POLICY")
    tickets: Path | None = Field(None, alias="GURUMI_TICKETS")
    known_issues: Path | None = Field(None, alias="GURUMI_KNOWN_ISSUES")
    log_level: str = Field("INFO", alias="GURUMI_LOG_LEVEL", pattern=r"^(?i:debug|info|warning|error)$")
    journal_minutes: int = Field(5, alias="GURUMI_JOURNAL_MINUTES", ge=0, le=59)
    journal_days: int = Field(30, alias="GURUMI_JOURNAL_DAYS", ge=1, le=366)
    keep_days: int = Field(90, alias="GURUMI_KEEP_DAYS", ge=1, le=3660)
    zone: str = Field("", alias="TZ")

    @property
    def database(self) -> str:
        """The database of a running bot: the one configured, else a SQLite file in the user's data directory."""
        if self.database_url:
            return self.database_url.get_secret_value()
        folder = self.own_database.parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SettingsError(
                f"the folder {folder} for the database cannot be made ({error.strerror}); set GURUMI_DATABASE_URL"
            ) from error
        return f"sqlite:///{self.own_database}"

    @property
    def own_database(self) -> Path:
        """The SQLite file of a bot for which no database is configured."""
        return user_data_path("gurumi") / "gurumi.db"


class SettingsError(Exception):
    """The environment does not fit. The message names the variables and never their values."""


def load() -> Settings:
    """Read the environment. Raises SettingsError with every complaint."""
    try:
        return Settings()
    except ValidationError as error:
        complaints = [f"{e['loc'][0]}: {e['msg']}" for e in error.errors(include_input=False, include_url=False)]
        raise SettingsError("; ".join(complaints)) from None
