// What the widget is put together from.

const BETWEEN_REMARKS = 3_000; // milliseconds: a screen reader needs time to read one

function element(name, properties = {}, children = []) {
  const { role, ...others } = properties;
  const made = Object.assign(document.createElement(name), others);
  if (role) made.setAttribute("role", role);
  made.append(...children);
  return made;
}

// A text that a screen reader reads aloud when it changes: at once, or when there is time for it.
function makeSpoken(className) {
  const span = element("span", { className, role: "status" });
  let changed = -BETWEEN_REMARKS;
  function say(sentence) {
    if (span.textContent !== sentence) span.textContent = sentence;
    changed = performance.now();
  }
  function mention(sentence) {
    if (span.textContent === sentence) return;
    if (performance.now() - changed >= BETWEEN_REMARKS) say(sentence);
  }
  return { span, say, mention };
}
