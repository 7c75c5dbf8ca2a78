"use strict";
// What the page can do beside being read. Without this script every row and every fold is there.
(() => {
  const lang = document.documentElement.lang;
  const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
  const filled = (said, numbers) =>
    said.replace(/\{(\w+)\}/g, (_, name) => numbers[name].toLocaleString(lang));

  // Tables: filter and sort over all rows, of which the first are shown. What stands under a row
  // goes where the row goes.
  const valueOf = (cell) => {
    const shown = cell.textContent.trim();
    if (!("v" in cell.dataset)) return { shown, missing: shown === "–" };
    const number = Number(cell.dataset.v || shown);
    return { number, missing: Number.isNaN(number) };
  };
  const compare = (a, b, order) => {
    if (a.missing || b.missing) return a.missing - b.missing;
    if ("number" in a && "number" in b) return order * (a.number - b.number || 0);
    return order * String(a.shown).localeCompare(String(b.shown), lang, { numeric: true });
  };
  const liven = (box) => {
    const table = box.querySelector("table");
    if (!table) return;
    const most = Number(box.dataset.rows);
    const find = box.querySelector("input");
    const status = box.querySelector("[role=status]");
    const button = box.querySelector(".all");
    let open = false;
    let rows = all("tbody > tr:not(.under)", table).map((row) => {
      const next = row.nextElementSibling;
      const lines = next && next.classList.contains("under") ? [row, next] : [row];
      return { row, lines, words: lines.map((line) => line.textContent).join(" ").toLowerCase() };
    });

    const draw = () => {
      if (!find) return;
      const asked = find.value.trim().toLowerCase().split(/\s+/);
      let found = 0;
      for (const { lines, words } of rows) {
        const fits = asked.every((word) => words.includes(word));
        found += fits;
        for (const line of lines) {
          line.classList.toggle("out", !fits);
          line.classList.toggle("cut", fits && !open && found > most);
        }
      }
      const shown = open ? found : Math.min(found, most);
      status.textContent = filled(status.dataset.said, { shown, rows: found });
      button.hidden = found <= most;
      button.textContent = open ? button.dataset.fewer : filled(button.dataset.all, { rows: found });
    };
    const sort = (head) => {
      const was = head.getAttribute("aria-sort");
      const upwards = was ? was === "descending" : !head.classList.contains("r");
      for (const other of all("[aria-sort]", table)) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", upwards ? "ascending" : "descending");
      const keyed = rows.map((each) => [valueOf(each.row.cells[head.cellIndex]), each]);
      keyed.sort((a, b) => compare(a[0], b[0], upwards ? 1 : -1));
      rows = keyed.map((pair) => pair[1]);
      table.tBodies[0].append(...rows.flatMap((each) => each.lines));
      draw();
    };

    if (rows.length > 1)
      for (const head of all("thead th", table)) {
        const sorter = document.createElement("button");
        sorter.type = "button";
        sorter.append(...head.childNodes);
        sorter.addEventListener("click", () => sort(head));
        head.append(sorter);
      }
    if (find) {
      find.parentElement.hidden = false;
      button.dataset.fewer = button.textContent;
      find.addEventListener("input", draw);
      button.addEventListener("click", () => {
        open = !open;
        draw();
      });
      box.addEventListener("reveal", () => {
        open = true;
        find.value = "";
        draw();
      });
    }
    draw();
  };
  all(".table").forEach(liven);

  // A link into something folded, or to a row that is not shown, opens it.
  const go = () => {
    let target = null;
    try {
      target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    } catch {
      return; // an address that is no text leads nowhere
    }
    if (!target) return;
    if (target.matches(".cut, .out")) target.closest(".table").dispatchEvent(new Event("reveal"));
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details"))
      fold.open = true;
    target.scrollIntoView({ behavior: "instant", block: target.matches("tr") ? "center" : "start" });
  };
  addEventListener("hashchange", go);
  // The address does not change when the same link is followed again, after its fold was closed.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (link && link.hash === location.hash) go();
  });
  go();

  // Paper has everything unfolded.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = all("details:not([open])");
    for (const fold of folded) fold.open = true;
  });
  addEventListener("afterprint", () => {
    for (const fold of folded) fold.open = false;
  });
})();
