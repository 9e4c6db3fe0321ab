// Keeps the page up to date: asks for the same page again, and replaces its parts that have changed.
// Every 5 s while something runs, every 60 s otherwise, never while the page is hidden.
const root = document.documentElement;
const asOf = () => document.getElementById("as-of");
let etag = root.dataset.etag;
let timer = 0;
let asking = false;
let since = "";

const seconds = () => (asOf()?.dataset.running === "1" ? 5 : 60);

function later(after = seconds()) {
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(ask, after * 1000);
}

async function ask() {
  if (asking || document.hidden) return;
  asking = true;
  try {
    const answer = await fetch(location.href, {
      headers: { "If-None-Match": etag },
      cache: "no-store",
      redirect: "manual",
      signal: AbortSignal.timeout(20000),
    });
    if (answer.type === "opaqueredirect") return lost("You are signed out. Load the page again to sign in.");
    if (answer.status === 304) {
      found();
      const time = asOf()?.querySelector("time");
      if (time) time.textContent = answer.headers.get("As-Of") ?? time.textContent;
    } else if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      found();
      if (update(page)) etag = answer.headers.get("ETag") ?? "";
    } else {
      lost(`The server answers with an error (${answer.status}).`);
    }
  } catch {
    lost("The server cannot be reached.");
  } finally {
    asking = false;
    later();
  }
}

// Says that what is seen may be old: the time of the last answer stays.
function lost(why) {
  const place = asOf();
  if (!place) return;
  since ||= place.querySelector("time")?.textContent ?? "";
  place.classList.add("lost");
  place.querySelector("[data-why]").textContent = ` ${why}`;
  place.setAttribute("role", "status");
}

function found() {
  const place = asOf();
  if (!since || !place) return;
  since = "";
  place.classList.remove("lost");
  place.querySelector("[data-why]").textContent = "";
}

const parts = (page) => [...page.querySelectorAll("[data-live]")];
const names = (page) => parts(page).map((one) => one.id).join();

// Replaces what has changed; everything if a part has come or gone. What is selected is left as it is for now; then
// false is returned.
function update(page) {
  document.title = page.title;
  document.querySelector("link[rel=icon]").href = page.querySelector("link[rel=icon]").href;
  const selection = document.getSelection();
  const selected = selection && !selection.isCollapsed ? selection : null;
  const scroll = [scrollX, scrollY];
  let whole = true;
  for (const fresh of names(page) === names(document) ? parts(page) : [page.getElementById("main")]) {
    const old = document.getElementById(fresh.id);
    if (!old || old.isEqualNode(withFolds(fresh, old))) continue;
    if (selected?.containsNode(old, true) || old.contains(selected?.anchorNode ?? null) || isTyping(old)) {
      whole = false;
      continue;
    }
    keepInput(old, fresh);
    replace(old, fresh);
  }
  scrollTo(...scroll);
  return whole;
}

const isTyping = (old) => old.contains(document.activeElement) && document.activeElement.matches("input,select,textarea");

// Folds that are open stay open.
function withFolds(fresh, old) {
  if (old.matches("details")) fresh.open = old.open;
  for (const fold of old.querySelectorAll("details[id]")) {
    const same = fresh.querySelector(`details[id="${CSS.escape(fold.id)}"]`);
    if (same) same.open = fold.open;
  }
  return fresh;
}

const changed = (field) =>
  field.matches("select")
    ? [...field.options].some((one) => one.selected !== one.defaultSelected)
    : field.value !== field.defaultValue || field.checked !== field.defaultChecked;

// What was typed or chosen and not sent yet is put into the same field of the same form.
function keepInput(old, fresh) {
  const fields = (part) => [...part.querySelectorAll("input:not([type=hidden]),select,textarea")];
  const same = (one) => [one.name, one.type, one.form?.getAttribute("action")].join();
  const free = fields(fresh);
  for (const field of fields(old)) {
    const place = free.findIndex((one) => same(one) === same(field));
    const [mine] = place < 0 ? [] : free.splice(place, 1);
    if (!mine || !changed(field)) continue;
    mine.value = field.value;
    mine.checked = field.checked;
  }
}

function replace(old, fresh) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const here = focused && [...old.querySelectorAll("a,button,summary,[tabindex]")].indexOf(focused);
  const scrolled = old.scrollTop;
  old.replaceWith(fresh);
  fresh.scrollTop = scrolled;
  if (!focused) return;
  const all = [...fresh.querySelectorAll("a,button,summary,[tabindex]")];
  const href = focused.getAttribute("href");
  const next = all.find((one) => href && one.getAttribute("href") === href) ?? all[Math.min(here, all.length - 1)];
  next?.focus({ preventScroll: true });
}

document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : ask()));
addEventListener("pageshow", (shown) => shown.persisted && ask());
if (etag && asOf()) later();
