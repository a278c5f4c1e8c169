// What a browser keeps for us as JSON. Where storage is forbidden or full nothing is kept and nothing breaks:
// what was typed is in the page still.

export class Store {
  /** `find` gives a Storage, or throws where that is forbidden. */
  constructor(find) {
    this.find = find;
  }

  get place() {
    try {
      return this.find();
    } catch {
      return null;
    }
  }

  read(key) {
    try {
      return JSON.parse(this.place?.getItem(key) ?? "null");
    } catch {
      return null;
    }
  }

  /** Whether it is kept now. */
  write(key, value) {
    try {
      this.place.setItem(key, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  }

  remove(key) {
    this.place?.removeItem(key);
  }

  keys(prefix) {
    return Object.keys(this.place ?? {}).filter((key) => key.startsWith(prefix));
  }
}

export const kept = new Store(() => globalThis.localStorage);
export const keptInThisTab = new Store(() => globalThis.sessionStorage);
