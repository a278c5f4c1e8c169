import assert from "node:assert/strict";
import { test } from "node:test";

import "./vendor.js";

const { Blocks } = await import("../../static/js/lib/markdown/blocks.js");
const { firstPart, inlineTokens, missing } = await import("../../static/js/lib/markdown/inline.js");
const { presentable } = await import("../../static/js/lib/markdown/unfinished.js");

const TEXT = `Yes. It is **worth** it.

### What you need

| Part | Why |
|---|:-:|
| key \\| x | fits |
| b

1. one
   - inner

   still one
2. two
- [x] done

> quoted
lazily
> - in it

\`\`\`python
x = """
# no heading
\ttab
\`\`\`

\\[
x = 1
\\]

[^1]: A note.
    More of it.

[one]: https://one.example "title"

    code

<div>
*as typed*
</div>

Last words
=====
$$
not closed
`;

/** Blocks as plain text, one a line. */
function outline(block, depth = 0) {
  const { type, text, level, info, cells, head, loose, start, task, label } = block;
  const facts = { text, level, info, cells, head, loose, start, task, label };
  const said = Object.entries(facts).filter(([, value]) => value !== undefined && value !== null);
  const line = `${" ".repeat(depth)}${type} ${JSON.stringify(Object.fromEntries(said))}`;
  return [line, ...(block.children ?? []).map((child) => outline(child, depth + 1))].join("\n");
}

function read(...pieces) {
  const blocks = new Blocks();
  for (const piece of pieces) blocks.write(piece);
  blocks.end();
  return blocks;
}

const typesOf = (text) => read(text).root.children.map((block) => block.type);
const first = (text) => read(text).root.children[0];

test("a text is read the same wherever it is cut, also into single characters", () => {
  const whole = outline(read(TEXT).root);
  for (let at = 1; at < TEXT.length; at += 1) {
    assert.equal(outline(read(TEXT.slice(0, at), TEXT.slice(at)).root), whole, JSON.stringify(TEXT.slice(at - 9, at)));
  }
  assert.equal(outline(read(...TEXT).root), whole);
});

test("a definition or a footnote counts once, and only when its line has ended", () => {
  const blocks = new Blocks();
  blocks.write("[one]: https://on");
  blocks.write("e.example\n[^n]: fir");
  assert.deepEqual([...blocks.notes], []);
  blocks.write("st\n\n[^n]: second\n[one]: https://two.example\n\n");
  assert.equal(blocks.links.one.href, "https://one.example");
  assert.deepEqual([...blocks.notes], [["n", 1]]);
  assert.deepEqual(blocks.defined, ["one", "^n"]);
});

test("blocks are what CommonMark and GFM say", () => {
  const kinds = "paragraph heading table list list quote code formula note code html heading paragraph";
  assert.deepEqual(typesOf(TEXT), kinds.split(" "));
  const table = read(TEXT).root.children[2];
  assert.deepEqual(table.head, ["Part", "Why"]);
  assert.deepEqual(table.align, ["", "center"]);
  assert.deepEqual(table.children.map((row) => row.cells), [["key | x", "fits"], ["b", ""]]);
  assert.equal(first("```js\n\ta\n\n```").text, "\ta\n\n");
  assert.equal(first("   ```\n   a\n  b\n").text, "a\nb\n", "its indent is taken from its lines");
  assert.equal(first("~~~\n```\n~~~").text, "```\n");
  assert.deepEqual(typesOf("one\n- two"), ["paragraph", "list"]);
  assert.deepEqual(typesOf("one\n2. two"), ["paragraph"], "a number in a text begins no list");
  assert.deepEqual(typesOf("a | b\n---"), ["heading"]);
  assert.deepEqual(typesOf("- a\n* b"), ["list", "list"]);
  assert.deepEqual(typesOf("***\n_ _ _"), ["rule", "rule"]);
  assert.equal(first("# a #").text, "a");
  assert.equal(first("7) a").start, 7);
});

test("a list is loose when there is room between its parts, and only that list", () => {
  const loose = (text) => first(text).loose;
  assert.equal(loose("- a\n- b\n\ntext"), false);
  assert.equal(loose("- a\n\n- b"), true);
  assert.equal(loose("- a\n\n  b\n- c"), true);
  const nested = first("- a\n  - b\n\n    c\n- d");
  assert.deepEqual([nested.loose, nested.children[0].children[1].loose], [false, true]);
  assert.equal(loose("- a\n  ```\n  b\n\n\n  ```\n- c"), false, "an empty line of code is none between items");
});

test("a formula that has no end is a text", () => {
  assert.equal(first("$$\nx\n$$").type, "formula");
  assert.equal(first("\\[ x \\]").text, " x ");
  assert.equal(first("$$ is the process\n\nmore").type, "paragraph");
  assert.equal(first("$$ a $$ and more").type, "paragraph");
  assert.equal(read("$$\nx\n$$ and\nmore").root.children[0].text, "$$\nx\n$$ and\nmore");
});

test("no line is read more than twice, however long the text is", () => {
  const blocks = new Blocks();
  let lines = 0;
  const { read: reading } = blocks;
  blocks.read = (line) => {
    lines += 1;
    reading.call(blocks, line);
  };
  for (let item = 0; item < 2000; item += 1) blocks.write(`- item ${item}\n`);
  assert.equal(lines, 2000);
  assert.ok(blocks.spine().every((block) => (block.children?.length ?? 0) - (block.sure ?? 0) <= 0));
});

test("nesting has an end", () => {
  const deepest = (block) => 1 + Math.max(0, ...(block.children ?? []).map(deepest));
  assert.ok(deepest(read(">".repeat(5000)).root) < 100);
  assert.ok(deepest(read("- ".repeat(5000) + "x").root) < 100);
});

// Inside of a block ---------------------------------------------------------------------------------

const known = { links: Object.create(null), notes: new Map([["1", 1]]) };
const kinds = (text) => inlineTokens(text, known).map((token) => token.type);
const formulas = (text) => inlineTokens(text, known).filter((token) => token.type === "formula").map((token) => token.text);

test("money is no formula", () => {
  for (const text of ["$5 and $6", "$5-$6", "from 5$ to 6$", "US$5, US$6", "$HOME and $PATH", "$ 5 $", "\\$x\\$", "`$x$`", "a $5M$10M"]) {
    assert.deepEqual(formulas(text), [], text);
  }
});

test("a formula is one in each of its four forms", () => {
  assert.deepEqual(formulas("so $x^2$, $y$-axis and \\(a_b*c*\\)"), ["x^2", "y", "a_b*c*"]);
  assert.deepEqual(formulas("so $$x$$ and \\[y\\]"), ["x", "y"]);
  assert.deepEqual(formulas("it is $5$ or $\\$5$"), ["5", "\\$5"]);
});

test("a footnote is one where it is defined, and missing labels are known", () => {
  assert.deepEqual(kinds("a[^1]"), ["text", "note"]);
  assert.deepEqual(kinds("a[^2]"), ["text"]);
  assert.deepEqual([...missing("[a] [^1] [^2] [B c]", known)], ["a", "^2", "b c"]);
});

test("what is half typed is shown without its marks", () => {
  const shown = {
    "a **bo": "a **bo**",
    "a **": "a ",
    "a *b **c": "a *b **c***",
    "a `co": "a `co`",
    "a `": "a ",
    "see [the li": "see the li",
    "see [the link](https://exa": "see the link",
    "so $x^": "so ",
    "so \\(x": "so ",
    "costs $5 an": "costs $5 an",
    "H<su": "H",
    "a &am": "a ",
    "| Part | Wh": "",
    "2 * 3 and a_b": "2 * 3 and a_b",
    "done **b** and `c`": "done **b** and `c`",
    "a ~~b": "a ~~b~~",
  };
  for (const [text, wanted] of Object.entries(shown)) assert.equal(presentable(text), wanted, text);
});

test("a very long text is cut by what it says, where nothing is open", () => {
  const words = "some words here ".repeat(400);
  const at = firstPart(words, known);
  assert.ok(at >= 2048 && at < 4096);
  assert.equal(firstPart(words.slice(0, 4096), known), at, "what comes later changes nothing");
  assert.equal(firstPart("short", known), 0);
  const open = `${words.slice(0, 2030)}**${words.slice(0, 800)}** ${words}`;
  assert.ok(firstPart(open, known) > 2840, "not inside of the emphasis");
  assert.ok(firstPart("x".repeat(9000), known) <= 4096, "a text without a space is cut all the same");
  assert.equal(firstPart("😀".repeat(4000) + "a", known) % 2, 0, "never inside of a character");
});
