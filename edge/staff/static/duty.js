// What this phone is for: it says so, stays awake, rings when the unit tells it to, and says at
// once when it could not ring.

import { mention, post, say } from "./ask.js";
import * as sound from "./sound.js";

const SPEAK_MS = 4000;
const LOUD_MS = 1600;
const SOFT_MS = 3000;
const LOSS_MS = 30000;
const ASLEEP_MS = 10000;
const SHORT = { first: "First", second: "Second", watch: "Watching" };

const panel = document.getElementById("duty");
const opener = document.getElementById("duty-open");
const trouble = document.getElementById("duty-trouble");
const buttons = [...panel.querySelectorAll("[data-duty]")];

let duty = null;
let told = false;
let asked = false;
let ringing = "none";
let rangAt = 0;
let lostAt = 0;
let hiddenAt = 0;
let lock = null;

/** Take what the unit says about the phones. */
export function show(bell) {
  lostAt = 0;
  if (!bell) return;
  told = true;
  duty = bell.duty ?? duty;
  ringing = bell.ring;
  say(document.getElementById("crew"), bell.crew);
  document.getElementById("late").hidden = !bell.late;
  if (bell.duty === null && duty) speak();
  if (!duty && !asked) open();
  paint();
  ring();
}

/** The unit is lost: whoever is on duty hears it at once, and again and again. */
export function lose() {
  ringing = "none";
  document.getElementById("late").hidden = true;
  if (!told || !duty || duty === "watch" || document.hidden) return;
  if (Date.now() - lostAt < LOSS_MS) return;
  lostAt = Date.now();
  sound.loss();
  navigator.vibrate?.([600, 200, 600]);
}

function ring() {
  if (ringing === "none") {
    rangAt = 0;
    return;
  }
  if (Date.now() - rangAt < (ringing === "loud" ? LOUD_MS : SOFT_MS)) return;
  rangAt = Date.now();
  if (ringing === "loud") sound.alarm();
  navigator.vibrate?.(ringing === "loud" ? [300, 100, 300, 100, 300] : [180, 120, 180]);
}

function paint() {
  const mute = duty && duty !== "watch" && !sound.on();
  opener.dataset.state = mute ? "mute" : duty && duty !== "watch" ? "on" : "off";
  opener.dataset.ringing = ringing;
  say(opener, mute ? "Sound off" : SHORT[duty] ?? "No duty");
  for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.duty === duty));
}

async function choose(wanted) {
  trouble.hidden = true;
  const audible = wanted === "watch" || (await sound.enable());
  duty = wanted;
  try {
    await speak();
  } catch (error) {
    trouble.textContent = error.message;
    trouble.hidden = false;
    return;
  }
  if (wanted !== "watch") sound.chirp();
  if (wanted !== "watch") navigator.vibrate?.(120);
  if (!audible) mention("This browser keeps the sound off. The phone only shakes.");
  stayAwake();
  close();
  window.scrollTo({ top: 0 });
  paint();
}

async function speak() {
  const audible = sound.on() ? "on" : "off";
  await post("/duty", new URLSearchParams({ duty, sound: audible }));
}

function open() {
  asked = true;
  panel.hidden = false;
  opener.setAttribute("aria-expanded", "true");
}

function close() {
  panel.hidden = true;
  opener.setAttribute("aria-expanded", "false");
}

async function press() {
  if (duty && duty !== "watch" && !sound.on() && (await sound.enable())) {
    sound.chirp();
    await speak().catch(() => {});
    paint();
    return;
  }
  if (panel.hidden) {
    open();
    document.getElementById("duty-title").focus({ preventScroll: true });
    panel.scrollIntoView({ block: "nearest" });
  } else {
    close();
  }
}

async function stayAwake() {
  if (document.hidden || (lock && !lock.released)) return;
  try {
    lock = await navigator.wakeLock.request("screen");
  } catch {
    lock = null;
  }
  const line = lock ? "This screen stays on while the page is open." : "This browser may let the screen go dark, and then it cannot ring. Keep it on in the phone’s settings, or open the page by https.";
  say(document.getElementById("awake"), line);
}

function woken() {
  if (document.hidden) {
    hiddenAt = Date.now();
    return;
  }
  const asleep = hiddenAt ? Date.now() - hiddenAt : 0;
  hiddenAt = 0;
  stayAwake();
  if (asleep > ASLEEP_MS && duty && duty !== "watch") {
    mention(`This phone was asleep for ${Math.round(asleep / 1000)} s and could not ring.`);
  }
}

for (const button of buttons) button.addEventListener("click", () => choose(button.dataset.duty));
opener.addEventListener("click", press);
document.addEventListener("visibilitychange", woken);
setInterval(() => duty && !document.hidden && speak().catch(() => {}), SPEAK_MS);
setInterval(ring, 200);
stayAwake();
