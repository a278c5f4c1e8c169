// The service worker (templates/app/worker.js), in the page's language. Where there is none, nothing is missed.
import { language } from "./gettext.js";

export function install() {
  if (!("serviceWorker" in navigator)) return;
  const register = () => navigator.serviceWorker.register(`/sw.js?language=${language}`).catch(() => {});
  if (document.readyState === "complete") register();
  else window.addEventListener("load", register, { once: true });
}
