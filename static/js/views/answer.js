import { fromTemplate } from "../lib/templates.js";
import { words } from "../lib/words.js";
import { showOpinion } from "./opinion.js";
import { showVersions } from "./versions.js";
import { Growing } from "./growing.js";
import { prose } from "./prose.js";

/** An answer in each of its states: waiting, growing, and the ways it can end. */
export class Answer {
  constructor(element = fromTemplate("answer")) {
    this.element = element;
    this.part = (name) => element.querySelector(`[data-part="${name}"]`);
  }

  show(message, run) {
    const { element } = this;
    element.dataset.message = message.id;
    element.dataset.state = message.status;
    this.part("model").textContent = message.model ?? "";
    this.showText(message);
    this.showReasoning(message);
    this.showWaiting(run);
    this.showNotice(message);
    this.showFacts(message);
    showVersions(element, message);
    showOpinion(element, message);
  }

  showText({ status, text }) {
    if (status === "running") {
      if (!this.growing) this.prepare();
      this.growing.grow(text);
    } else if (this.growing) {
      this.growing.end(text);
      this.growing = null;
    } else if (this.set !== text) {
      this.part("body").replaceChildren(prose(text, this.element.dataset.message));
      delete this.part("body").dataset.raw;
    }
    this.set = text;
  }

  prepare() {
    delete this.part("body").dataset.raw;
    this.growing = new Growing(this.part("body"), { caret: fromTemplate("caret"), scope: this.element.dataset.message });
  }

  showReasoning({ reasoning, text, status }) {
    const step = this.part("reasoning");
    step.hidden = !reasoning;
    if (!reasoning) return;
    step.querySelector("[data-part=step]").textContent = status === "running" && !text ? words.thinking : words.thought;
    const place = step.querySelector("[data-part=thought]");
    if (place.textContent.length !== reasoning.length) place.textContent = reasoning;
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

  showFacts({ usage, cost, status }) {
    const facts = this.part("facts");
    if (status === "running" || !usage) return facts.replaceChildren();
    const total = (usage.input_tokens ?? 0) + (usage.output_tokens ?? 0);
    facts.textContent = [words.tokens(total), words.price(Number(cost))].filter(Boolean).join(" · ");
    facts.title = words.tokensInOut(usage.input_tokens ?? 0, usage.output_tokens ?? 0);
  }
}

/** The sentences stand in the template, so that they are translated with it. */
function sentenceFor({ status, error, finish_reason }, said) {
  if (error) return error.message;
  if (status === "stopped") return said.stopped;
  if (status === "interrupted" || status === "failed") return said.broken;
  return status === "complete" && finish_reason === "length" ? said.length : "";
}
