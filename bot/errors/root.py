"""The root of the error tree, and the errors that stop the start."""


class BotError(Exception):
    """Base class of all errors of the bot."""


class SettingsError(BotError):
    """The settings are invalid.

    Attributes:
        problems: one sentence for each invalid setting, without its value.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class ProviderChanged(SettingsError):
    """Numbers are open at a provider that is not in the settings any more."""


class SealError(BotError):
    """A stored API key cannot be decrypted with the sealing keys of the settings."""
