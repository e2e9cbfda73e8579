// The search over the page: a combobox with the results of the search page as its options. The page's script loads this
// file when the dialog first opens. Each page has a dialog of its own.
const delay = 150; // from the last key to the request, in ms
const reading = 2000; // until results are asked for again while the account is being read, in ms

const enhance = (dialog, showTimes) => {
  const [form, field, list, status] = ["form", "[role=combobox]", "[role=listbox]", "[role=status]"]
    .map((selector) => dialog.querySelector(selector));
  const notes = Object.assign(document.createElement("div"), { className: "notes" });
  list.after(notes);
  const text = { autocomplete: "off", autocapitalize: "none", spellcheck: "false", enterkeyhint: "go",
    "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" };
  for (const [name, value] of Object.entries(text)) field.setAttribute(name, value);
  const options = () => [...list.querySelectorAll("[role=option]")];
  let active = null;
  let shown = ""; // what the results in the list were asked for
  let request = null; // of results that are on their way, also while it waits for the next key
  let timer = 0;
  let entered = false; // Enter was pressed before the results came

  const activate = (option) => {
    active?.setAttribute("aria-selected", "false");
    active = option ?? null;
    active?.setAttribute("aria-selected", "true");
    active?.scrollIntoView({ block: "nearest" });
    if (active) field.setAttribute("aria-activedescendant", active.id);
    else field.removeAttribute("aria-activedescendant");
  };
  const show = (text, groups, others) => {
    const query = field.value.trim();
    const kept = query === shown && active?.href;
    shown = query;
    if (status.textContent !== text) status.textContent = text; // screen readers read each change
    list.replaceChildren(...groups);
    notes.replaceChildren(...others);
    list.hidden = !groups.length;
    field.setAttribute("aria-expanded", String(!list.hidden));
    window.htmx?.process(list);
    window.htmx?.process(notes);
    showTimes();
    active = null;
    activate(options().find((option) => option.href === kept) ?? (query ? options()[0] : null));
  };
  // group makes a group of options of a section of the search page.
  const group = (section, index) => {
    const title = section.querySelector("h2");
    for (const element of section.querySelectorAll("*")) {
      for (const name of ["id", "tabindex"]) element.removeAttribute(name);
      if (element.matches("h2, ul, li, p")) element.setAttribute("role", "none");
    }
    section.setAttribute("role", "group");
    title.id = `palette-group-${index}`;
    section.setAttribute("aria-labelledby", title.id);
    section.querySelectorAll("a").forEach((link, n) => {
      link.append(...[...link.parentElement.children].filter((other) => other !== link));
      link.id = `palette-option-${index}-${n}`;
      link.tabIndex = -1;
      link.setAttribute("role", "option");
      link.setAttribute("aria-selected", "false");
    });
    return section;
  };
  // fail shows what the page's notice with this name says.
  const fail = (name) => {
    const notice = document.querySelector(`[data-notice="${name}"]`);
    const links = notice.querySelector(".message-links");
    show(notice.querySelector(".message-title").lastChild.textContent, [], links ? [links.cloneNode(true)] : []);
  };
  const showResponse = (response, page) => {
    const [results, problem] = ["#results", "#problem"].map((selector) => page.querySelector(selector));
    if (response.status === 401) return fail("signed-out");
    if (problem) return show(problem.querySelector("h1").textContent, [], problem.querySelectorAll("p:not([class]), .actions"));
    if (!results) return fail("offline");
    const sections = [...results.querySelectorAll("section")];
    for (const section of sections) section.remove();
    show(page.getElementById("count").textContent, sections.map(group), results.children);
    if (page.querySelector("[data-refresh]")) timer = setTimeout(load, reading);
  };
  const load = async () => {
    clearTimeout(timer);
    request?.abort();
    const mine = request = new AbortController();
    const address = `${form.action}?${new URLSearchParams({ q: field.value.trim() })}`;
    const options = { headers: { "HX-Request": "true" }, cache: "no-store", signal: mine.signal };
    const response = await fetch(address, options).catch(() => null);
    const text = await response?.text().catch(() => "");
    if (mine !== request) return;
    request = null;
    if (response) showResponse(response, new DOMParser().parseFromString(text, "text/html"));
    else fail("offline");
    if (entered && dialog.open) choose();
  };
  // choose opens the active option, or the page with all results.
  const choose = () => {
    entered = false;
    if (active) active.click();
    else form.requestSubmit();
  };
  const move = (step) => {
    const all = options();
    const at = active ? all.indexOf(active) : (step > 0 ? -1 : 0);
    activate(all[(at + step + all.length) % all.length]);
  };

  field.addEventListener("input", () => {
    entered = false;
    request?.abort();
    request = new AbortController();
    clearTimeout(timer);
    timer = setTimeout(load, delay);
  });
  field.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || !(step || event.key === "Enter")) return;
    event.preventDefault();
    if (step) move(step);
    else if (request) entered = true;
    else choose();
  });
  dialog.addEventListener("close", () => {
    clearTimeout(timer);
    request?.abort();
    request = null;
    entered = false;
  });
  return { field, load };
};

// A result closes the dialog, which must not cover a page that asks before it is left. The page's script may keep the
// event from all listeners but those on the window.
const leave = (event) => {
  const dialog = event.target.closest?.("#palette");
  const stays = event.ctrlKey || event.metaKey || event.shiftKey;
  if (dialog && !stays && event.target.matches("form:not([method=dialog]), a:not([target]), a:not([target]) *")) dialog.close();
};
for (const type of ["click", "submit"]) window.addEventListener(type, leave, true);

const known = new WeakMap();

// open shows results in a dialog that was opened. What was typed while this file was loaded stays.
export const open = (dialog, showTimes) => {
  const again = known.has(dialog);
  if (!again) known.set(dialog, enhance(dialog, showTimes));
  const { field, load } = known.get(dialog);
  field.focus();
  if (again) field.select();
  load();
};
