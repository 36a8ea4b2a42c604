// A piece of code with a button that copies it.
import { keepKeys } from "./dom.mjs";

const SAID_MS = 2000; // how long "Copied" stays

const BOX_MARKUP = `
  <div class="cb-bar"><span role="status"></span><button type="button">Copy</button></div>
  <pre tabindex="0" role="region" aria-label="Python code"><code></code></pre>
  <p></p>`;

function selectText(element) {
  const selection = getSelection();
  selection.removeAllRanges();
  selection.selectAllChildren(element);
}

/** Copy the element's text. Where the page may not write to the clipboard, select it and return false. */
export async function copyText(element, clipboard = navigator.clipboard, fallback = selectText) {
  try {
    await clipboard.writeText(element.textContent);
    return true;
  } catch {
    fallback(element);
    return false;
  }
}

function render({ model, el }) {
  const root = document.createElement("div");
  root.className = "code-box gan-palette";
  root.innerHTML = BOX_MARKUP;
  keepKeys(root);
  el.append(root);
  const [bar, pre, note] = root.children;
  const [answer, button] = bar.children;
  let clock = 0;

  const copy = async () => {
    const copied = await copyText(pre.firstChild);
    clearTimeout(clock);
    answer.textContent = copied ? "Copied" : "Selected: press Ctrl+C, or ⌘C";
    if (copied) clock = setTimeout(() => (answer.textContent = ""), SAID_MS);
  };
  const show = () => {
    const code = model.get("code");
    bar.hidden = pre.hidden = !code;
    note.hidden = Boolean(code);
    pre.firstChild.textContent = code;
    note.textContent = model.get("note");
    answer.textContent = "";
  };
  button.addEventListener("click", copy);
  for (const change of ["change:code", "change:note"]) model.on(change, show);
  show();

  return () => {
    clearTimeout(clock);
    for (const change of ["change:code", "change:note"]) model.off(change, show);
    root.remove();
  };
}

export default { render };
