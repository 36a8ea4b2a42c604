// Predict: a card with a question, its options and a button. Python keeps the answer.
import { keepKeys, setText } from "./dom.mjs";

/**
 * What the card shows.
 * @param {string} chosen - the option that is ticked; "" for none
 * @param {string} committed - the option that Python knows of; "" for none
 * @param {boolean} again - whether the learner thinks about it again
 * @param {string} note - what Python has to say
 */
export function cardState(chosen, committed, again, note) {
  const settled = committed !== "" && !again;
  return {
    settled,
    button: settled ? "Think again" : "Commit",
    ready: settled || chosen !== "",
    said: note || (settled ? "Committed. Now run the experiment." : "Choose one, then commit to it."),
  };
}

function render({ model, el }) {
  const root = document.createElement("form");
  root.className = "gan-predict gan-palette";
  keepKeys(root);
  root.innerHTML = `
    <fieldset><legend><span class="pr-tag">Predict</span> <span class="pr-question"></span></legend></fieldset>
    <div class="pr-below"><button type="submit"></button><span class="pr-said" role="status"></span></div>`;
  const [fieldset, button, said] = ["fieldset", "button", ".pr-said"].map((part) => root.querySelector(part));
  root.querySelector(".pr-question").textContent = model.get("question");
  const group = `predict ${Math.random()}`;
  const radios = model.get("options").map(([name, words]) => {
    const label = document.createElement("label");
    label.innerHTML = '<input type="radio"><span></span>';
    Object.assign(label.firstChild, { name: group, value: name });
    label.lastChild.textContent = words;
    fieldset.append(label);
    return label.firstChild;
  });
  el.append(root);
  let [chosen, again] = [model.get("committed"), false];

  const show = () => {
    const state = cardState(chosen, model.get("committed"), again, model.get("note"));
    for (const radio of radios) {
      radio.checked = radio.value === chosen;
      radio.disabled = state.settled && !radio.checked;
    }
    root.classList.toggle("pr-settled", state.settled);
    Object.assign(button, { textContent: state.button, disabled: !state.ready });
    setText(said, state.said);
  };
  const onCommitted = () => {
    chosen = model.get("committed");
    show();
  };
  root.addEventListener("change", ({ target }) => {
    chosen = target.value;
    show();
  });
  root.addEventListener("submit", (event) => {
    event.preventDefault();
    again = model.get("committed") !== "" && !again;
    if (!again) {
      model.set("committed", chosen);
      model.save_changes();
    }
    show();
  });
  model.on("change:committed", onCommitted);
  model.on("change:note", show);
  show();

  return () => {
    model.off("change:committed", onCommitted);
    model.off("change:note", show);
    root.remove();
  };
}

export default { render };
