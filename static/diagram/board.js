// Runs in the frame of /diagram/, which has no origin, no cookies and no network: draws what it is told,
// and tells the drawing. Whoever embeds it shows that as a picture.
addEventListener("message", async ({ source, data }) => {
  if (source !== parent || typeof data?.text !== "string") return;
  const { id, text, look } = data;
  try {
    mermaid.initialize({
      startOnLoad: false,
      securityLevel: "strict",
      suppressErrorRendering: true,
      htmlLabels: false,
      flowchart: { htmlLabels: false },
      theme: "base",
      themeVariables: look,
      fontFamily: look.fontFamily,
      deterministicIds: true,
      maxTextSize: 20_000,
      maxEdges: 500,
    });
    const { svg } = await mermaid.render(`drawing-${id}`, text);
    parent.postMessage({ id, svg }, "*");
  } catch {
    parent.postMessage({ id, failed: true }, "*");
  }
});

parent.postMessage({ ready: true }, "*");
