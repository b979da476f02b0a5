"""How far the bot's parts stay from what the machine can do: ratios against a bare limit of the same run."""
