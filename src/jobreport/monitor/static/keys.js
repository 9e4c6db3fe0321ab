// Keys: / goes to the search, j and k to the next and the previous row, Enter opens it (it is a link), Escape goes back
// to the list of customers, ? shows the keys.
// The way back to the list of customers has the question that was asked there.
if (location.pathname.endsWith("/customers")) sessionStorage.setItem("customers", location.search);
else for (const back of document.querySelectorAll("[data-back]")) back.search = sessionStorage.getItem("customers") ?? "";

const isText = (place) => place.matches("input,select,textarea,[contenteditable]");

function step(by) {
  const rows = [...document.querySelectorAll("[data-rows] a[data-row]")];
  if (!rows.length) return;
  const now = rows.indexOf(document.activeElement);
  const next = now < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(now + by, 0), rows.length - 1);
  rows[next].focus();
}

addEventListener("keydown", (pressed) => {
  if (pressed.ctrlKey || pressed.metaKey || pressed.altKey || isText(pressed.target)) return;
  if (pressed.key === "/") document.getElementById("search")?.focus();
  else if (pressed.key === "?") {
    const keys = document.getElementById("keys");
    keys.hidden = !keys.hidden;
    if (!keys.hidden) keys.scrollIntoView({ block: "end" });
  } else if (pressed.key === "j") step(1);
  else if (pressed.key === "k") step(-1);
  else if (pressed.key === "Escape" && document.querySelector("[data-back]")) document.querySelector("[data-back]").click();
  else return;
  pressed.preventDefault();
});
