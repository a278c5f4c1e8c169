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
})();
