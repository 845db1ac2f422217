// The browser's half of `course_utils.camera_widget.CameraWidget`.
//
// Takes frames from the camera, sends them to the notebook's kernel, and draws what comes back on
// the very frame that was judged. Nothing else ever receives a frame.

const WIDTH = 320; // of a frame as it is sent; a face needs some 20 pixels of it
const JPEG_QUALITY = 0.85;
// One frame travels while another is judged.
const MOST_IN_FLIGHT = 2;
const PATIENCE = 10_000; // milliseconds
const BARS = { width: 56, height: 7 };

const SENTENCES = {
  insecure:
    "The browser gives a camera only to https pages and to localhost. Open the notebook at an address that starts with https:// or http://localhost.",
  NotFoundError: "No camera was found. Connect one and press Start again.",
  NotAllowedError:
    "The camera is not allowed here. Allow it for this page in the browser's address bar and press Start again. In VS Code notebooks get no camera: use JupyterLab or Colab.",
  NotReadableError:
    "The camera does not answer; another program may be using it. Close that program and press Start again.",
  silent:
    "The kernel does not answer. If a cell is still running, wait for it; else run this cell again.",
  lost: "The camera was disconnected. Connect it and press Start again.",
};

function explain(error) {
  const aliases = { OverconstrainedError: "NotFoundError", AbortError: "NotReadableError" };
  const sentence = SENTENCES[aliases[error.name] ?? error.name];
  return sentence ?? `The camera could not be started (${error.name}: ${error.message}).`;
}

function element(name, properties = {}, children = []) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function render({ model, el }) {
  const start = element("button", { type: "button", textContent: "Start" });
  const stop = element("button", { type: "button", textContent: "Stop", disabled: true });
  const status = element("span", { className: "course-camera-status" });
  status.setAttribute("role", "status");
  const rate = element("span", { className: "course-camera-rate" });
  const screen = element("canvas", { width: WIDTH, height: (WIDTH * 3) / 4 });
  screen.setAttribute("role", "img");
  const note = element("p", {
    textContent: "Frames go to this notebook's kernel and nowhere else. Nothing is saved.",
  });
  const controls = element("div", { className: "course-camera-controls" }, [start, stop, rate]);
  el.append(element("div", { className: "course-camera" }, [controls, status, screen, note]));

  const video = element("video", { muted: true, playsInline: true });
  const waiting = new Map(); // frame number -> {canvas, sent}
  let stream = null;
  let frame = 0;
  let lastDrawn = 0;
  let answered = []; // when the answers of the last second came

  function say(sentence) {
    // Repeating a sentence would make a screen reader say it again.
    if (status.textContent !== sentence) status.textContent = sentence;
  }

  function halt(sentence) {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    video.srcObject = null;
    waiting.clear();
    answered = [];
    rate.textContent = "";
    start.disabled = false;
    stop.disabled = true;
    if (globalThis.stopCourseCamera === haltForAnother) delete globalThis.stopCourseCamera;
    say(sentence);
  }

  function haltForAnother() {
    halt("Stopped: the camera was started elsewhere on this page.");
  }

  async function begin() {
    if (!globalThis.isSecureContext || !navigator.mediaDevices) return say(SENTENCES.insecure);
    globalThis.stopCourseCamera?.(); // a cell that is run again leaves no second camera behind
    globalThis.stopCourseCamera = haltForAnother;
    start.disabled = true;
    say("Waiting for the camera.");
    try {
      const wanted = { width: { ideal: 640 }, height: { ideal: 480 }, facingMode: "user" };
      const opened = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
      if (globalThis.stopCourseCamera !== haltForAnother) {
        return opened.getTracks().forEach((track) => track.stop());
      }
      stream = opened;
      stream.getVideoTracks()[0].addEventListener("ended", () => halt(SENTENCES.lost));
      video.srcObject = stream;
      await video.play();
    } catch (error) {
      return halt(explain(error));
    }
    stop.disabled = false;
    say("The camera is on.");
    next();
  }

  function next() {
    if (!stream) return;
    if (waiting.size < MOST_IN_FLIGHT && video.videoWidth) send();
    const oldest = waiting.values().next().value;
    if (oldest && performance.now() - oldest.sent > PATIENCE) return halt(SENTENCES.silent);
    setTimeout(next, 15);
  }

  function send() {
    const canvas = element("canvas", {
      width: WIDTH,
      height: Math.round((WIDTH * video.videoHeight) / video.videoWidth),
    });
    const pen = canvas.getContext("2d");
    // As in a mirror. The kernel gets the same picture, so its boxes fit without a change.
    pen.setTransform(-1, 0, 0, 1, WIDTH, 0);
    pen.drawImage(video, 0, 0, canvas.width, canvas.height);
    pen.resetTransform();
    frame += 1;
    waiting.set(frame, { canvas, sent: performance.now() });
    // Text, not a binary buffer: every front end carries it, and a frame has some 15 kB.
    const jpeg = canvas.toDataURL("image/jpeg", JPEG_QUALITY).split(",")[1];
    model.send({ frame, jpeg });
  }

  function receive(message) {
    const judged = waiting.get(message.frame);
    if (!judged) return; // stopped in the meantime
    waiting.delete(message.frame);
    if (message.error) return halt(`The kernel could not judge the frame. ${message.error}`);
    if (message.frame < lastDrawn) return; // overtaken by a newer one
    lastDrawn = message.frame;
    draw(judged.canvas, message.faces);
    const now = performance.now();
    answered = [...answered, now].filter((when) => now - when < 1000);
    const travel = Math.round(now - judged.sent);
    rate.textContent = `${answered.length} frames a second, ${travel} ms each, ${Math.round(message.milliseconds)} ms of it to judge`;
  }

  function draw(canvas, faces) {
    screen.width = 2 * canvas.width; // twice the pixels, for sharp letters
    screen.height = 2 * canvas.height;
    const pen = screen.getContext("2d");
    pen.scale(2, 2);
    pen.drawImage(canvas, 0, 0);
    for (const face of faces) drawFace(pen, face, canvas);
    const names = faces.map((face) => `face ${face.number} ${describe(face)}`);
    screen.setAttribute("aria-label", names.join(", ") || "no face");
    const count = faces.length === 1 ? "One face" : `${faces.length || "No"} faces`;
    say(`The camera is on. ${count} in the picture.`);
  }

  function describe(face) {
    const top = Math.max(...face.probabilities);
    return `${face.emotion ?? "unsure"} ${Math.round(100 * top)} %`;
  }

  function drawFace(pen, face, canvas) {
    const [x, y, width, height] = face.box;
    const colours = model.get("colours");
    for (const [line, colour] of [[4, "#333333"], [2, colours[face.emotion] ?? "white"]]) {
      pen.lineWidth = line;
      pen.strokeStyle = colour;
      pen.strokeRect(x, y, width, height);
    }
    pen.font = "12px sans-serif";
    pen.textBaseline = "top";
    const label = `${face.number} ${describe(face)}`;
    const labelWidth = pen.measureText(label).width + 6;
    const labelX = between(x, 0, canvas.width - labelWidth);
    const labelY = between(y - 17, 0, canvas.height - 16);
    pen.fillStyle = "#333333";
    pen.fillRect(labelX, labelY, labelWidth, 16);
    pen.fillStyle = "white";
    pen.fillText(label, labelX + 3, labelY + 2);
    drawBars(pen, face, canvas);
  }

  function drawBars(pen, face, canvas) {
    const [x, y, width] = face.box;
    const emotions = model.get("emotions");
    const line = BARS.height + 4;
    const names = 46;
    const whole = { width: names + BARS.width + 8, height: emotions.length * line + 4 };
    // Beside the face: on its right where there is room, else on its left.
    const right = x + width + 6;
    const left = right + whole.width <= canvas.width ? right : x - whole.width - 6;
    const corner = [
      between(left, 0, canvas.width - whole.width),
      between(y, 0, canvas.height - whole.height),
    ];
    pen.fillStyle = "rgba(51, 51, 51, 0.75)";
    pen.fillRect(...corner, whole.width, whole.height);
    pen.font = "9px sans-serif";
    emotions.forEach((emotion, index) => {
      const top = corner[1] + 3 + index * line;
      pen.fillStyle = "white";
      pen.fillText(emotion, corner[0] + 3, top - 1);
      pen.fillStyle = model.get("colours")[emotion];
      pen.fillRect(corner[0] + names, top, BARS.width * face.probabilities[index], BARS.height);
    });
  }

  function between(value, least, most) {
    return Math.max(least, Math.min(value, most));
  }

  start.addEventListener("click", begin);
  stop.addEventListener("click", () => halt("The camera is off."));
  model.on("msg:custom", receive);
  say("The camera is off.");
  return () => {
    model.off("msg:custom", receive);
    halt("");
  };
}

export default { render };
