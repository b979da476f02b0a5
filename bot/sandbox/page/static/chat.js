// The page: the WebSocket, the state that it receives, and the parts that show the state.

import { Composer } from "./composer.js";
import { $, clockTime, el, now, paintAvatar, popup, setAhead } from "./dom.js";
import { ControlPanel, isDark, setTheme } from "./control_panel.js";
import { tick } from "./entities.js";
import { MessageList } from "./messages.js";
import { chooseLanguage, chosenLanguage, word } from "./words.js";

const app = {
  botName: "Bot",
  username: "",
  socket: null,
  delay: 250,

  send(event) {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    this.socket.send(JSON.stringify(event));
  },
  command(text) { composer.send(text); },
  reply(message) { composer.reply(message); },
  edit(message) { composer.edit(message); },
  fill(text) { composer.fill(text); },
  offer(text) { composer.offer(text); },
};

const list = new MessageList(app);
const composer = new Composer(app);
const panel = new ControlPanel(app);
let blocked = false;
let actionTimer;

function show(state) {
  setAhead(state.ahead);
  tellTime();
  if (state.person.language !== chosenLanguage()) {
    chooseLanguage(state.person.language);
    list.redrawAll();
    tick();
  }
  app.botName = state.bot.name;
  app.username = state.bot.username;
  blocked = state.person.blocked;
  document.title = state.bot.name;
  $("bot-name").textContent = state.bot.name;
  paintAvatar($("avatar"), state.bot.name);
  paintAvatar($("empty-avatar"), state.bot.name);
  $("description").textContent = state.bot.description || word("press");
  $("empty").hidden = state.messages.length > 0;
  showAction(state.action);
  composer.update(state);
  list.update(state.messages);
  panel.update(state);
}

function showAction(action) {
  clearTimeout(actionTimer);
  const status = $("status");
  status.classList.toggle("busy", Boolean(action));
  if (!action) {
    status.textContent = word("bot");
    return;
  }
  status.replaceChildren(word(action.name) ?? word("busy"), el("span", { class: "dots", "aria-hidden": "true" },
    el("i"), el("i"), el("i")));
  actionTimer = setTimeout(() => showAction(null), action.seconds * 1000);
}

function connect() {
  const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/socket`);
  app.socket = socket;
  socket.addEventListener("open", () => { app.delay = 250; });
  socket.addEventListener("message", ({ data }) => {
    const event = JSON.parse(data);
    if (event.type === "state") show(event);
    else if (event.type === "answer") list.answered(event);
    else if (event.type === "inline") composer.found(event);
  });
  socket.addEventListener("close", () => {
    $("status").textContent = word("connecting");
    list.disconnected();
    setTimeout(connect, app.delay);
    app.delay = Math.min(app.delay * 2, 5000);
  });
}

function tellTime() {
  $("wall-clock").textContent = clockTime(now() / 1000);
}

$("more").addEventListener("click", () => {
  const box = $("more").getBoundingClientRect();
  const dark = isDark();
  popup(box.right - 210, box.bottom + 4, [
    ["sun", word(dark ? "light" : "dark"), () => setTheme(dark ? "light" : "dark")],
    blocked
      ? ["block", word("unblock"), () => app.send({ type: "block", value: false })]
      : ["block", word("block"), () => app.send({ type: "block", value: true }), true],
  ]);
});

chooseLanguage("en");
$("status").textContent = word("connecting");
tellTime();
setInterval(tellTime, 5000);
connect();
