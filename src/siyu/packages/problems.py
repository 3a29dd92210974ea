"""What can be wrong with a package."""

from __future__ import annotations

from siyu.kit import SiyuError


class NoColumns(SiyuError):
    """Choose at least one column."""

    code = "package_no_columns"
    status = 422


class UnknownColumn(SiyuError):
    """There is no column {name}."""

    code = "package_unknown_column"
    status = 422


class HashNotTaken(SiyuError):
    """{platform} takes no {identifier} as {hash}; it takes {known}."""

    code = "package_hash_not_taken"
    status = 422


class SecretNeeded(SiyuError):
    """Give the secret of the destination: its secret key, password or private key."""

    code = "package_secret_needed"
    status = 422


class WebhookTakesRows(SiyuError):
    """A webhook is sent rows as JSON: choose the format JSON Lines and columns, not an ad platform."""

    code = "package_webhook_takes_rows"
    status = 422


class RunUnderWay(SiyuError):
    """This package is being made right now. Wait until that is done."""

    code = "package_under_way"
    status = 409


class FileGone(SiyuError):
    """This file is no longer kept. Make the package again."""

    code = "package_file_gone"
    status = 410


class NotDelivered(SiyuError):
    """{detail}"""

    code = "package_not_delivered"
    status = 502
