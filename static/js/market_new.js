// The form of a new market: what the check found stands beside each field that was filled in or left, as it is typed.
(() => {
  "use strict";
  const form = () => document.getElementById("market-new");
  if (!form()) return;
  const touched = new Set();
  const hidePlain = () => form().querySelectorAll("[data-without-script]").forEach((button) => { button.hidden = true; });
  const isField = (part) => part.matches?.("#market-new input[type=text], #market-new select");

  function tell(field, why) {
    const text = document.getElementById(`${field.id}-error`);
    if (!text) return;
    text.textContent = why;
    field.classList.toggle("is-invalid", Boolean(why));
    if (why) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
  // A field that nobody has come to yet may stay empty for now.
  function show() {
    const why = new Map();
    document.querySelectorAll("#market-new-check [data-for]").forEach((line) => why.set(line.dataset.for, line.textContent));
    form().querySelectorAll("[aria-describedby]").forEach((field) => {
      if (field.value.trim() || touched.has(field.id) || field.classList.contains("is-invalid")) tell(field, why.get(field.id) ?? "");
    });
  }

  document.addEventListener("focusout", (event) => { if (isField(event.target) && event.target.value.trim()) touched.add(event.target.id); });
  document.addEventListener("change", (event) => { if (isField(event.target)) touched.add(event.target.id); });
  document.addEventListener("htmx:oobAfterSwap", (event) => { if (event.detail.target.id === "market-new-check") show(); });
  // Rows that went make others move up: who was come to is not known any more.
  document.addEventListener("htmx:afterSettle", (event) => { if (event.target.id === "market-new") { touched.clear(); hidePlain(); } });

  // What somebody typed is not lost to a sample without a question.
  document.addEventListener("htmx:confirm", (event) => {
    if (!event.target.matches(".sample")) return;
    const isTyped = [...form().querySelectorAll("input[type=text]")].some((field) => field.value !== field.defaultValue || /-(item|cost|name)$/.test(field.name) && field.value);
    if (!isTyped) return;
    event.preventDefault();
    if (confirm("The sample data takes the place of what stands in the form. Fill it in?")) event.detail.issueRequest(true);
  });
  form().addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form().requestSubmit();
  });
  hidePlain();
})();
