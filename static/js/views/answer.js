import { fromTemplate } from "../lib/templates.js";
import { words } from "../lib/words.js";
import { showOpinion } from "./opinion.js";
import { showVersions } from "./versions.js";
import { Markdown } from "./markdown.js";
import { showCalls } from "./calls.js";

/** An answer in each of its states: waiting, growing, and the ways it can end. */
export class Answer {
  constructor(element = fromTemplate("answer")) {
    this.element = element;
    this.part = (name) => element.querySelector(`[data-part="${name}"]`);
    this.body = new Markdown(this.part("body"));
    this.thought = new Markdown(this.part("thought"));
  }

  show(message, run) {
    const { element } = this;
    element.dataset.message = message.id;
    element.dataset.state = message.status;
    this.part("model").textContent = message.model ?? "";
    this.showText(message);
    this.showReasoning(message);
    showCalls(this.part("calls"), message.tool_calls ?? []);
    this.showWaiting(run);
    this.showNotice(message);
    this.showFacts(message);
    showVersions(element, message);
    showOpinion(element, message);
  }

  showText({ id, status, text }) {
    this.body.show(text, { growing: status === "running", scope: id });
  }

  showReasoning({ id, reasoning, text, status }) {
    const step = this.part("reasoning");
    step.hidden = !reasoning;
    if (!reasoning) return;
    const thinking = status === "running" && !text;
    step.querySelector("[data-part=step]").textContent = thinking ? words.thinking : words.thought;
    this.thought.show(reasoning, { growing: thinking, scope: `${id}-thought` });
  }

  showWaiting(run) {
    const waiting = run?.waiting;
    const sentence = waiting ? words.retrying(waiting.reason, waiting.attempt, Math.ceil(waiting.retry_in ?? 0)) : "";
    if (this.part("waiting").textContent !== sentence) this.part("waiting").textContent = sentence;
  }

  showNotice(message) {
    const notice = this.part("notice");
    const sentence = sentenceFor(message, notice.dataset);
    notice.hidden = !sentence;
    notice.classList.toggle("bad", message.status === "failed");
    notice.querySelector("[data-part=sentence]").textContent = sentence;
    notice.querySelector("[data-part=go-on]").hidden = !message.text;
  }

  /** In short; the whole of it is a click away (controllers/facts.js). */
  showFacts({ usage, cost, status }) {
    const facts = this.part("facts");
    facts.hidden = status === "running";
    const total = usage && (usage.input_tokens ?? 0) + (usage.output_tokens ?? 0);
    const short = usage ? [words.tokens(total), words.price(Number(cost))].filter(Boolean) : [words.details];
    if (facts.textContent !== short.join(" · ")) facts.textContent = short.join(" · ");
  }
}

/** The sentences stand in the template, so that they are translated with it. */
function sentenceFor({ status, error, finish_reason }, said) {
  if (error) return error.message;
  if (status === "stopped") return said.stopped;
  if (status === "interrupted" || status === "failed") return said.broken;
  return status === "complete" && finish_reason === "length" ? said.length : "";
}
