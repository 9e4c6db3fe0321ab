// Puts the text beside a button into the clipboard; where the browser has none, as over plain HTTP, selects it.
document.addEventListener("click", async (clicked) => {
  const button = clicked.target.closest("[data-copy]");
  const text = button?.parentElement.querySelector("pre,code");
  if (!text) return;
  try {
    await navigator.clipboard.writeText(text.textContent);
    button.textContent = "copied";
  } catch {
    getSelection().selectAllChildren(text);
    button.textContent = "selected: copy it";
  }
});
