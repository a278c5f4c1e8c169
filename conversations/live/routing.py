from channels.routing import URLRouter
from django.urls import path

from conversations.live.consumer import Consumer

websocket = URLRouter([path("ws/v1/", Consumer.as_asgi())])
