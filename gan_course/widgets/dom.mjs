// Small things about elements, for every widget.

/** Set an element's text, if it is another one. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
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
