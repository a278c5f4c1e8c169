// The smallest thing that keeps scripts and markup apart. A controller tends the element that names it
// in `data-controller`; `data-action="name#method"` calls it on a click; `data-part` names its parts.

export class Controller {
  constructor(element, shared) {
    this.element = element;
    this.shared = shared;
    this.life = new AbortController();
  }

  connect() {}

  /** Whatever was bound with `on` is gone with the controller. */
  disconnect() {
    this.life.abort();
  }

  on(target, types, handler, options = {}) {
    for (const type of types.split(" ")) {
      target.addEventListener(type, handler.bind(this), { ...options, signal: this.life.signal });
    }
  }

  part(name) {
    return this.element.querySelector(`[data-part="${name}"]`);
  }
}

const tended = new WeakMap(); // element → {name: controller}

function controllerOf(name, near) {
  const element = near.closest(`[data-controller~="${name}"]`) ??
    document.querySelector(`[data-controller~="${name}"]`);
  return element && tended.get(element)?.[name];
}

function act(event) {
  const trigger = event.target.closest?.("[data-action]");
  if (!trigger || trigger.disabled) return;
  for (const action of trigger.dataset.action.split(" ")) {
    const [name, method] = action.split("#");
    controllerOf(name, trigger)?.[method](event, trigger);
  }
}

/** Tend every element of the page. Returns what undoes it. */
export function tend(root, classes, shared) {
  const living = [];
  for (const element of root.querySelectorAll("[data-controller]")) {
    for (const name of element.dataset.controller.split(" ")) {
      if (!classes[name]) continue;
      const controller = new classes[name](element, shared);
      tended.set(element, { ...tended.get(element), [name]: controller });
      living.push(controller);
    }
  }
  for (const controller of living) controller.connect();
  root.addEventListener("click", act);
  return () => {
    root.removeEventListener("click", act);
    for (const controller of living) controller.disconnect();
  };
}
