/** A name and its value, as the two elements that stand for them in a `<dl>`. */
export function rowsOf([name, value]) {
  const term = Object.assign(document.createElement("dt"), { textContent: name });
  const said = Object.assign(document.createElement("dd"), { textContent: value });
  return [term, said];
}
