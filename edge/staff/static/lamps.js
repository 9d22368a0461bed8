// Plays the light that the last message brought, and nothing beyond it: a page that hears
// nothing runs out of light, as the unit's own green does.

const BITS = { green: 1, amber: 2, red: 4 };
const lamps = [...document.querySelectorAll("[data-lamp]")];
const still = window.matchMedia("(prefers-reduced-motion: reduce)");

let steps = "";
let stepMs = 50;
let startsAt = 0;
let offset = Infinity;

/** Take the light of one message. `at` is the unit's clock in milliseconds. */
export function feed(light, at) {
  const behind = performance.now() - at;
  offset = Math.min(offset + 1, behind); // the quickest message tells the clocks' difference best
  if (behind - offset > 500) offset = behind;
  steps = light.steps;
  stepMs = light.step_ms;
  startsAt = at + offset;
  paint();
}

/** Put all lamps out. */
export function darken() {
  steps = "";
  paint();
}

function digit() {
  const index = Math.floor((performance.now() - startsAt) / stepMs);
  if (index >= steps.length) return 0;
  if (!still.matches) return Number(steps[Math.max(0, index)]);
  return [...steps].reduce((lit, step) => lit | Number(step), 0);
}

function paint() {
  const lit = digit();
  for (const lamp of lamps) lamp.toggleAttribute("data-lit", Boolean(lit & BITS[lamp.dataset.lamp]));
}

function play() {
  paint();
  requestAnimationFrame(play);
}

requestAnimationFrame(play);
