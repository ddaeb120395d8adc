// @names while a message is written: a list of who sits here, by arrows and Enter or by a click. Typing alone works too.
(() => {
  "use strict";
  let list = null, field = null, from = -1, chosen = 0, names = [];

  function close() {
    list?.remove();
    if (field) {
      field.removeAttribute("aria-activedescendant");
      field.setAttribute("aria-expanded", "false");
    }
    list = null;
  }
  const fold = (text) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  // What stands between the last @ and the caret, where that begins a word and no name has ended since.
  function asked() {
    const before = field.value.slice(0, field.selectionStart), found = /(?:^|[^\p{L}\p{N}])@([^@\n]{0,30})$/u.exec(before);
    if (!found) return null;
    from = before.length - found[1].length;
    return fold(found[1]);
  }
  function show() {
    const part = asked();
    names = part === null ? [] : field.dataset.mentions.split("\n").filter((name) => fold(name).startsWith(part) && fold(name) !== part);
    close();
    if (!names.length) return;
    chosen = 0;
    list = document.createElement("ul");
    list.className = "mentions";
    list.id = "mentions";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Sellers");
    names.forEach((name, index) => {
      const item = document.createElement("li");
      item.setAttribute("role", "option");
      item.id = `mention-${index}`;
      item.textContent = name;
      list.append(item);
    });
    field.parentElement.append(list);
    field.setAttribute("aria-controls", "mentions");
    field.setAttribute("aria-expanded", "true");
    mark();
  }
  function mark() {
    [...list.children].forEach((item, index) => item.setAttribute("aria-selected", String(index === chosen)));
    field.setAttribute("aria-activedescendant", `mention-${chosen}`);
  }
  function take(index) {
    const end = field.selectionStart, text = `${names[index]} `;
    field.setRangeText(text, from, end, "end");
    close();
    field.focus();
  }

  document.addEventListener("input", (event) => {
    if (!event.target.matches?.("textarea[data-mentions]")) return;
    field = event.target;
    field.setAttribute("role", "combobox");
    field.setAttribute("aria-autocomplete", "list");
    show();
  });
  document.addEventListener("keydown", (event) => {
    if (!list || event.target !== field) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) chosen = (chosen + step + names.length) % names.length;
    if (step) mark();
    else if (event.key === "Enter" || event.key === "Tab") take(chosen);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  }, true);
  document.addEventListener("mousedown", (event) => {
    const item = event.target.closest?.("#mentions li");
    if (!item) return;
    event.preventDefault();
    take([...list.children].indexOf(item));
  });
  document.addEventListener("focusout", (event) => { if (event.target === field) close(); });
  document.addEventListener("htmx:beforeSwap", close);
})();
