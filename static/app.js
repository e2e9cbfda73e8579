// Voxwarden's script. Every page works without it. All listeners are on the document, because htmx replaces the body
// when a link is followed.
(() => {
  "use strict";
  const root = document.documentElement;
  const all = (selector) => document.querySelectorAll(selector);
  root.classList.add("js");

  // Theme: the system's theme applies until the operator chooses one.
  const themes = ["system", "light", "dark"];
  const saved = () => {
    try {
      const theme = localStorage.getItem("theme");
      return themes.includes(theme) ? theme : "system";
    } catch {
      // storage is disabled
      return "system";
    }
  };
  const showTheme = (theme) => {
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
    for (const label of all("[data-theme-name]")) label.textContent = theme;
  };
  const nextTheme = () => {
    const theme = themes[(themes.indexOf(saved()) + 1) % themes.length];
    try {
      localStorage.setItem("theme", theme);
    } catch {
      // the choice then lasts as long as the page
    }
    showTheme(theme);
  };
  showTheme(saved());

  // Times: the server writes UTC. This converts them to the browser's time zone and keeps UTC in the tooltip.
  const day = { day: "numeric", month: "short", year: "numeric" };
  const heading = { weekday: "long", day: "numeric", month: "long", year: "numeric" };
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const localTime = (date, show) => {
    if (show === "heading") return new Intl.DateTimeFormat("en-GB", heading).format(date).replace(",", "");
    const options = { day: {}, exact: { ...clock, second: "2-digit" } }[show] ?? { ...clock };
    const today = date.toDateString() === new Date().toDateString();
    if (!show || show === "day" || (!today && show !== "hour")) Object.assign(options, day);
    return new Intl.DateTimeFormat("en-GB", options).format(date);
  };
  const showTimes = () => {
    for (const element of all("time:not([data-local])")) {
      const date = new Date(element.dateTime);
      if (Number.isNaN(date.getTime())) continue;
      element.dataset.local = "";
      element.textContent = localTime(date, element.dataset.show);
      element.title ||= element.dateTime.replace("T", " ").replace("Z", " UTC");
    }
  };

  // Day headings: the server groups rows by days in UTC. This groups them by days of the browser's time zone.
  const showDays = () => {
    for (const body of all("tbody:has(> .day)")) {
      const heads = [...body.querySelectorAll(":scope > .day")];
      for (const head of heads) head.remove();
      let shown = "";
      for (const row of [...body.rows]) {
        const at = row.querySelector("time[data-show=hour]")?.dateTime;
        const text = at && localTime(new Date(at), "heading");
        if (!at || text === shown) continue;
        const head = heads[0].cloneNode(true);
        const time = head.querySelector("time");
        [time.dateTime, time.textContent, shown] = [at, text, text];
        row.before(head);
      }
    }
  };

  // Ages: how long ago a time was. A browser's clock that is behind gives none.
  const ages = new Intl.RelativeTimeFormat("en-GB");
  const units = { year: 31536000, month: 2592000, day: 86400, hour: 3600, minute: 60 };
  const ageOf = (date) => {
    const seconds = (Date.now() - date) / 1000;
    const unit = Object.keys(units).find((name) => seconds >= units[name]);
    if (unit) return ages.format(-Math.floor(seconds / units[unit]), unit);
    return seconds > -60 ? "just now" : "";
  };
  const showAges = () => {
    for (const element of all("time[data-age]")) {
      let age = element.nextElementSibling;
      if (!age?.matches(".age")) {
        age = document.createElement("small");
        age.className = "age";
        element.after(" ", age);
      }
      age.textContent = ageOf(new Date(element.dateTime));
    }
  };
  setInterval(showAges, 60000);

  const ready = () => {
    showTheme(saved());
    for (const box of all("[data-single-keys]")) box.checked = singleKeys;
    showTimes();
    showDays();
    showAges();
    showSelection();
  };
  document.addEventListener("DOMContentLoaded", ready);

  // After a page swap, focus moves to the element with autofocus, else to the heading. After sorting it stays on the
  // column header, and after going back through searches in the search field.
  let here = location.pathname;
  const column = (event) => {
    const head = event?.target?.closest?.("th a");
    return head && [...all("th a")].find((link) => link.textContent === head.textContent);
  };
  let searching = false;
  const search = () => {
    const field = searching && document.querySelector("[data-search]");
    if (field) field.setSelectionRange(field.value.length, field.value.length);
    return field;
  };
  document.addEventListener("htmx:before:swap", () => {
    searching = document.activeElement?.matches("[data-search]");
  });
  document.addEventListener("htmx:after:swap", (event) => {
    ready();
    const context = event.detail.ctx;
    if (context?.target !== document.body) return;
    const same = here === location.pathname;
    here = location.pathname;
    const wish = document.querySelector("main [autofocus]");
    const kept = same && (column(context.sourceEvent) || search());
    (wish || kept || document.querySelector("h1"))?.focus({ preventScroll: !wish });
  });

  // Search: typing replaces the address. After a pause, or when a link is followed, the history entry gets its former
  // address back and the result becomes a new entry.
  const pause = 1000;
  let former = null;
  let pausing = 0;
  const wait = () => {
    clearTimeout(pausing);
    pausing = setTimeout(found, pause);
  };
  const forget = () => {
    clearTimeout(pausing);
    former = null;
  };
  const found = () => {
    const now = location.href;
    if (former && former !== now) {
      history.replaceState({ htmx: true }, "", former);
      history.pushState({ htmx: true }, "", now);
    }
    forget();
  };
  document.addEventListener("htmx:before:history:update", (event) => {
    const { history: change, sourceElement } = event.detail;
    if (change.type === "push") return found();
    if (!sourceElement.matches("[role=search]")) return;
    former ??= location.href;
    wait();
  });
  document.addEventListener("input", () => {
    if (former) wait();
  });
  document.addEventListener("htmx:before:history:restore", forget);

  // Busy forms: the pressed button shows progress, and a second press does nothing. The same holds for links that look
  // like buttons.
  const free = (element) => {
    delete element.dataset.busy;
    for (const button of [element, ...element.querySelectorAll("[aria-disabled]")]) button.removeAttribute("aria-disabled");
  };
  // A form that is sent as a page load, such as one for a secret, is sent only if the console responds: the browser's
  // error page would take the place of what was typed. A response of a proxy may be a refusal, which is no reason to stay.
  const health = new URL("../readyz", document.currentScript.src);
  let reached = null;
  const probe = async (form, submitter) => {
    const request = { method: "HEAD", cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(5000) };
    const response = await fetch(health, request).catch(() => null);
    if (!form.isConnected || !("busy" in form.dataset)) return;
    if (!response || response.status >= 500) {
      free(form);
      notice("offline");
      return;
    }
    notice();
    reached = form;
    form.requestSubmit(submitter);
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (unkept()) {
      event.stopImmediatePropagation();
      return;
    }
    if (form.method !== "post") return;
    if (form === reached) {
      reached = null;
      return;
    }
    if ("busy" in form.dataset) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.dataset.busy = "";
    const pressed = event.submitter?.hidden ? form.querySelector(".primary") : event.submitter;
    pressed?.setAttribute("aria-disabled", "true");
    if (!form.matches("main form[hx-boost=false]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    probe(form, event.submitter);
  }, true);
  document.addEventListener("htmx:before:request", (event) => {
    event.target.closest?.("dialog")?.close();
    if (event.target.matches?.("a.button")) event.target.setAttribute("aria-disabled", "true");
  });
  document.addEventListener("htmx:finally:request", (event) => {
    if (event.target.matches?.("form, a")) free(event.target);
  });
  window.addEventListener("pageshow", () => {
    for (const form of all("form[data-busy]")) free(form);
    showSelection();
  });

  // The second click of a double click sends nothing: after the first one, the button of another page may be there.
  document.addEventListener("click", (event) => {
    if (event.detail > 1 && event.target.closest?.("form[method=post] [type=submit]")) event.preventDefault();
  }, true);

  // Leaving a form with unsent input uses an ordinary page load: the browser then restores the input on Back, while htmx
  // would fetch the form again. Search input is in the address anyway.
  const changed = (field) => field.matches("select")
    ? [...field.options].some((option) => option.selected !== option.defaultSelected)
    : field.checked !== field.defaultChecked || field.value !== field.defaultValue;
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link) return;
    if ("palette" in link.dataset && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      event.stopPropagation();
      searchEverything();
      return;
    }
    const fields = all("main form:not([hx-get], #selection) :is(input:not([type=hidden]), textarea, select)");
    if ([...fields].some(changed) || unkept()) event.stopPropagation();
  }, true);

  // A secret that is shown once: leaving the page asks first, until the secret was copied or saved. Links and forms then
  // load an ordinary page: htmx would replace this one without asking.
  const unkept = () => document.querySelector("[data-secret]:not([data-kept])");
  const keep = (near, text) => {
    const secret = near.closest("[data-secret]");
    if (secret) secret.dataset.kept = "";
    say(near, secret ? `${text}. You can leave this page.` : text);
  };
  window.addEventListener("beforeunload", (event) => {
    if (unkept()) event.preventDefault();
  });
  document.addEventListener("copy", (event) => {
    if (event.target.closest?.("[data-secret]")) keep(event.target, "Copied");
  });

  // A failed request leaves the page as it is and shows a notice.
  const notice = (name) => {
    for (const element of all("[data-notice]")) element.hidden = element.dataset.notice !== name;
    document.querySelector(`[data-notice="${name}"]`)?.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("htmx:before:response", (event) => {
    const { request, response, sourceElement } = event.detail.ctx;
    if (sourceElement.matches("[data-refresh]") &&
      (inUse() || !sourceElement.isConnected || request.action !== location.pathname + location.search)) {
      event.preventDefault();
      return;
    }
    notice();
    if (response?.status !== 401) return;
    event.preventDefault();
    if (request.method === "GET" && sourceElement.matches("a")) location.assign(request.action);
    else notice(response.headers.get("X-Voxwarden-Sign-In") === "again" ? "confirm" : "signed-out");
  });
  document.addEventListener("htmx:error", (event) => {
    if (!event.detail.ctx?.response) notice("offline");
  });

  // Pages that reload themselves wait while they are hidden, while the operator types or uses the keyboard, and while an
  // open part would be closed. A search omits empty fields to keep its address short.
  const inUse = () => {
    const active = document.activeElement;
    return document.hidden || document.querySelector("details[open]") ||
      active?.closest("main form:not(#selection)") || active?.matches("main :is(a, button, summary):focus-visible");
  };
  document.addEventListener("htmx:config:request", (event) => {
    const { sourceElement, request } = event.detail.ctx;
    if (sourceElement.matches("[data-refresh]") && inUse()) event.preventDefault();
    if (sourceElement.matches("[role=search]")) {
      for (const [name, value] of [...request.body]) if (!value) request.body.delete(name);
    }
  });

  // Secrets: copy to the clipboard, or save as a file that the browser creates itself.
  const say = (near, text) => {
    const voice = (near.closest("div.secret") ?? document).querySelector("[data-said]");
    if (voice) voice.textContent = text;
  };
  const copy = async (button) => {
    const field = document.getElementById(button.dataset.copy) ?? button.previousElementSibling;
    try {
      await navigator.clipboard.writeText(field.value ?? field.textContent.trim());
      if (!button.textContent) button.ariaLabel += " Copied";
      (button.lastElementChild ?? button).textContent = " Copied";
      keep(button, "Copied");
    } catch {
      const hidden = field.closest("details");
      if (hidden) hidden.open = true;
      // no clipboard API: the selected text can be copied by keyboard
      field.select ? field.select() : getSelection().selectAllChildren(field);
      say(button, "Press Control and C to copy");
    }
  };
  const save = (button) => {
    const text = document.getElementById(button.dataset.save).value;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    link.download = button.dataset.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    keep(button, "Saved");
  };

  // Menus: moving the focus away closes a menu, Escape returns to the button that opened it.
  const closeMenus = (stay) => {
    for (const menu of all(".menu[open]")) menu.open = menu.contains(stay);
  };
  document.addEventListener("focusin", (event) => closeMenus(event.target));

  const showDialog = (id) => {
    const dialog = document.getElementById(id);
    dialog?.showModal();
    dialog?.querySelector("[method=dialog] button").focus();
  };
  // A press outside of a dialog closes it, but not the second click of a double click that opened it. The attribute
  // closedby would close it then, and some browsers do not know it. The default of the press would move the focus.
  document.addEventListener("mousedown", (event) => {
    const { target, x, y } = event;
    if (!target.matches?.("dialog")) return;
    const box = target.getBoundingClientRect();
    if (x > box.left && x < box.right && y > box.top && y < box.bottom) return;
    event.preventDefault();
    if (event.detail < 2) target.close();
  });
  document.addEventListener("click", (event) => {
    closeMenus(event.target);
    const button = event.target.closest?.("button");
    if (!button) return;
    if ("themeSwitch" in button.dataset) nextTheme();
    if ("dialog" in button.dataset) showDialog(button.dataset.dialog);
    if ("copy" in button.dataset) copy(button);
    if ("save" in button.dataset) save(button);
  });

  // Selection: the tab keeps it for each list, over pages, searches and Back. Shift ticks all rows from the last one on.
  let lastTick = null;
  const selected = (ids) => {
    // another operator may sign in in this tab
    const operator = document.querySelector(".rail .menu-label")?.textContent;
    const key = `selected ${operator} ${location.pathname}`;
    try {
      if (ids) sessionStorage.setItem(key, JSON.stringify(ids));
      return JSON.parse(sessionStorage.getItem(key)) ?? [];
    } catch {
      // storage is disabled: the selection lasts as long as the page
      return ids ?? [];
    }
  };
  const rows = () => [...all("#list [name=id]")];
  const absent = (ids) => ids.filter((id) => !rows().some((box) => box.value === id));
  const showSelection = (ids = selected()) => {
    const form = document.getElementById("selection");
    if (!form) return;
    const part = (name) => form.querySelector(`[data-${name}]`);
    const boxes = rows();
    for (const box of boxes) box.checked = ids.includes(box.value);
    const away = absent(ids);
    for (const field of all(".selection [name=id]")) field.remove();
    for (const value of away) {
      part("change").before(Object.assign(document.createElement("input"), { type: "hidden", name: "id", value }));
    }
    const count = ids.length;
    const max = form.dataset.max;
    form.classList.toggle("some", count > 0);
    part("selected").textContent = (count ? `${count} selected` : "") +
      (away.length ? `, ${away.length} not on this page` : "") + (count > max ? `, at most ${max}` : "");
    part("change").disabled = !count || count > max;
    part("compare").disabled = count !== 2;
    part("select-all").checked = boxes.length && boxes.every((box) => box.checked);
  };
  document.addEventListener("click", (event) => {
    const box = event.target;
    if (!box.matches?.("#list [name=id], [data-select-all], [data-select-none]")) return;
    const boxes = rows();
    if ("selectAll" in box.dataset) {
      for (const other of boxes) other.checked = box.checked;
    } else if (event.shiftKey && boxes.includes(lastTick)) {
      const [from, to] = [boxes.indexOf(lastTick), boxes.indexOf(box)].sort((a, b) => a - b);
      for (const other of boxes.slice(from, to + 1)) other.checked = box.checked;
    }
    if (box.name) lastTick = box;
    const ticked = boxes.filter((other) => other.checked).map((other) => other.value);
    showSelection(selected("selectNone" in box.dataset ? [] : [...absent(selected()), ...ticked]));
  });

  // Keys of one character can be turned off: speech input and shaky hands press them by accident.
  let singleKeys = true;
  try {
    singleKeys = localStorage.getItem("single-keys") !== "off";
  } catch {
    // storage is disabled
  }
  document.addEventListener("change", (event) => {
    if (!event.target.matches?.("[data-single-keys]")) return;
    singleKeys = event.target.checked;
    try {
      localStorage.setItem("single-keys", singleKeys ? "on" : "off");
    } catch {
      // the choice then lasts as long as the page
    }
  });
  // On a Mac, Control and K deletes the rest of a line.
  const mac = /Mac|iP/.test(navigator.platform);
  const searchKey = (event) => event.metaKey === mac && event.ctrlKey !== mac && !event.altKey && !event.shiftKey &&
    (event.key.toLowerCase() === "k" || event.code === "KeyK");
  // The search for everything opens over the page. Its script is loaded when it first opens; without it, its form leads
  // to the page of the search.
  const searchEverything = () => {
    const link = document.querySelector("[data-palette]");
    if (!link) return document.querySelector("[data-search]")?.focus();
    const dialog = document.getElementById("palette");
    if (!dialog.open) dialog.showModal();
    import(link.dataset.palette).then((palette) => palette.open(dialog, showTimes), () => {});
  };

  // Keys: Escape closes a menu, Control and K opens the search for everything, "/" focuses the search of the page or
  // opens the one for everything, "?" opens the help; the last two not while typing.
  const typing = (element) => element.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, dialog");
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector(".menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
    if (searchKey(event) && !document.querySelector("dialog[open]:not(#palette)")) {
      event.preventDefault();
      searchEverything();
    }
    if (!singleKeys || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "?") showDialog("shortcuts");
    if (event.key !== "/") return;
    event.preventDefault();
    const search = document.querySelector("[data-search]");
    if (search) search.focus();
    else searchEverything();
  });
})();
