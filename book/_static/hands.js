// Figures that a reader can move: draws what lowdim.hands stored in the page. No request, no computation.
(function () {
  "use strict";

  function element(tag, attributes, text) {
    const made = document.createElement(tag);
    Object.entries(attributes || {}).forEach(([name, value]) => made.setAttribute(name, value));
    if (text !== undefined) made.textContent = text;
    return made;
  }

  let count = 0;

  // A labelled slider over the values of a parameter; calls `moved` with the index.
  function slider(box, parameter, moved) {
    const id = "hands-" + count++;
    const label = element("label", { for: id }, parameter.name);
    const last = parameter.values.length - 1;
    const input = element("input", { type: "range", id, min: 0, max: last, step: 1, value: parameter.at });
    const output = element("output", { for: id });
    function show() {
      const value = String(parameter.values[input.value]);
      output.textContent = value;
      input.setAttribute("aria-valuetext", value);
    }
    input.addEventListener("input", () => {
      show();
      moved(Number(input.value));
    });
    // A swipe that turns out to scroll the page has moved the slider where it began: undo that.
    let before = input.value;
    input.addEventListener("pointerdown", () => (before = input.value));
    input.addEventListener("pointercancel", () => {
      if (input.value === before) return;
      input.value = before;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
    show();
    const row = element("div", { class: "hands-row" });
    row.append(label, input, output);
    box.append(row);
    return input;
  }

  function controls(figure) {
    const box = element("div", { class: "hands-controls" });
    figure.querySelector("svg").before(box);
    return box;
  }

  // Sliders for all parameters; calls `draw` with the index of the combination, the last parameter fastest.
  function sliders(figure, parameters, draw) {
    const box = controls(figure);
    const at = parameters.map((parameter) => parameter.at);
    function moved() {
      draw(at.reduce((index, place, i) => index * parameters[i].values.length + place, 0));
    }
    parameters.forEach((parameter, i) =>
      slider(box, parameter, (place) => {
        at[i] = place;
        moved();
      })
    );
    moved();
  }

  function curves(figure, data) {
    const lines = Array.from(figure.querySelectorAll(".hands-curve"));
    const [sx, ox, sy, oy] = data.scale;
    const svg = figure.querySelector("svg");
    const bounds = svg.querySelector("path").getAttribute("d").match(/-?[\d.]+/g).map(Number);
    const [top, bottom] = [bounds[1], bounds[2]];
    sliders(figure, data.parameters, (index) => {
      figure.dataset.index = index;
      data.y[index].forEach((values, i) => {
        const points = values.map((value, k) => {
          const y = Math.min(Math.max(sy * value + oy, top), bottom);
          return (sx * data.x[k] + ox).toFixed(1) + "," + y.toFixed(1);
        });
        lines[i].setAttribute("points", points.join(" "));
      });
    });
  }

  function frames(figure, data) {
    const picture = figure.querySelector(".hands-picture");
    sliders(figure, data.parameters, (index) => {
      figure.dataset.index = index;
      picture.setAttribute("href", data.pictures[index]);
    });
  }

  function modes(figure, data) {
    const svg = figure.querySelector("svg");
    const names = Object.keys(data.clusters).map(Number).sort((a, b) => a - b);
    const box = controls(figure);
    const space = "http://www.w3.org/2000/svg";
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    let cluster, mode, playing = !still, began = null, dots = [];

    const play = element("button", { type: "button" });
    const which = element("div");
    const about = element("output", { class: "hands-about" });

    function place(phase) {
      const shape = cluster.u[mode];
      const largest = Math.max(...shape.map(([x, y]) => Math.hypot(x, y))) || 1;
      const size = (0.14 * data.reach * phase) / largest;
      dots.forEach((dot, i) => {
        dot.setAttribute("cx", cluster.r[i][0] + size * shape[i][0]);
        dot.setAttribute("cy", -(cluster.r[i][1] + size * shape[i][1]));
      });
    }

    function choose(index) {
      mode = index;
      figure.dataset.mode = index;
      figure.dataset.frequency = cluster.f[index];
      about.textContent = "frequency " + cluster.f[index] + " " + data.unit;
      place(playing ? 0 : 1);
    }

    function fill(n) {
      cluster = data.clusters[n];
      figure.dataset.particles = n;
      svg.replaceChildren();
      dots = cluster.r.map(() => {
        const dot = document.createElementNS(space, "circle");
        dot.setAttribute("r", data.reach / 55);
        svg.append(dot);
        return dot;
      });
      which.replaceChildren();
      const numbers = cluster.f.map((_, i) => i + 1);
      slider(which, { name: "mode", values: numbers, at: 0 }, choose);
      choose(0);
    }

    function step(time) {
      if (playing) {
        began = began === null ? time : began;
        // the softest mode of a cluster takes a few seconds, the others keep their ratio
        const speed = Math.max(cluster.f[mode] / Math.max(...cluster.f), 0.12);
        place(Math.sin(((time - began) / 1000) * 2 * Math.PI * speed));
      }
      window.requestAnimationFrame(step);
    }

    function word() {
      play.textContent = playing ? "pause" : "play";
      play.setAttribute("aria-pressed", String(playing));
    }

    slider(box, { name: "electrons", values: names, at: names.indexOf(data.start) }, (i) => fill(names[i]));
    box.append(which, play, about);
    play.addEventListener("click", () => {
      playing = !playing;
      began = null;
      word();
    });
    word();
    fill(data.start);
    window.requestAnimationFrame(step);
  }

  const kinds = { curves, frames, modes };
  function start() {
    document.querySelectorAll(".hands").forEach((figure) => {
      const data = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
      kinds[figure.dataset.hands](figure, data);
    });
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
