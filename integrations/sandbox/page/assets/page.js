// The few things that only a browser can know: keys while an input method composes, scrolling, the chosen theme.
const rehearsal = {
  key(event, emit) {
    const box = event.target;
    const open = box.getAttribute("aria-expanded") === "true";
    if (event.isComposing || event.keyCode === 229) return; // Enter that ends a Korean syllable sends nothing
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      rehearsal.take(box, emit);
    } else if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      emit({ kind: "move", by: event.key === "ArrowDown" ? 1 : -1 });
    } else if (open && event.key === "Tab" && !event.shiftKey) {
      event.preventDefault();
      emit({ kind: "take" });
    } else if (open && event.key === "Escape") {
      event.preventDefault();
      emit({ kind: "close" });
    }
  },
  escape(event, emit) {
    if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing) emit();
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
    box.value = text;
    box.focus();
    rehearsal.fit(box);
  },
  fit(box) {
    box.style.height = "auto";
    box.style.height = Math.min(box.scrollHeight, 180) + "px";
  },
  menu() {
    rehearsal.drawer(!document.body.classList.contains("menu-open"));
  },
  // What is seen and what is told to a screen reader change together.
  drawer(open) {
    document.body.classList.toggle("menu-open", open);
    document.querySelector(".menu")?.setAttribute("aria-expanded", String(open));
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
  // A phone's keyboard would cover what was asked for.
  focus(key) {
    if (key.endsWith("composer") && innerWidth <= 820) return;
    requestAnimationFrame(() => {
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
    document.querySelectorAll(".scroller").forEach((list) => {
      const last = list.querySelector(".row-of-list:last-child");
      if (!last || list.dataset.away) return;
      const before = last.previousElementSibling;
      const short = before && before.offsetHeight < 100 ? before : last;
      const place = Math.min(list.scrollHeight - list.clientHeight, short.offsetTop - 4);
      list.dataset.at = Math.max(0, Math.round(place));
      list.scrollTop = list.dataset.at;
    });
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

document.addEventListener("DOMContentLoaded", () => {
  new MutationObserver((changes) => {
    if (changes.some((change) => change.addedNodes.length)) rehearsal.scroll();
  }).observe(document.body, { childList: true, subtree: true });
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") rehearsal.drawer(false);
});
window.rehearsal = rehearsal;
