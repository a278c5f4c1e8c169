import assert from "node:assert/strict";
import { test } from "node:test";

import { guarded, hasFormulas } from "../../static/js/state/csv.js";
import { allRead, altOf, contentOf, isOfWords, usesOf } from "../../static/js/state/extract.js";

const FENCE = "```";

test("a table is what stands in the block of code, whatever is said around it", () => {
  const said = `Here it is:\n\n${FENCE}csv\na,b\n1,2\n${FENCE}\n\nAnything else?`;
  assert.equal(contentOf({ asks: "table", text: said }), "a,b\n1,2");
  assert.equal(contentOf({ asks: "text", text: said }), said);
  assert.equal(contentOf({ asks: "table", text: " a,b\n1,2 \n" }), "a,b\n1,2");
});

test("a text that is nothing but one block is taken out of it, and blocks in it stay", () => {
  assert.equal(contentOf({ asks: "text", text: `${FENCE}markdown\n# Bill\n\nTotal\n${FENCE}\n` }), "# Bill\n\nTotal");
  const inner = `# How\n\n${FENCE}\nmake\n${FENCE}\n\n${FENCE}\nrun\n${FENCE}`;
  assert.equal(contentOf({ asks: "text", text: inner }), inner);
  assert.equal(contentOf({ asks: "text", text: `~~~~md\n${inner}\n~~~~` }), inner);
  assert.equal(contentOf({ asks: "text", text: `${FENCE}\nnot closed` }), `${FENCE}\nnot closed`);
});

test("a description is one line without quotes and labels", () => {
  assert.equal(altOf(' **Alt text:** "A dog\n on a beach." '), "A dog on a beach.");
  assert.equal(altOf("„Ein Hund.“"), "Ein Hund.");
  assert.equal(altOf('A sign that says "Stop"'), 'A sign that says "Stop"');
});

test("only a finished answer that was asked for a text can be opened, only a description kept", () => {
  const of = (asks, text = "x", status = "complete") => usesOf({ asks, text, status });
  assert.deepEqual(of("text"), { text: true, alt: false });
  assert.deepEqual(of("alt"), { text: true, alt: true });
  assert.deepEqual(of("table", "x", "stopped"), { text: true, alt: false });
  for (const none of [of("answer"), of(null), of("text", " "), of("alt", "x", "running")]) {
    assert.deepEqual(none, { text: false, alt: false });
  }
});

test("formulas in a table are found and guarded, amounts and everything else stay", () => {
  const plain = 'a,b\n-5,+3.20\n"x, =1","say ""=1"""\n-12 %;1-2\r\n-1\'000,--\n';
  assert.equal(hasFormulas("a,b\n-5,+3.20\n\"x, =1\",y"), false);
  assert.equal(guarded("a,b\n-5,+3.20\n\"x, =1\",y"), "a,b\n-5,+3.20\n\"x, =1\",y");
  assert.equal(guarded('=1+1,"=HYPERLINK(""x"")"\n@SUM(1);-2+3\t=A1\r\n =B2'), '\'=1+1,"\'=HYPERLINK(""x"")"\n\'@SUM(1);\'-2+3\t\'=A1\r\n\' =B2');
  assert.equal(guarded(plain), plain.replace(",--", ",'--"));
  assert.equal(guarded('"not closed,=1'), '"not closed,\'=1');
  assert.equal(guarded(""), "");
});

test("of a model that got the words in a picture the words are the text, all of them", () => {
  assert.equal(isOfWords({ asks: "text", sight: "read" }), true);
  assert.equal(isOfWords({ asks: "text", sight: null }), false);
  assert.equal(isOfWords({ asks: "table", sight: "read" }), false);
  assert.equal(allRead([{ text: "Bill\n7.95 " }, { text: null }, { text: "Page 2" }]), "Bill\n7.95\n\nPage 2");
  assert.equal(allRead([{ text: "" }]), "");
});
