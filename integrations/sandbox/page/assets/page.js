// The few things that only a browser can know: keys while an input method composes, where the keyboard is, scrolling,
// where there is room beside what a menu or the tour points at, the chosen theme.
const rehearsal = {
  // A box with suggestions: the composer's sends, a search's does not.
  key(event, emit) {
    if (event.isComposing || event.keyCode === 229) return; // Enter that ends a Korean syllable sends nothing
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      rehearsal.take(event.target, emit);
    } else {
      rehearsal.choose(event, emit, "Tab");
    }
  },
  choose(event, emit, taking) {
    if (event.target.getAttribute("aria-expanded") !== "true" || event.shiftKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const told = step ? { kind: "move", by: step } : event.key === taking ? { kind: "take" } : event.key === "Escape" ? { kind: "close" } : null;
    if (!told) return;
    event.preventDefault();
    event.stopPropagation();
    emit(told);
  },
  typed(event, emit) {
    const box = event.target;
    rehearsal.fit(box);
    const open = box.getAttribute("aria-expanded") === "true";
    if (open || /^\/|(^|\s)@\w*$/.test(box.value)) emit({ kind: "typed", text: box.value });
  },
  send(event, emit) {
    const box = event.target.closest(".composer").querySelector("textarea");
    rehearsal.take(box, emit);
    box.focus();
  },
  take(box, emit) {
    const text = box.value.trim();
    if (!text) return;
    box.value = "";
    rehearsal.fit(box);
    emit({ kind: "send", text });
  },
  fill(id, text) {
    const box = document.getElementById("c" + id);
    if (!box) return;
    box.value = text;
    if (text && !rehearsal.narrow() && !document.querySelector(".tour-card")) box.focus();
    rehearsal.fit(box);
  },
  fit(box) {
    box.style.height = "auto";
    box.style.height = Math.min(box.scrollHeight, 180) + "px";
  },

  // A search in the app's options: asked when somebody pauses.
  lookup(event, emit) {
    const box = event.target;
    clearTimeout(box.pause);
    box.pause = setTimeout(() => {
      if (document.activeElement === box) emit({ kind: "typed", text: event.type === "focus" ? "" : box.value.trim() });
    }, event.type === "focus" ? 0 : 250);
  },
  lookupKey(event, emit) {
    if (event.isComposing) return;
    if (event.key === "Enter") event.preventDefault(); // chooses, and does not send the form
    rehearsal.choose(event, emit, "Enter");
  },
  lookupLeft(event, emit) {
    const box = event.target;
    const kept = box.dataset.kept ?? box.defaultValue;
    if (!box.value) box.dataset.kept = "";
    else box.value = kept;
    emit({ kind: box.value || !kept ? "close" : "cleared" });
  },
  pick(id, value) {
    const box = document.getElementById("c" + id);
    if (!box) return;
    box.value = value;
    box.dataset.kept = value;
  },

  // Menus: the browser opens and closes them.
  popdown() {
    document.querySelectorAll(":popover-open").forEach((menu) => menu.hidePopover());
  },
  beside(menu) {
    const opener = document.querySelector(`[popovertarget="${menu.id}"]`);
    if (!opener) return;
    const at = opener.getBoundingClientRect();
    const below = at.bottom + menu.offsetHeight + 8 < innerHeight;
    menu.style.top = Math.max(8, below ? at.bottom + 4 : at.top - menu.offsetHeight - 4) + "px";
    menu.style.left = Math.max(8, Math.min(at.left, innerWidth - menu.offsetWidth - 8)) + "px";
  },
  inMenu(event) {
    const items = [...event.currentTarget.querySelectorAll("[role=menuitem]")];
    const here = items.indexOf(document.activeElement);
    const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    items[(to + items.length) % items.length].focus();
  },

  escape(event, emit) {
    if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing) emit();
  },
  // From message to message with the arrows, as in Slack.
  walk(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const list = event.currentTarget;
    if (!step || !(event.target === list || event.target.matches(".message"))) return;
    const messages = [...list.querySelectorAll(".message")];
    const here = messages.indexOf(document.activeElement);
    const next = here < 0 ? messages.length - 1 : here + step;
    if (!messages[next]) return;
    event.preventDefault();
    messages[next].focus();
  },
  // The first field that something is wrong with.
  wrong() {
    requestAnimationFrame(() => {
      const form = document.querySelector("dialog[open] form");
      if (!form) return;
      form.querySelectorAll("[aria-describedby]").forEach((field) => {
        const said = field.getAttribute("aria-describedby").split(" ").map((id) => document.getElementById(id));
        const wrong = said.some((words) => words?.matches(".bk-error") && words.textContent);
        if (wrong) field.setAttribute("aria-invalid", "true");
        else field.removeAttribute("aria-invalid");
      });
      const first = form.querySelector("[aria-invalid=true]");
      if (first) (first.matches("input, textarea, select") ? first : first.querySelector("input"))?.focus();
    });
  },

  narrow() {
    return innerWidth <= 820;
  },
  menu() {
    rehearsal.drawer(!document.body.classList.contains("menu-open"));
  },
  // What is seen and what is told to a screen reader change together.
  drawer(open) {
    document.body.classList.toggle("menu-open", open);
    document.querySelector(".topbar .menu")?.setAttribute("aria-expanded", String(open));
  },
  shown(id, open) {
    document.querySelector(`.topbar [aria-controls="${id}"]`)?.setAttribute("aria-expanded", String(open));
    requestAnimationFrame(rehearsal.follow); // a list that was covered has lost its place
  },
  theme() {
    const dark = getComputedStyle(document.documentElement).getPropertyValue("--is-dark").trim() === "1";
    localStorage.setItem("theme", dark ? "light" : "dark");
    document.documentElement.dataset.theme = dark ? "light" : "dark";
  },
  sat(user, language, key) {
    document.documentElement.lang = language;
    // The first time nobody has chosen anything yet: a drawer that was opened meanwhile stays open.
    if (rehearsal.seated) rehearsal.drawer(false);
    rehearsal.seated = true;
    const url = new URL(location.href);
    url.searchParams.set("as", user);
    url.searchParams.set("lang", language);
    history.replaceState(null, "", url);
    if (key) rehearsal.focus(key);
  },
  // A phone's keyboard would cover what was asked for; the tour keeps the keyboard while it runs.
  focus(key) {
    if (key.endsWith("composer") && rehearsal.narrow()) return;
    requestAnimationFrame(() => {
      if (document.querySelector(".tour-card")) return;
      const place = document.querySelector(`[data-key="${key}"]`);
      if (place) (place.querySelector("textarea") || place).focus();
    });
  },
  follow() {
    document.querySelectorAll(".scroller").forEach((list) => delete list.dataset.away);
    rehearsal.scroll();
  },
  // The newest message is shown from its beginning, under its question: the first line of an answer is what counts.
  scroll() {
    document.querySelectorAll(".scroller[role=log]").forEach((list) => {
      const last = list.querySelector(".row-of-list:last-child");
      if (!last || list.dataset.away || !list.clientHeight) return;
      const before = last.previousElementSibling;
      const short = before && before.offsetHeight < 100 ? before : last;
      const place = Math.min(list.scrollHeight - list.clientHeight, short.offsetTop - 4);
      list.dataset.at = Math.max(0, Math.round(place));
      list.scrollTop = list.dataset.at;
    });
  },

  // The tour: a ring around what it speaks of, its card where there is room.
  tourKey(event, emit) {
    if (!["Escape", "ArrowRight", "ArrowLeft"].includes(event.key) || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    emit(event.key);
  },
  tour() {
    const card = document.querySelector(".tour-card");
    const there = card?.dataset.at ? [...document.querySelectorAll(card.dataset.at)].filter((e) => e.checkVisibility()) : [];
    const seen = there.find((e) => rehearsal.visible(e).height > 20) ?? there[0];
    document.querySelectorAll(".pointed").forEach((e) => e !== seen && e.classList.remove("pointed"));
    if (!card) return;
    seen?.classList.add("pointed");
    const ring = document.querySelector(".tour-ring");
    ring.hidden = !seen;
    if (seen && card.dataset.shown !== card.dataset.step) {
      card.dataset.shown = card.dataset.step;
      if (!seen.closest("[role=log]")) seen.scrollIntoView({ block: "nearest" });
    }
    const at = seen ? rehearsal.visible(seen) : null;
    if (at) Object.assign(ring.style, { left: at.left - 5 + "px", top: at.top - 5 + "px", width: at.width + 10 + "px", height: at.height + 10 + "px" });
    const place = rehearsal.room(at, card.offsetWidth, card.offsetHeight);
    Object.assign(card.style, { left: place[0] + "px", top: place[1] + "px" });
    if (card.classList.contains("placed")) return;
    card.classList.add("placed");
    card.querySelector(".tour-next").focus();
  },
  // The part of an element that its scroller shows.
  visible(element) {
    const own = element.getBoundingClientRect();
    const around = element.closest(".scroller, .panel-body")?.getBoundingClientRect();
    const top = Math.max(own.top, around ? around.top : 0, 6);
    const bottom = Math.min(own.bottom, around ? around.bottom : innerHeight, innerHeight - 6);
    const left = Math.max(own.left, 6);
    return { left, top, width: Math.min(own.right, innerWidth - 6) - left, height: Math.max(0, bottom - top), right: Math.min(own.right, innerWidth - 6), bottom };
  },
  room(at, width, height) {
    const gap = 16;
    const within = (value, most) => Math.max(8, Math.min(value, most));
    const right = innerWidth - width - 8;
    const low = innerHeight - height - 8;
    if (!at) return [within((innerWidth - width) / 2, right), within((innerHeight - height) / 3, low)];
    if (at.bottom + gap + height < innerHeight) return [within(at.left, right), at.bottom + gap];
    if (at.left - gap - width > 0) return [at.left - gap - width, within(at.top, low)];
    if (at.right + gap + width < innerWidth) return [at.right + gap, within(at.top, low)];
    if (at.top - gap - height > 0) return [within(at.left, right), at.top - gap - height];
    return [within(innerWidth - width - 12, right), low];
  },
};

if (localStorage.getItem("theme")) document.documentElement.dataset.theme = localStorage.getItem("theme");

document.addEventListener("scroll", (event) => {
  const list = event.target;
  if (!list.classList || !list.classList.contains("scroller")) return;
  const bottom = list.scrollHeight - list.clientHeight - list.scrollTop < 40;
  const ours = Math.abs(list.scrollTop - Number(list.dataset.at || 0)) < 4;
  if (bottom || ours) delete list.dataset.away;
  else list.dataset.away = "yes";
}, true);
document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (event.newState !== "open" || !menu.matches?.(".popup")) return;
  rehearsal.beside(menu);
  menu.onkeydown = rehearsal.inMenu;
  menu.querySelector("[role=menuitem]")?.focus();
}, true);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") rehearsal.drawer(false);
  // The tour's keys turn its pages from everywhere but a text.
  const card = document.querySelector(".tour-card");
  if (card && !card.contains(event.target) && !event.target.matches("input, textarea, select, [role=menuitem]"))
    card.dispatchEvent(new KeyboardEvent("keydown", { key: event.key, cancelable: true }));
});
document.addEventListener("DOMContentLoaded", () => {
  const before = []; // where the keyboard was when a dialog opened
  new MutationObserver((changes) => {
    document.querySelectorAll("dialog:not([open])").forEach((box) => {
      before.push([box, document.activeElement]);
      box.showModal();
    });
    while (before.length && !before.at(-1)[0].isConnected) {
      const place = before.pop()[1];
      if (place.isConnected) place.focus();
      else rehearsal.focus("composer");
    }
    if (changes.some((change) => change.addedNodes.length)) rehearsal.scroll();
    document.querySelector(".option.picked")?.scrollIntoView({ block: "nearest" });
  }).observe(document.body, { childList: true, subtree: true });
  setInterval(rehearsal.tour, 120);
});
window.rehearsal = rehearsal;
