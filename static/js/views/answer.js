import { hide, put, say } from "../lib/changes.js";
import { nameOf } from "../lib/names.js";
import { fromTemplate, partsOf } from "../lib/templates.js";
import { words } from "../lib/words.js";
import { showOpinion } from "./opinion.js";
import { Summary } from "./summary.js";
import { readable } from "./redacted.js";
import { showRemarks } from "./remarks.js";
import { showUses } from "./uses.js";
import { showVersions } from "./versions.js";
import { Markdown } from "./markdown.js";
import { showCalls } from "./calls.js";

const TOO_LONG = "context_too_long";

/** An answer in each of its states: waiting, growing, and the ways it can end. */
export class Answer {
  constructor(element = fromTemplate("answer")) {
    this.element = element;
    this.part = partsOf(element);
    this.body = new Markdown(this.part("body"));
    this.thought = new Markdown(this.part("thought"));
    this.summary = new Summary(this.part);
  }

  show(message, run) {
    const { element } = this;
    put(element, "data-message", message.id);
    put(element, "data-state", message.status);
    say(this.part("model"), nameOf(message.model));
    put(this.part("model"), "title", message.model ?? "");
    showRemarks(this.part, message);
    showUses(this.part, message);
    this.showText(message);
    this.showReasoning(message);
    showCalls(this.part("calls"), message.tool_calls ?? []);
    this.showWaiting(run);
    this.showNotice(message);
    this.showFacts(message);
    showVersions(this.part("versions"), message);
    showOpinion(this.part, message);
    this.summary.show(message);
  }

  showText(message) {
    const { id, status } = message;
    this.body.show(readable(this.element, message), { growing: status === "running", scope: id });
  }

  showReasoning({ id, reasoning, text, status }) {
    const step = this.part("reasoning");
    hide(step, !reasoning);
    if (!reasoning) return;
    const thinking = status === "running" && !text;
    say(this.part("step"), thinking ? words.thinking : words.thought);
    this.thought.show(reasoning, { growing: thinking, scope: `${id}-thought` });
  }

  showWaiting(run) {
    const waiting = run?.waiting;
    const sentence = waiting ? words.retrying(waiting.reason, waiting.attempt, Math.ceil(waiting.retry_in ?? 0)) : "";
    say(this.part("waiting"), sentence);
  }

  showNotice(message) {
    const notice = this.part("notice");
    const sentence = sentenceFor(message, notice.dataset);
    hide(notice, !sentence);
    notice.classList.toggle("bad", message.status === "failed");
    say(this.part("sentence"), sentence);
    hide(this.part("go-on"), !message.text);
    const tooLong = message.error?.code === TOO_LONG;
    hide(this.part("try-again"), tooLong); // it would be as long again
    hide(this.part("shorten"), !tooLong);
  }

  /** In short; the whole of it is a click away (controllers/facts.js). */
  showFacts({ usage, cost, status, cached }) {
    const facts = this.part("facts");
    hide(facts, status === "running");
    say(facts, words.inShort({ usage, cost, cached }));
  }
}

/** The sentences stand in the template, so that they are translated with it. */
function sentenceFor({ status, error, finish_reason }, said) {
  if (error) return error.message;
  if (status === "stopped") return said.stopped;
  if (status === "interrupted" || status === "failed") return said.broken;
  return status === "complete" && finish_reason === "length" ? said.length : "";
}
