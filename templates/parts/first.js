(() => {
  const root = document.documentElement;
  root.dataset.script = "";
  try {
    const theme = localStorage.getItem("theme");
    if (theme) root.dataset.theme = theme;
    if (localStorage.getItem("shelf") === "away") root.dataset.shelf = "away";
  } catch {}
  addEventListener("keydown", (event) => {
    const early = event.target.id === "message" && !("ready" in root.dataset);
    if (!early || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    root.dataset.enter = "";
  });
  // Scripts that did not come are missed in silence: the page says so (parts/not_loaded.html), and what was typed waits.
  addEventListener("load", () => {
    const field = document.getElementById("message");
    if (!field || "ready" in root.dataset) return;
    root.dataset.broken = "";
    addEventListener("pagehide", () => {
      try {
        const { user } = JSON.parse(document.getElementById("page").textContent);
        sessionStorage.setItem(`unsent:${user.id}:${location.pathname}`, JSON.stringify(field.value));
      } catch {}
    });
  });
})();
