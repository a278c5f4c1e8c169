"""What a tutorial would write: Daphne, Channels and the SDK, nothing kept. Ours is measured beside it.

One frame in is one question; every chunk of the SDK is one frame out. `daphne bench.reference:application`
"""

import json
import os
from typing import Any

import openai
from django.conf import settings

settings.configure()

from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import path  # noqa: E402

client = openai.AsyncOpenAI(
    base_url=os.environ["OPENAI_BASE_URL"], api_key="bench", http_client=None
)


class Relay(AsyncWebsocketConsumer):  # type: ignore[misc]
    async def receive(self, text_data: str | None = None, bytes_data: Any = None) -> None:
        stream = await client.chat.completions.create(
            model="gpt-4o-mini",
            messages=[{"role": "user", "content": json.loads(text_data or "")["text"]}],
            stream=True,
        )
        async for chunk in stream:
            if chunk.choices and chunk.choices[0].delta.content:
                text = chunk.choices[0].delta.content
                await self.send(text_data=json.dumps({"type": "delta", "text": text}))
        await self.send(text_data=json.dumps({"type": "finished"}))


application = ProtocolTypeRouter({"websocket": URLRouter([path("ws/v1/", Relay.as_asgi())])})
