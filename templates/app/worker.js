{% load static %}// The service worker. It keeps one page, which says that there is no line, and shows it when a page
// cannot be fetched. It never keeps a page, a picture or an answer of the API.
const OFFLINE = "/offline/?language={{ language|escapejs }}";
const SHEET = "{% static 'css/site.css' %}";
const ICON = "{% static 'icons/favicon.svg' %}";
const NAME = `offline ${OFFLINE} ${SHEET} ${ICON}`; // a new sheet is a new name: the old one goes

self.addEventListener("install", (event) => {
  const kept = [OFFLINE, SHEET, ICON].map((address) => new Request(address, { cache: "reload", credentials: "omit" }));
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(kept)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const clear = async () => {
    for (const name of await caches.keys()) if (name !== NAME) await caches.delete(name);
    await self.registration.navigationPreload?.enable(); // the page is asked for while the worker starts
    await self.clients.claim();
  };
  event.waitUntil(clear());
});

const kept = async (address) => (await caches.match(address)) ?? Response.error();

async function page(event) {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch {
    return kept(OFFLINE);
  }
}

async function furniture(request) {
  try {
    return await fetch(request);
  } catch {
    return kept(request.url);
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate" && request.method === "GET") event.respondWith(page(event));
  else if ([SHEET, ICON].some((address) => request.url.endsWith(address))) event.respondWith(furniture(request));
});
