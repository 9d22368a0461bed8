// A button beside each password that shows it for a while: at 4 a.m. nobody types blind.

const { show, hide } = document.currentScript.dataset;

for (const input of document.querySelectorAll("input[type=password]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "link reveal";
  button.setAttribute("aria-controls", input.id);
  const turn = (shown) => {
    input.type = shown ? "text" : "password";
    button.textContent = shown ? hide : show;
    button.setAttribute("aria-pressed", shown);
  };
  turn(false);
  button.addEventListener("click", () => turn(input.type === "password"));
  input.form.addEventListener("submit", () => turn(false)); // so that no browser keeps it as a text
  input.after(button);
}
