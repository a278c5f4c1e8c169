from ninja import NinjaAPI

v1 = NinjaAPI()
