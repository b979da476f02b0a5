"""The root of the error tree, and the errors that stop the start."""


class BotError(Exception):
    """The root of the tree."""


class SettingsError(BotError):
    """The environment is wrong.

    Attributes:
        problems: one sentence for each wrong value, without the value of a secret.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class SealError(BotError):
    """A sealed API key does not open with the sealing keys at hand."""
