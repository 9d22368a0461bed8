// The hand-held check: reason first, then one photo, at most one candidate, shown for seconds.
// The photo is made smaller in memory before it is sent; nothing is stored on this phone.

import { post } from "./ask.js";

const LONGEST_SIDE = 1600;
const panel = document.getElementById("handheld");
const opener = document.getElementById("handheld-open");
const form = document.getElementById("handheld-form");
const input = document.getElementById("photo");
const label = document.getElementById("photo-label");
const result = document.getElementById("handheld-result");

let showing = 0;

opener.addEventListener("click", () => (panel.hidden ? open() : close()));
document.getElementById("handheld-close").addEventListener("click", close);
form.addEventListener("change", (event) => event.target.name === "reason" && ready());
input.addEventListener("change", () => input.files[0] && check(input.files[0]));

function open() {
  panel.hidden = false;
  opener.setAttribute("aria-expanded", "true");
  panel.scrollIntoView({ block: "start" });
  document.getElementById("handheld-title").focus({ preventScroll: true });
}

function close() {
  reset();
  clear();
  panel.hidden = true;
  opener.setAttribute("aria-expanded", "false");
  opener.focus();
}

function ready() {
  input.disabled = false;
  label.removeAttribute("aria-disabled");
}

function reset() {
  form.reset();
  input.disabled = true;
  label.setAttribute("aria-disabled", "true");
}

function clear() {
  clearInterval(showing);
  result.replaceChildren();
}

async function check(file) {
  const reason = new FormData(form).get("reason");
  clear();
  line("Comparing…", "nothing");
  reset();
  try {
    const said = await post(`/check?reason=${encodeURIComponent(reason)}`, await smaller(file));
    clear();
    if (said.candidate) present(said.candidate);
    else line("Nobody on the list looks like this photo.", "nothing");
    line(`${said.left} checks left in this shift.`, "quiet-note");
  } catch (error) {
    clear();
    line(error.message, "trouble");
  }
}

async function smaller(file) {
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const photo = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.92));
    return photo ?? file;
  } catch {
    return file; // not for this browser to judge: the unit says in one line what is wrong
  }
}

function line(text, kind) {
  const paragraph = document.createElement("p");
  paragraph.className = kind;
  paragraph.textContent = text;
  result.append(paragraph);
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function present(candidate) {
  const card = document.createElement("div");
  card.className = "found";
  card.dataset.tone = candidate.tone;
  const figure = document.createElement("figure");
  const photo = document.createElement("img");
  photo.src = candidate.photo;
  photo.alt = "Reference photo on the list";
  const caption = element("figcaption", "");
  figure.append(photo, caption);
  const facts = document.createElement("dl");
  for (const [name, text] of [["Why", candidate.reason], ["Lasts", candidate.expiry], ["Likeness", candidate.likeness]]) {
    const row = document.createElement("div");
    row.append(element("dt", name), element("dd", text));
    facts.append(row);
  }
  card.append(element("h3", `May be on the list: ${candidate.category}`), figure, facts, element("p", candidate.instruction));
  result.append(card);
  card.scrollIntoView({ block: "start" });
  countDown(caption, candidate.seconds);
}

function countDown(caption, seconds) {
  const until = Date.now() + seconds * 1000;
  const tick = () => {
    const left = Math.ceil((until - Date.now()) / 1000);
    caption.textContent = `On the list. Shown for ${left} s`;
    if (left > 0) return;
    clear();
    line("The result is not shown any more. Nothing was kept.", "nothing");
  };
  showing = setInterval(tick, 250);
  tick();
}

document.addEventListener("visibilitychange", () => document.hidden && clear());
