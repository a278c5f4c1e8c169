// Words of a message, taken into the composer as a quotation.

export function quoted(text) {
  return text
    .trim()
    .split("\n")
    .map((line) => (line ? `> ${line}` : ">"))
    .join("\n");
}

/** Put it behind what is written already, and go on writing below. */
export function quote(text) {
  const field = document.getElementById("message");
  const before = field.value.trimEnd();
  field.value = `${before}${before ? "\n\n" : ""}${quoted(text)}\n\n`;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
  field.scrollTop = field.scrollHeight;
}
