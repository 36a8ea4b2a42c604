// A question as a card. Python judges, and keeps what was chosen.
import { hear, keepKeys, setText } from "./dom.mjs";

/**
 * What was chosen, by field.
 * @param {{name: string, kind: string}[]} fields
 * @param {{field: string, value: string, checked: boolean}[]} inputs - all inputs, in order
 */
export function chosenIn(fields, inputs) {
  const of = (field) => inputs.filter((input) => input.field === field.name);
  const chosen = (field) => of(field).filter((input) => input.checked).map((input) => input.value);
  const read = { radio: (field) => chosen(field)[0] ?? "", check: chosen };
  const typed = (field) => of(field)[0].value.trim();
  return Object.fromEntries(fields.map((field) => [field.name, (read[field.kind] ?? typed)(field)]));
}

const MARKS = { right: "✓ right", wrong: "✗ not right yet" };

function choices(field, group, given) {
  return field.options.map(([value, words]) => {
    const label = document.createElement("label");
    label.innerHTML = "<input><span></span>";
    const input = label.firstChild;
    Object.assign(input, { type: field.kind === "radio" ? "radio" : "checkbox", name: group, value });
    input.checked = [given ?? ""].flat().includes(value);
    input.dataset.field = field.name;
    label.lastChild.textContent = words;
    return label;
  });
}

function entry(field, given) {
  const label = document.createElement("label");
  label.className = "qc-entry";
  label.innerHTML = `<span></span>${field.kind === "select" ? "<select></select>" : '<input type="text">'}`;
  label.firstChild.textContent = field.label;
  const input = label.lastChild;
  if (field.kind === "select") {
    input.append(new Option("choose", ""), ...field.options.map(([value, words]) => new Option(words, value)));
  }
  input.dataset.field = field.name;
  input.value = given ?? "";
  return [label];
}

function render({ model, el }) {
  const [fields, group] = [model.get("fields"), `question ${Math.random()}`];
  const root = Object.assign(document.createElement("form"), { className: "gan-predict gan-question gan-palette" });
  root.innerHTML = `
    <fieldset><legend><span class="pr-tag">Question</span> <span class="pr-question"></span></legend></fieldset>
    <div class="pr-below"><button type="submit">Check</button><span class="pr-said" role="status"></span></div>
    <code class="qc-code"></code>`;
  const [fieldset, said, code] = ["fieldset", ".pr-said", ".qc-code"].map((part) => root.querySelector(part));
  root.querySelector(".pr-question").textContent = model.get("question");
  for (const field of fields) {
    const given = model.get("given")[field.name];
    const several = field.kind === "radio" || field.kind === "check";
    fieldset.append(...(several ? choices(field, group, given) : entry(field, given)));
  }
  keepKeys(root);
  el.append(root);

  const show = () => {
    const state = model.get("state");
    root.dataset.state = state;
    setText(said, [MARKS[state], model.get("said")].filter(Boolean).join(". "));
    setText(code, model.get("code"));
  };
  root.addEventListener("submit", (event) => {
    event.preventDefault();
    const inputs = [...root.querySelectorAll("[data-field]")];
    const read = inputs.map(({ dataset, value, checked }) => ({ field: dataset.field, value, checked }));
    model.set("given", chosenIn(fields, read));
    model.save_changes();
  });
  const deaf = hear(model, { state: show, said: show, code: show });
  show();

  return () => {
    deaf();
    root.remove();
  };
}

export default { render };
