import assert from "node:assert/strict";
import { test } from "node:test";

import "./vendor.js";

const { html, openFence, settled } = await import("../../static/js/lib/markdown.js");

const TEXT = `Yes. It is **worth** it.

### What you need

| Part | Why |
|---|---|
| key | fits |

1. one
   - inner

   still one
2. two

\`\`\`python
x = """
# no heading
"""
\`\`\`

Last words
=====
`;

test("a remote picture becomes a link and HTML is shown as it was typed", () => {
  assert.match(html("![a dog](https://evil.example/x.png)"), /<a href="https:\/\/evil.example\/x.png">a dog<\/a>/);
  assert.ok(!html('a <img src=x onerror="alert(1)"> b').includes("<img"));
  assert.ok(!html("<script>alert(1)</script>").includes("<script"));
  assert.match(html("H<sub>2</sub>O"), /<sub>2<\/sub>/);
});

test("what is settled stays as it is, whatever comes, wherever the text is cut", () => {
  let parts = "";
  let done = 0;
  for (let end = 1; end <= TEXT.length; end += 1) {
    const length = settled(TEXT.slice(done, end));
    if (length) parts += html(TEXT.slice(done, done + length));
    done += length;
  }
  assert.ok(done > TEXT.length / 2, "most of it is set before the end");
  assert.equal((parts + html(TEXT.slice(done))).replace(/\s+/g, ""), html(TEXT).replace(/\s+/g, ""));
});

test("an incomplete line settles nothing", () => {
  assert.equal(settled("one\n\n---"), 0);
  assert.equal(settled("# one\n"), "# one\n".length);
  assert.equal(settled("one"), 0);
});

test("an open code block is known by its fence, and its end by the same", () => {
  assert.deepEqual(openFence("```js\nlet a"), { closed: false, lang: "js", start: 6, fence: "```" });
  assert.equal(openFence("````\n```\n").closed, false);
  assert.equal(openFence("```\n```\n").closed, true);
  assert.equal(openFence("``` not one"), null);
});
