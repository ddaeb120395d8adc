// A long list of choices becomes two: what can be chosen, with a search, and what is chosen, with its number. The list
// itself stays in the form and is what is sent; without this script it is a plain one.
(() => {
  "use strict";
  const FILTERS = {
    parties: [["", "Any parties"], ["2", "2 parties"], ["3", "3 or more"]],
    size: [["", "Any size"], ["small", "Up to 100 outcomes"], ["medium", "To 10,000"], ["large", "To 1,000,000"], ["huge", "More"]],
  };
  function make(tag, attributes = {}, text = "") {
    const element = document.createElement(tag);
    Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
    element.textContent = text;
    return element;
  }

  function dress(select) {
    const label = select.labels[0], name = label.textContent.trim(), low = name.toLowerCase();
    const box = make("div", { class: "dual-box" });
    const list = (text) => make("select", { multiple: "", size: "10", class: "form-select", "aria-label": text });
    const from = list(`${name} to choose from`), to = list(`Chosen ${low}`);
    const search = make("input", { type: "search", class: "form-control", placeholder: `Search ${low}`, "aria-label": `Search ${low}` });
    const count = make("output", { class: "dual-count" }), tools = make("div", { class: "dual-tools" });
    const button = (text, title) => make("button", { type: "button", class: "btn btn-quiet", title }, text);
    const add = button("Add", `Add the marked ${low}`), all = button("Add all", `Add all listed ${low}`);
    const remove = button("Remove", `Remove the marked ${low}`), clear = button("Remove all", `Remove all ${low}`);
    const filters = "filters" in select.dataset ? Object.keys(FILTERS).map(filter) : [];

    function filter(what) {
      const choice = make("select", { class: "form-select", "aria-label": FILTERS[what][0][1], "data-what": what });
      FILTERS[what].forEach(([value, text]) => choice.append(make("option", { value }, text)));
      return choice;
    }
    const isIn = (option) => filters.every((choice) => {
      const wanted = choice.value, own = option.dataset[choice.dataset.what];
      return !wanted || (choice.dataset.what === "parties" && wanted === "3" ? Number(own) > 2 : own === wanted);
    });
    // What can be chosen stands in the groups that the list itself has.
    function groupOf(option, box) {
      const label = option.parentElement.label;
      if (!label) return box;
      if (box.lastElementChild?.label !== label) box.append(make("optgroup", { label }));
      return box.lastElementChild;
    }
    function show() {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const left = document.createDocumentFragment(), right = document.createDocumentFragment();
      let free = 0, chosen = 0;
      [...select.options].forEach((option) => {
        const text = option.textContent;
        if (option.selected) { chosen++; right.append(make("option", { value: option.value }, text)); return; }
        const found = `${text} ${option.dataset.words} ${option.parentElement.label ?? ""}`.toLowerCase();
        if (words.every((word) => found.includes(word)) && isIn(option)) { free++; groupOf(option, left).append(make("option", { value: option.value }, text)); }
      });
      from.replaceChildren(left);
      to.replaceChildren(right);
      count.textContent = `${chosen} chosen, ${free} listed`;
    }
    function move(options, chosen) {
      const values = new Set([...options].map((option) => option.value));
      if (!values.size) return;
      [...select.options].forEach((option) => { if (values.has(option.value)) option.selected = chosen; });
      show();
      select.dispatchEvent(new Event("change", { bubbles: true }));
    }
    // These lists are for choosing only: what the form tells of is the list behind them.
    [from, to, search, ...filters].forEach((part) => part.addEventListener("change", (event) => event.stopPropagation()));
    [search, ...filters].forEach((part) => part.addEventListener("input", show));
    const onEnter = (part, act) => part.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); act(); } });
    const take = () => move(from.selectedOptions, true), drop = () => move(to.selectedOptions, false);
    [[from, take], [to, drop]].forEach(([part, act]) => { part.addEventListener("dblclick", act); onEnter(part, act); });
    onEnter(search, () => { if (from.options.length === 1) move(from.options, true); });
    add.addEventListener("click", take);
    remove.addEventListener("click", drop);
    all.addEventListener("click", () => move(from.options, true));
    clear.addEventListener("click", () => move(to.options, false));

    const seek = make("div", { class: "dual-seek" }), left = make("div"), right = make("div");
    seek.append(search, ...filters);
    left.append(seek, from);
    tools.append(add, all, remove, clear);
    right.append(count, to);
    box.append(left, tools, right);
    select.hidden = true;
    select.after(box);
    show();
  }
  document.querySelectorAll("select[data-dual]").forEach(dress);
  document.querySelectorAll("[data-without-script]").forEach((button) => { button.hidden = true; });
})();
