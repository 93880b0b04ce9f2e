"""Which failures of AWS may be repeated, and which are bugs of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from tillbridge.kernel.errors import Unavailable

_REPEATABLE_CODES = frozenset(
    {
        "InternalError", "InternalFailure", "InternalServerError", "LimitExceededException",
        "PriorRequestNotComplete", "ProvisionedThroughputExceededException", "RequestLimitExceeded",
        "RequestThrottled", "RequestThrottledException", "RequestTimeout", "RequestTimeoutException",
        "ConditionalRequestConflict", "ServiceUnavailable", "SlowDown",
        "Throttling", "ThrottlingException", "ThrottledException",
        "TooManyRequestsException", "TransactionInProgressException", "OperationAborted",
    }
)  # fmt: skip
_SERVER_ERROR = 500


def error_code(error: ClientError) -> str:
    """The code that AWS gives a refused call, such as ``NoSuchKey``."""
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def outside() -> Iterator[None]:
    """Calls to AWS within it raise ``Unavailable`` where a repetition may help; all else passes as it is."""
    try:
        yield
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if error_code(error) in _REPEATABLE_CODES or status >= _SERVER_ERROR:
            raise Unavailable(f"{error.operation_name}: {error_code(error)}") from error
        raise
    except HTTPClientError as error:
        raise Unavailable(type(error).__name__) from error
    except BotoCoreError as error:
        if type(error).__name__ in {"NoCredentialsError", "CredentialRetrievalError"}:
            raise Unavailable(type(error).__name__) from error
        raise
