// A picture is one stop of the Tab key. In it arrow keys go from mark to mark, Home and End to the
// first and last, Escape hides the tip. The name of a mark stands in its <title>, which the browser
// shows by itself where no script runs.
for (const chart of document.querySelectorAll(".chart[role=group]")) {
  const marks = [...chart.querySelectorAll(".m")];
  let tip;
  const hide = () => {
    tip?.remove();
    tip = undefined;
  };
  const show = (mark) => {
    hide();
    tip = document.createElement("div");
    tip.className = "tip";
    tip.setAttribute("aria-hidden", "true"); // the mark itself says it
    tip.textContent = mark.getAttribute("aria-label");
    document.body.append(tip);
    const box = mark.getBoundingClientRect();
    const middle = (box.left + box.right - tip.offsetWidth) / 2;
    const most = document.documentElement.clientWidth - tip.offsetWidth - 4;
    const above = box.top - tip.offsetHeight - 6;
    tip.style.left = `${scrollX + Math.max(4, Math.min(middle, most))}px`;
    tip.style.top = `${scrollY + (above < 0 ? box.bottom + 6 : above)}px`;
  };
  const stop = (mark) => {
    for (const other of marks) other.setAttribute("tabindex", other === mark ? "0" : "-1");
  };
  for (const mark of marks) {
    const title = mark.querySelector("title");
    mark.setAttribute("aria-label", title.textContent);
    title.remove(); // else the browser's tip would cover ours
    mark.addEventListener("pointerenter", () => show(mark));
    mark.addEventListener("pointerleave", hide);
    mark.addEventListener("focus", () => {
      stop(mark);
      show(mark);
    });
    mark.addEventListener("blur", hide);
  }
  stop(marks[0]);
  chart.addEventListener("keydown", (event) => {
    const at = marks.indexOf(document.activeElement);
    const to = {
      ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1,
      Home: 0, End: marks.length - 1,
    }[event.key];
    if (event.key === "Escape") hide();
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    marks[Math.max(0, Math.min(to, marks.length - 1))].focus();
  });
}
