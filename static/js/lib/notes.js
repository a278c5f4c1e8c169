// Notifications of the browser, for who has asked for them in this browser.
import { kept } from "./store.js";

const KEY = "notify";

export function canNote() {
  return "Notification" in globalThis && window.isSecureContext;
}

export function wantsNotes() {
  return canNote() && Notification.permission === "granted" && kept.read(KEY) === true;
}

/** Only ever from a click. Whether they are on now. */
export async function askForNotes() {
  if (!canNote() || (await Notification.requestPermission()) !== "granted") return false;
  return kept.write(KEY, true);
}

export function noMoreNotes() {
  kept.remove(KEY);
}

/** Android only knows notifications of a service worker; elsewhere a click brings this tab to the front. */
export async function notify(title, options) {
  const worker = await navigator.serviceWorker?.getRegistration();
  try {
    const note = new Notification(title, options);
    note.onclick = () => {
      window.focus();
      note.close();
    };
  } catch {
    await worker?.showNotification(title, options);
  }
}
