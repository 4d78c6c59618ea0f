// Filters and sorting for the table of claims. The state is kept in the address: #paper=zhu2011&verdict=refuted
// Links from other pages write it as ?paper=zhu2011, because the theme's script reads a link's # as a selector.
(function () {
  "use strict";

  const FILTERS = ["paper", "kind", "verdict"];

  function element(tag, text, attributes) {
    const made = document.createElement(tag);
    if (text) made.textContent = text;
    Object.entries(attributes || {}).forEach(([name, value]) => made.setAttribute(name, value));
    return made;
  }

  function labelled(text, control) {
    const label = element("label", text);
    label.append(control);
    return label;
  }

  function select(name, rows, names) {
    const control = element("select", "", { name });
    control.append(element("option", "all", { value: "" }));
    new Set(rows.map((row) => row.dataset[name])).forEach((value) =>
      control.append(element("option", names[value] || value, { value }))
    );
    return control;
  }

  function compare(a, b) {
    const [x, y] = [Number(a), Number(b)];
    return Number.isNaN(x) || Number.isNaN(y) ? a.localeCompare(b) : x - y;
  }

  function start(ledger) {
    const table = ledger.querySelector("table");
    const body = table.tBodies[0];
    const rows = Array.from(body.rows);
    const words = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
    const heads = Array.from(table.tHead.rows[0].cells);
    const names = Object.fromEntries(ledger.dataset.papers.split(";").map((pair) => pair.split("=")));
    const controls = element("form", "", { class: "ledger-controls", role: "search" });
    const shown = element("output", "", { "aria-live": "polite" });
    const fields = {};
    let sort = "";

    FILTERS.forEach((name) => {
      fields[name] = select(name, rows, names);
      controls.append(labelled(name, fields[name]));
    });
    fields.q = element("input", "", { type: "search", name: "q", placeholder: "words" });
    controls.append(labelled("text", fields.q));
    fields.sort = element("select", "", { name: "sort" });
    fields.sort.append(element("option", "as in the papers", { value: "" }));
    heads.forEach((head) => {
      const title = head.textContent;
      fields.sort.append(element("option", title.toLowerCase() + " \u2191", { value: title.toLowerCase() }));
      fields.sort.append(element("option", title.toLowerCase() + " \u2193", { value: "-" + title.toLowerCase() }));
      const button = element("button", title, { type: "button" });
      button.addEventListener("click", () => {
        const key = title.toLowerCase();
        fields.sort.value = sort === key ? "-" + key : sort === "-" + key ? "" : key;
        changed();
      });
      head.replaceChildren(button);
    });
    controls.append(labelled("sorted by", fields.sort));
    const clear = element("button", "clear", { type: "reset" });
    controls.append(clear, shown);
    ledger.prepend(controls);

    function order() {
      const down = sort.startsWith("-");
      const column = heads.findIndex((head) => head.textContent.toLowerCase() === sort.replace("-", ""));
      heads.forEach((head, i) =>
        i === column
          ? head.setAttribute("aria-sort", down ? "descending" : "ascending")
          : head.removeAttribute("aria-sort")
      );
      const keys = new Map(rows.map((row) => [row, column < 0 ? "" : row.cells[column].dataset.sort]));
      // Rows without a value stay at the end either way.
      const sorted = column < 0 ? rows : rows.slice().sort((a, b) => {
        const [x, y] = [keys.get(a), keys.get(b)];
        if (x === "" || y === "") return (x === "") - (y === "");
        return down ? compare(y, x) : compare(x, y);
      });
      body.append(...sorted);
    }

    function apply() {
      const wanted = fields.q.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      rows.forEach((row) => {
        const fits =
          FILTERS.every((name) => !fields[name].value || row.dataset[name] === fields[name].value) &&
          wanted.every((word) => words.get(row).includes(word));
        row.hidden = !fits;
        count += fits;
      });
      if (sort !== fields.sort.value) {
        sort = fields.sort.value;
        order();
      }
      shown.textContent = count + " of " + rows.length + " claims shown";
    }

    function changed() {
      apply();
      const state = new URLSearchParams();
      Object.keys(fields).forEach((name) => fields[name].value && state.set(name, fields[name].value));
      const hash = state.toString();
      history.replaceState(null, "", location.pathname + (hash ? "#" + hash : ""));
    }

    function follow() {
      // A plain anchor (#ledger-zhu2011-eq-1) must stay visible, so it shows all rows.
      const state = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : location.search);
      Object.keys(fields).forEach((name) => {
        fields[name].value = state.get(name) || "";
        if (fields[name].selectedIndex === -1) fields[name].value = "";
      });
      apply();
    }

    controls.addEventListener("input", changed);
    controls.addEventListener("submit", (event) => event.preventDefault());
    controls.addEventListener("reset", () => setTimeout(changed));
    window.addEventListener("hashchange", follow);
    follow();
  }

  document.querySelectorAll(".ledger").forEach(start);
})();
