// What scripts say, in the page's language. Sentences are written in English; where the page is in
// another language, it brings their translations with it (templates/parts/modules.html).
const page = globalThis.document?.documentElement;
const brought = globalThis.document?.getElementById("catalogue")?.textContent;
const ORDER = ["zero", "one", "two", "few", "many", "other"]; // as gettext numbers its forms

export const language = page?.lang || "en";

/** A catalogue, {english: translation or [forms]}, as the functions that speak by it. */
export function speaker(catalogue, language) {
  const rules = new Intl.PluralRules(language);
  const kinds = ORDER.filter((kind) => rules.resolvedOptions().pluralCategories.includes(kind));
  return {
    gettext: (english) => catalogue[english] ?? english,
    ngettext: (one, many, count) => {
      const forms = catalogue[one] ?? [one, many];
      return forms[Math.min(kinds.indexOf(rules.select(count)), forms.length - 1)];
    },
  };
}

export const { gettext, ngettext } = speaker(brought ? JSON.parse(brought) : {}, language);

/** `sentence` with what stands in its braces. */
export function fill(sentence, names) {
  return sentence.replace(/\{(\w+)\}/g, (braces, name) => names[name] ?? braces);
}

/** A number as people of this language write it. */
export function number(value, options) {
  return value.toLocaleString(language, options);
}
