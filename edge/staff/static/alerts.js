// One card for each open alert, the longest waiting first. Cards never change places, and a
// press is not taken while the cards have just moved: it was meant for something else.

import { mention, post, say } from "./ask.js";

const STEADY_MS = 500;
const board = document.getElementById("alerts");
const template = document.getElementById("card");
const cards = new Map();
const answered = new Set();

let movedAt = 0;

/** Show exactly these alerts; `away` names those that somebody is on the way to. */
export function show(alerts, away = []) {
  const open = alerts.filter((alert) => !answered.has(alert.id));
  for (const [id, card] of cards) if (!open.some((alert) => alert.id === id)) remove(id, card);
  for (const alert of open) fill(cards.get(alert.id) ?? add(alert), alert, away.includes(alert.id));
}

function add(alert) {
  const card = template.content.firstElementChild.cloneNode(true);
  for (const button of card.querySelectorAll("[data-answer]")) {
    button.addEventListener("click", () => answer(card, alert.id, button.dataset.answer));
  }
  card.querySelector(".going").addEventListener("click", () => go(card, alert.id));
  card.querySelector(".reference").src = `/alerts/${alert.id}/reference.jpg`;
  board.append(card);
  cards.set(alert.id, card);
  movedAt = performance.now();
  if (cards.size === 1) window.scrollTo({ top: 0 });
  return card;
}

function fill(card, alert, expected) {
  card.dataset.tone = alert.tone;
  say(card.querySelector(".tag"), alert.word);
  say(card.querySelector(".title"), alert.category);
  say(card.querySelector(".ago"), `Person ${alert.person}, ${alert.ago}`);
  for (const part of ["reason", "expiry", "likeness"]) say(card.querySelector(`.${part}`), alert[part]);
  say(card.querySelector(".order"), alert.instruction);
  const note = card.querySelector(".note");
  note.hidden = !alert.note;
  say(note, alert.note);
  card.querySelector(".going").hidden = expected;
  card.querySelector(".expected").hidden = !expected;
  const crop = card.querySelector(".crop");
  const address = `/alerts/${alert.id}/crop.jpg?v=${alert.version}`;
  if (crop.getAttribute("src") !== address) crop.setAttribute("src", address);
}

function remove(id, card) {
  card.remove();
  cards.delete(id);
  movedAt = performance.now();
}

async function answer(card, id, said) {
  await send(card, async () => {
    await post(`/alerts/${id}/answer`, new URLSearchParams({ answer: said }));
    answered.add(id);
    if (cards.has(id)) remove(id, card);
    mention(`Noted: ${said}.`);
  });
}

async function go(card, id) {
  await send(card, () => post(`/alerts/${id}/on-the-way`));
}

async function send(card, sending) {
  if (performance.now() - movedAt < STEADY_MS || card.hasAttribute("data-sending")) return;
  const trouble = card.querySelector(".trouble");
  card.setAttribute("data-sending", "");
  trouble.hidden = true;
  try {
    await sending();
  } catch (error) {
    trouble.textContent = error.message;
    trouble.hidden = false;
  }
  card.removeAttribute("data-sending");
}
