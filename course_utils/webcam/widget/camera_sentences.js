// What the widget says where there is no camera, or nobody to judge its pictures.

const SENTENCES = {
  insecure:
    "The browser gives a camera only to https pages and to localhost. Open the notebook at an address that starts with https:// or http://localhost.",
  vscode:
    "VS Code gives notebooks no camera. Open a terminal in the course's folder and type: python -m course_utils.webcam. A window with your camera opens.",
  NotFoundError: "No camera was found. Connect one and press Start again.",
  NotAllowedError:
    "The camera is not allowed here. Click the camera or lock symbol beside the address, allow the camera for this page, and press Start again.",
  system:
    "The operating system keeps the camera from the browser. Allow it in the system's settings, under privacy and camera, and press Start again.",
  NotReadableError:
    "The camera does not answer; another program may be using it. Close that program and press Start again.",
  silent:
    "The kernel does not answer. If a cell is still running, wait for it. Else run the setup cells and this cell again: a notebook that was just opened, or whose kernel was restarted, has nobody to judge a picture.",
  lost: "The camera was disconnected. Connect it and press Start again.",
  tooLarge: "The picture is too large to send. Choose another camera.",
};
const ALIASES = {
  AbortError: "NotReadableError",
  OverconstrainedError: "NotFoundError",
  SecurityError: "NotAllowedError",
};

const inVSCode = () =>
  location.protocol.startsWith("vscode") || "vscodeThemeId" in document.body.dataset;
const isLocal = () => /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(location.hostname);

function failure(name) {
  return Object.assign(new Error(name), { name });
}

function explain(error) {
  let reason = ALIASES[error.name] ?? error.name;
  if (reason === "NotAllowedError" && inVSCode()) reason = "vscode";
  if (reason === "NotAllowedError" && /system/i.test(error.message)) reason = "system";
  return SENTENCES[reason] ?? `The camera could not be started (${error.name}: ${error.message}).`;
}
