// How a conversation is set up: its instructions and options, as the fields of a form have them.

const SELDOM = ["presence_penalty", "frequency_penalty", "seed"];
const NUMBERS = ["temperature", "top_p", "max_output_tokens", ...SELDOM];
const CHOICES = ["reasoning_effort", "verbosity"];

const MOST_KNOW = ["minimal", "low", "medium", "high"];

/** What the fields show; an empty one is as the model has it. */
export function fieldsOf({ system_prompt: prompt, options }) {
  const named = [...NUMBERS, ...CHOICES].map((name) => [name, String(options[name] ?? "")]);
  return { system_prompt: prompt, ...Object.fromEntries(named), stop: (options.stop ?? []).join("\n") };
}

/** The setup that the fields stand for. Options that have no field stay as they were. */
export function setupOf(fields, { options: before }) {
  const options = { ...before };
  for (const name of [...NUMBERS, ...CHOICES, "stop"]) delete options[name];
  for (const name of NUMBERS) if (fields[name] !== "") options[name] = Number(fields[name]);
  for (const name of CHOICES) if (fields[name] !== "") options[name] = fields[name];
  const stops = fields.stop.split(/\r?\n/).filter((line) => line.trim());
  if (stops.length) options.stop = stops;
  return { system_prompt: fields.system_prompt, options };
}

/** Whether something is set that few people ever set. */
export function isSeldom({ options }) {
  return [...SELDOM, "stop"].some((name) => options[name] !== undefined);
}

/** What can be chosen for a model, of the values that there are; what was chosen before stays in sight. An
    administrator may not have said which efforts it knows: then those that most do. */
export function effortsOf(model, all, chosen) {
  const known = model?.efforts?.length ? model.efforts : MOST_KNOW;
  return all.filter((value) => !value || known.includes(value) || value === chosen);
}

export const USUAL = { system_prompt: "", options: {} };

/** Whether there is nothing to be kept. */
export function isNothing({ system_prompt: prompt, options }) {
  return !prompt.trim() && !Object.keys(options).length;
}

/** Whether its sheet shows nothing; how closely pictures are looked at is chosen beside them. */
export function isUsual({ system_prompt: prompt, options: { detail: _detail, ...options } }) {
  return isNothing({ system_prompt: prompt, options });
}

export function detailOf({ options }) {
  return options.detail ?? "auto";
}

/** What is as usual is not kept. */
export function withDetail({ system_prompt: prompt, options: { detail: _before, ...options } }, detail) {
  return { system_prompt: prompt, options: detail === "auto" ? options : { ...options, detail } };
}
