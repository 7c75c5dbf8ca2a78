"use strict";
// A click or Enter on a heading sorts its table by that column, another turns the order round.
// A missing value comes last either way.
const valueOf = (cell) => {
  const shown = cell.textContent.trim();
  const number = Number(shown.replace(/[,%<\s]/g, "").replace("−", "-").replace("∞", "Infinity"));
  return { shown, missing: shown === "–" || shown === "", number };
};
const compare = (a, b, order) => {
  if (a.missing || b.missing) return a.missing - b.missing;
  if (Number.isNaN(a.number) || Number.isNaN(b.number))
    return order * a.shown.localeCompare(b.shown, document.documentElement.lang);
  return order * (a.number - b.number);
};
const sortBy = (head) => {
  const table = head.closest("table");
  const column = head.cellIndex;
  const order = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", order > 0 ? "ascending" : "descending");
  const body = table.tBodies[0];
  const keyed = [...body.rows].map((row) => [valueOf(row.cells[column]), row]);
  keyed.sort((a, b) => compare(a[0], b[0], order));
  body.append(...keyed.map((pair) => pair[1]));
};
for (const head of document.querySelectorAll(".sa-table th")) {
  head.tabIndex = 0;
  head.addEventListener("click", () => sortBy(head));
  head.addEventListener("keydown", (event) => {
    if (event.key === "Enter") sortBy(head);
  });
}
