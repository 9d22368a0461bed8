// Comfort on the page that adds a person; everything works without it.
// Photos are made smaller in this browser before they are sent, and looked at as soon as they are
// chosen, dropped on the page or pasted. Terms show when they end for the reason that was chosen.

const LONGEST_SIDE = 1920;
const QUALITY = 0.92;

document.documentElement.classList.add("scripted");

const form = document.querySelector("form[data-photos]");
const said = form.querySelector("[data-chosen]");

if (form.querySelector("[data-intake]")) takeIn();
if (form.matches("[data-draft]")) showEnds();
document.getElementById("wrongs")?.focus();

function takeIn() {
  for (const input of form.querySelectorAll("input[type=file]")) {
    input.addEventListener("change", () => input.files.length && send([...input.files]));
  }
  document.addEventListener("paste", (event) => offered(event, event.clipboardData));
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => offered(event, event.dataTransfer));
  if (navigator.mediaDevices?.getUserMedia && matchMedia("(pointer: fine)").matches) offerWebcam();
}

function offered(event, data) {
  const photos = [...(data?.files ?? [])];
  if (!photos.length) return;
  event.preventDefault();
  send(photos);
}

async function send(photos) {
  said.textContent = said.dataset.working;
  for (const label of form.querySelectorAll(".take")) label.classList.add("busy");
  const all = new DataTransfer();
  for (const photo of photos) all.items.add(await smaller(photo));
  const inputs = form.querySelectorAll("input[type=file]");
  for (const input of inputs) input.value = "";
  inputs[inputs.length - 1].files = all.files;
  form.requestSubmit(form.querySelector("[data-look]"));
}

async function smaller(photo) {
  try {
    const bitmap = await createImageBitmap(photo, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
    if (scale === 1 && photo.size < 2 ** 20) return photo;
    return await drawn(bitmap, bitmap.width * scale, bitmap.height * scale);
  } catch {
    return photo; // HEIC, for example, in most browsers: the hub reads it
  }
}

async function drawn(source, width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width);
  canvas.height = Math.round(height);
  canvas.getContext("2d").drawImage(source, 0, 0, canvas.width, canvas.height);
  const jpeg = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  return new File([jpeg], "photo.jpg", { type: "image/jpeg" });
}

function offerWebcam() {
  const finder = form.querySelector("[data-viewfinder]");
  const video = finder.querySelector("video");
  const opener = form.querySelector("[data-webcam]");
  opener.hidden = false;
  opener.addEventListener("click", async () => {
    try {
      video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: 1280 } });
    } catch (error) {
      said.textContent = error.message;
      return;
    }
    finder.hidden = false;
    video.play();
    finder.querySelector("[data-shutter]").focus();
  });
  const close = () => {
    for (const track of video.srcObject?.getTracks() ?? []) track.stop();
    finder.hidden = true;
  };
  finder.querySelector("[data-stop]").addEventListener("click", close);
  finder.querySelector("[data-shutter]").addEventListener("click", async () => {
    const photo = await drawn(video, video.videoWidth, video.videoHeight);
    close();
    send([photo]);
  });
}

function showEnds() {
  for (const label of form.querySelectorAll("[data-end]")) label.dataset.usual = label.textContent;
  form.addEventListener("change", (event) => event.target.name === "reason" && capEnds());
  capEnds();
}

function capEnds() {
  const reason = form.querySelector("[name=reason]:checked");
  for (const input of form.querySelectorAll("[name=until]")) {
    const label = input.parentElement.querySelector("[data-end]");
    const capped = reason && Number(input.dataset.days) > Number(reason.dataset.days);
    label.textContent = capped ? reason.dataset.longest : label.dataset.usual;
  }
}
