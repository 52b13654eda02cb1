"use strict";
(() => {
  const root = document.documentElement;

  // Theme: before the page is painted

  const THEMES = ["auto", "light", "dark"];
  function kept() {
    try { return localStorage.getItem("hjp-theme") || "auto"; } catch { return "auto"; }
  }
  function keep(theme) {
    try { localStorage.setItem("hjp-theme", theme); } catch { /* a page without storage */ }
  }
  function paint(theme) {
    if (theme === "auto") delete root.dataset.theme; else root.dataset.theme = theme;
  }
  let theme = kept();
  paint(theme);

  function offerThemes() {
    const button = document.getElementById("theme");
    const say = () => { button.textContent = "Theme: " + theme; };
    button.addEventListener("click", () => {
      theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
      keep(theme);
      paint(theme);
      say();
    });
    say();
    button.hidden = false;
  }

  // Commands to repeat what is told

  function offerCopies() {
    if (!navigator.clipboard) return;
    for (const code of document.querySelectorAll(".command code")) {
      const button = document.createElement("button");
      button.textContent = "copy";
      button.type = "button";
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "copied";
        setTimeout(() => { button.textContent = "copy"; }, 1500);
      });
      code.after(button);
    }
  }

  // On paper everything is open

  function listenToPrinters() {
    let opened = [];
    addEventListener("beforeprint", () => {
      opened = [...document.querySelectorAll(".rows details[id]:not([open])")];
      for (const one of opened) one.open = true;
    });
    addEventListener("afterprint", () => {
      for (const one of opened) one.open = false;
    });
  }

  addEventListener("DOMContentLoaded", () => {
    offerThemes();
    offerCopies();
    listenToPrinters();
  });
})();
