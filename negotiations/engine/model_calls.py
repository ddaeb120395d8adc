"""One call of an OpenAI-compatible URL, held to a time and a size. Only this file imports the client, and it is imported
only where a language model is switched on."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, TypeVar
from urllib.request import getproxies, proxy_bypass

import httpx2
import openai
from openai.types.chat import ChatCompletionMessageParam

from negotiations.engine.characters import readable
from negotiations.engine.failures import clean
from negotiations.engine.model_settings import SLACK, ModelCode, ModelSettings
from negotiations.engine.room_specs import ModelFailed

T = TypeVar("T")

MOST_TOKENS = 10_000_000
"""No call takes more; a server may say what it likes."""
MOST_TOLD = 200
"""Characters of a server's own words about a failure."""

# Their debug lines hold prompts and addresses, whatever OPENAI_LOG says.
for _name in ("openai", "httpx2", "httpcore2"):
    logging.getLogger(_name).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model wrote, and the tokens that it read (`input_tokens`) and wrote: `tokens` are both, 0 where nobody says."""

    text: str
    tokens: int
    input_tokens: int


class _Beyond(Exception):
    """An answer that is longer, or takes longer, than it may."""

    def __init__(self, code: ModelCode) -> None:
        super().__init__(code)
        self.code = code


def chat(settings: ModelSettings, messages: Sequence[ChatCompletionMessageParam], seed: int) -> Completion:
    """Ask once. Raises ModelFailed, whose words hold neither the key nor the prompt."""
    return _once(settings, lambda client: _completion(_chat(client, settings, messages, seed)))


def model_names(settings: ModelSettings) -> tuple[str, ...]:
    """The models that the server offers. Raises ModelFailed."""
    return _once(settings, lambda client: _names(settings, client.models.with_raw_response.list().content))


def _chat(
    client: openai.OpenAI,
    settings: ModelSettings,
    messages: Sequence[ChatCompletionMessageParam],
    seed: int,
) -> bytes:
    answer = client.chat.completions.with_raw_response.create(
        model=settings.model, messages=messages, max_tokens=settings.tokens, seed=seed, temperature=0
    )
    return answer.content


def _once(settings: ModelSettings, ask: Callable[[openai.OpenAI], T]) -> T:
    """What `ask` returns, within the seconds whatever hangs: looking a name up, or headers that come byte by byte.

    The client's own limit is one for each read; so the call has a thread, which is left behind where it hangs.
    """
    answers: SimpleQueue[T | ModelFailed] = SimpleQueue()
    threading.Thread(target=lambda: answers.put(_asked(settings, ask)), daemon=True).start()
    try:
        answer = answers.get(timeout=settings.seconds + SLACK)
    except Empty:
        raise _failed(settings, ModelCode.TIMEOUT) from None
    if isinstance(answer, ModelFailed):
        raise answer
    return answer


def _asked(settings: ModelSettings, ask: Callable[[openai.OpenAI], T]) -> T | ModelFailed:
    try:
        with _client(settings) as client:
            return ask(client)
    except openai.APITimeoutError:
        return _failed(settings, ModelCode.TIMEOUT)
    except openai.APIStatusError as error:
        return _refused(settings, error)
    except _Beyond as error:
        return _failed(settings, error.code)
    except (openai.OpenAIError, httpx2.HTTPError, httpx2.InvalidURL, OSError):
        return _failed(settings, ModelCode.UNAVAILABLE)
    except Exception as error:  # noqa: BLE001 whatever a strange answer breaks here, one seat fails and not the room
        return _failed(settings, ModelCode.BAD_RESPONSE, f" ({type(error).__name__})")


def _client(settings: ModelSettings) -> openai.OpenAI:
    transport = _Held(settings)
    web = httpx2.Client(
        transport=transport, timeout=settings.seconds, follow_redirects=False, trust_env=False
    )
    return openai.OpenAI(
        base_url=settings.url, api_key=settings.key or "none", max_retries=0, http_client=web
    )


class _Held(httpx2.HTTPTransport):
    """Sends no more than is needed, and cuts off an answer that is too long or takes too long."""

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__(proxy=_proxy(settings))
        self._most = settings.most_bytes
        self._deadline = time.monotonic() + settings.seconds

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        response = super().handle_request(_bare(request))
        if response.headers.get("Content-Encoding", "identity") != "identity":
            response.close()
            raise _Beyond(ModelCode.BAD_RESPONSE)
        response.stream = _Counted(response.stream, self._most, self._deadline)
        return response


def _bare(request: httpx2.Request) -> httpx2.Request:
    """The request without what the client tells of this machine and its environment."""
    told = {
        name: text
        for name, text in request.headers.items()
        if not name.startswith(("openai-", "x-stainless-"))
    }
    return httpx2.Request(
        request.method,
        request.url,
        headers=told | {"accept-encoding": "identity", "user-agent": "parley"},
        stream=request.stream,
        extensions=request.extensions,
    )


class _Counted(httpx2.SyncByteStream):
    def __init__(self, stream: Any, most: int, deadline: float) -> None:
        self._stream = stream
        self._most = most
        self._deadline = deadline

    def __iter__(self) -> Iterator[bytes]:
        left = self._most
        for part in self._stream:
            left -= len(part)
            if left < 0:
                raise _Beyond(ModelCode.BAD_RESPONSE)
            if time.monotonic() > self._deadline:
                raise _Beyond(ModelCode.TIMEOUT)
            yield part

    def close(self) -> None:
        self._stream.close()


def _proxy(settings: ModelSettings) -> str | None:
    """The proxy that the environment names, but never for what is near."""
    scheme, _, rest = settings.url.partition("://")
    host = rest.partition("/")[0]
    return None if settings.is_near or proxy_bypass(host) else getproxies().get(scheme)


def _completion(body: bytes) -> Completion:
    """Raises what `_asked` takes for nonsense where the answer has another shape."""
    answer = _object(json.loads(body))
    choices = answer["choices"]
    if not isinstance(choices, list) or not choices:
        raise ValueError
    text = _object(_object(choices[0])["message"])["content"]
    if not isinstance(text, str):
        raise ValueError
    return Completion(clean(text), *_usage(answer.get("usage")))


def _usage(told: object) -> tuple[int, int]:
    """All tokens, and those of them that were read; where a server does not tell them apart, none were."""
    counts = told if isinstance(told, dict) else {}
    read, written, both = (_count(counts.get(f"{name}_tokens")) for name in ("prompt", "completion", "total"))
    return max(both, read + written), read


def _count(tokens: object) -> int:
    """0 where it is no number of tokens."""
    return tokens if type(tokens) is int and 0 <= tokens <= MOST_TOKENS else 0


def _names(settings: ModelSettings, body: bytes) -> tuple[str, ...]:
    models = _object(json.loads(body))["data"]
    if not isinstance(models, list):
        raise ValueError
    names = (readable(str(_object(model)["id"])) for model in models)
    return tuple(settings.without_key(name)[:MOST_TOLD] for name in names)


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError
    return value


def _refused(settings: ModelSettings, error: openai.APIStatusError) -> ModelFailed:
    """By its status: what is wrong with the request stays wrong, what is wrong with the server may pass."""
    status = error.status_code
    if status < 400:
        return _failed(settings, ModelCode.BAD_RESPONSE, " It led to another address, which is not followed.")
    is_passing = status in (408, 429) or status >= 500
    code = ModelCode.UNAVAILABLE if is_passing else ModelCode.REFUSED
    return _failed(settings, code, f" Its answer was {status}.", _told(settings, error))


def _told(settings: ModelSettings, error: openai.APIStatusError) -> str:
    """What the server says of it in the protocol's way."""
    body: object = error.body
    said = body.get("message") if isinstance(body, dict) else None
    words = " ".join(readable(said).split()) if isinstance(said, str) else ""
    return settings.without_key(words)[:MOST_TOLD]


SAID = {
    ModelCode.REFUSED: "The language model refuses the request.",
    ModelCode.BAD_RESPONSE: "The language model answers what cannot be understood.",
    ModelCode.TIMEOUT: "The language model did not answer within {seconds:g} s.",
    ModelCode.UNAVAILABLE: "The language model cannot be reached, or is not well.",
}
TO_DO = {ModelCode.REFUSED: " Look at LLM_MODEL and LLM_API_KEY."}


def _failed(settings: ModelSettings, code: ModelCode, more: str = "", told: str = "") -> ModelFailed:
    message = SAID[code].format(seconds=settings.seconds) + more
    says = f" It says: {told}" if told else ""
    return ModelFailed(code.value, message, f"It is at {settings.place}.{TO_DO.get(code, '')}{says}")
