// Small things about elements, for every widget.

/** Set an element's text, if it is another one. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Set what is in an element, if it is another markup than last time. */
export function setHtml(element, html) {
  if (element.dataset.html !== html) [element.dataset.html, element.innerHTML] = [html, html];
}

/** Options as [value, text], replaced only when they changed, so that an open list stays open. */
export function setOptions(select, options, chosen) {
  const key = JSON.stringify(options);
  if (select.dataset.options !== key) {
    select.dataset.options = key;
    select.replaceChildren(...options.map(([value, text]) => new Option(text, value)));
  }
  if (select.value !== String(chosen)) select.value = chosen;
}

/** Give the handles of ipywidgets' sliders the name and the value that stand beside them, for screen readers. */
export function nameHandles(lab) {
  for (const handle of lab.querySelectorAll(".noUi-handle")) {
    const row = handle.closest(".widget-inline-hbox");
    const [name, value] = [row?.querySelector("label"), row?.querySelector(".widget-readout")];
    if (name) handle.ariaLabel = name.textContent;
    if (value) handle.ariaValueText = value.textContent;
  }
}

/** Keep JupyterLab's single keys, such as arrows and Enter, from acting on what happens within a widget. */
export function keepKeys(root) {
  root.addEventListener("keydown", (event) => event.ctrlKey || event.metaKey || event.stopPropagation());
}

/** Call actions when the traits of their names change. Returns what ends it. */
export function hear(model, actions) {
  for (const [name, action] of Object.entries(actions)) model.on(`change:${name}`, action);
  return () => {
    for (const [name, action] of Object.entries(actions)) model.off(`change:${name}`, action);
  };
}

/** Draw anew whenever a widget's size or the theme changes. Returns what ends it. */
export function onNewLooks(root, redraw) {
  const resized = new ResizeObserver(redraw);
  resized.observe(root);
  const themed = new MutationObserver(redraw);
  themed.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  return () => {
    resized.disconnect();
    themed.disconnect();
  };
}

/** The colours that a style sheet gives an element as --prefix-name, by their names. */
export function colorsOf(element, prefix, names) {
  const style = getComputedStyle(element);
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${prefix}-${name}`).trim() || "#888888"]));
}
