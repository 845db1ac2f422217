// The browser's half of `course_utils.webcam.widget.camera.CameraWidget`, which puts it behind the
// other files of its name: a widget's script is one text.
//
// Takes frames from a source, sends them to the notebook's kernel, and draws what comes back on the
// very frame that was judged. Nothing else ever receives a frame.

const JPEG_QUALITY = 0.85;
const MOST_IN_FLIGHT = 3; // one frame travels there, one is judged, one travels back
const PATIENCE = 10_000; // milliseconds

function render({ model, el }) {
  const look = { emotions: model.get("emotions"), colours: model.get("colours") };
  const film = model.get("film");
  const isFilm = film.length > 0;
  const isRemote = !isFilm && !inVSCode() && (model.get("in_colab") || !isLocal());
  const place = model.get("in_colab") ? "Google Colab" : location.hostname;
  const startLabel = isRemote ? `Start, and send pictures to ${place}` : "Start";

  const toggle = element("button", { type: "button", textContent: startLabel });
  const keep = element("button", { type: "button", textContent: "Save picture", disabled: true });
  const chooser = element("select");
  const choice = element("label", { hidden: true }, ["Camera ", chooser]);
  const rate = element("span", { className: "course-camera-rate" });
  const status = makeSpoken("course-camera-status");
  const reply = makeSpoken("course-camera-reply");
  const screen = element("canvas", { className: "course-camera-screen", role: "img" });
  Object.assign(screen, { width: 2 * LONGER_SIDE, height: 1.5 * LONGER_SIDE });
  screen.setAttribute("aria-label", "no picture yet");
  const history = makeHistory(look);
  const note = element("p", { id: `course-camera-note-${Math.random()}`, textContent: privacy() });
  toggle.setAttribute("aria-describedby", note.id);
  const controls = [toggle, choice, keep];
  const whole = element("div", { className: "course-camera" }, [
    element("div", { className: "course-camera-controls" }, controls),
    ...[status.span, note, screen, rate, reply.span, history.canvas],
  ]);
  el.append(whole);

  const waiting = new Map(); // number of a message -> what to do with its answer
  let number = Math.floor(Math.random() * 2 ** 40); // another view of this widget counts elsewhere
  let run = null; // what was begun last, while it lasts
  let source = null;
  let binary = false; // do buffers reach the kernel?
  let timer = 0;
  let lastDrawn = 0;
  let answered = []; // when the answers of the last two seconds came

  function privacy() {
    if (isFilm) return "A film is played; the camera stays off.";
    if (!isRemote)
      return "Pictures go to this notebook's kernel and nowhere else. Only “Save picture” keeps one.";
    return `This notebook's kernel runs on another computer: ${place}. When you press Start, pictures from your camera travel there, and nowhere else. It judges and forgets them. Only “Save picture” keeps one.`;
  }

  function ask(content, buffers) {
    number += 1;
    const asked = number;
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        waiting.delete(asked);
        reject(failure("silent"));
      };
      const patience = setTimeout(giveUp, PATIENCE);
      waiting.set(asked, (answer) => {
        clearTimeout(patience);
        resolve(answer);
      });
      try {
        model.send({ frame: asked, ...content }, undefined, buffers);
      } catch {
        giveUp(); // the kernel was restarted, and this widget's line to it is cut
      }
    });
  }

  function receive(answer) {
    waiting.get(answer.frame)?.(answer);
    waiting.delete(answer.frame);
  }

  // Finds out whether a kernel listens, and whether binary buffers reach it.
  async function greet() {
    binary = false;
    const learn = (answer) => (binary = answer.buffers > 0);
    ask({ greeting: true }, [new ArrayBuffer(1)]).then(learn, () => {});
    await ask({ greeting: true });
  }

  async function open() {
    if (isFilm) return openFilm(film, model.get("frames_a_second"));
    const onEnd = () => halt(SENTENCES.lost);
    try {
      return await openCamera(chooser.value, onEnd);
    } catch (error) {
      if (!chooser.value || error.name !== "OverconstrainedError") throw error;
      return openCamera("", onEnd); // the chosen one is gone
    }
  }

  async function begin() {
    if (!isFilm && inVSCode() && !navigator.mediaDevices) return status.say(SENTENCES.vscode);
    if (!isFilm && !navigator.mediaDevices) return status.say(SENTENCES.insecure);
    globalThis.stopCourseCamera?.(); // a cell that is run again leaves no second camera behind
    globalThis.stopCourseCamera = haltForAnother;
    const mine = {};
    run = mine;
    toggle.textContent = "Stop";
    try {
      status.say("Waiting for the kernel.");
      await greet();
      if (run !== mine) return;
      if (!isFilm) status.say("Waiting for the camera. Your browser may ask you to allow it.");
      const opened = await open();
      if (run !== mine) return opened.close();
      source = opened;
    } catch (error) {
      if (run === mine) halt(explain(error));
      return;
    }
    status.say(isFilm ? "The film is on." : "The camera is on.");
    history.clear();
    if (!isFilm) await listCameras();
    next();
  }

  function halt(sentence) {
    source?.close();
    source = null;
    run = null;
    clearTimeout(timer);
    waiting.clear();
    answered = [];
    rate.textContent = "";
    toggle.textContent = startLabel;
    if (globalThis.stopCourseCamera === haltForAnother) delete globalThis.stopCourseCamera;
    status.say(sentence);
  }

  function haltForAnother() {
    halt("Stopped: the camera was started elsewhere on this page.");
  }

  // Browsers tell the names of the cameras once one was allowed.
  async function listCameras() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    const cameras = devices.filter((device) => device.kind === "videoinput");
    const options = cameras.map((camera, index) =>
      element("option", {
        value: camera.deviceId,
        textContent: camera.label || `Camera ${index + 1}`,
        selected: camera.deviceId === source?.device,
      }),
    );
    chooser.replaceChildren(...options);
    choice.hidden = false;
  }

  async function changeCamera() {
    if (!run) return;
    halt("The camera is off.");
    await begin();
  }

  function next() {
    if (!source) return;
    if (waiting.size < MOST_IN_FLIGHT) {
      const picture = source.picture();
      if (picture) judge(shrink(picture, source.mirrored), run);
    }
    timer = setTimeout(next, 5);
  }

  async function judge(canvas, mine) {
    const jpeg = canvas.toDataURL("image/jpeg", JPEG_QUALITY).split(",")[1];
    const sent = performance.now();
    try {
      if (jpeg.length > model.get("largest_message")) throw failure("tooLarge");
      const bytes = () => Uint8Array.from(atob(jpeg), (letter) => letter.charCodeAt(0)).buffer;
      const answer = await (binary ? ask({}, [bytes()]) : ask({ jpeg }));
      if (run === mine) show(canvas, answer, sent);
    } catch (error) {
      if (run === mine) halt(explain(error));
    }
  }

  function show(canvas, answer, sent) {
    if (answer.error) return halt(`The kernel could not judge the frame. ${answer.error}`);
    if (answer.frame < lastDrawn) return; // overtaken by a newer one
    lastDrawn = answer.frame;
    const now = performance.now();
    answered = [...answered, now].filter((when) => now - when < 2000);
    screen.dataset.frames = Number(screen.dataset.frames ?? 0) + 1;
    draw(canvas, answer.faces);
    history.add(answer.faces, now);
    rate.textContent = `${Math.round(answered.length / 2)} frames a second, ${Math.round(now - sent)} ms from camera to picture, ${Math.round(answer.milliseconds)} ms of it to judge`;
    if (answer.reply !== undefined) reply.mention(answer.reply);
    keep.disabled = false;
  }

  function draw(canvas, faces) {
    const size = { width: 2 * canvas.width, height: 2 * canvas.height }; // for sharp letters
    if (screen.width !== size.width || screen.height !== size.height) Object.assign(screen, size);
    const pen = screen.getContext("2d");
    pen.setTransform(2, 0, 0, 2, 0, 0);
    pen.drawImage(canvas, 0, 0);
    for (const face of faces) drawFace(pen, face, canvas, look);
    const names = faces.map((face) => `face ${face.track_id} ${describe(face)}`);
    screen.setAttribute("aria-label", names.join(", ") || "no face");
    const emotions = faces.map((face) => face.emotion ?? "unsure").join(", ");
    const count = faces.length === 1 ? "One face" : `${faces.length || "No"} faces`;
    const seen = emotions ? `${count}: ${emotions}.` : "No face in the picture.";
    status.mention(`The ${isFilm ? "film" : "camera"} is on. ${seen}`);
  }

  // The only way by which a picture reaches a disk: the browser's own download.
  function save() {
    const when = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
    const name = `emotions-${when}.png`;
    screen.toBlob((picture) => {
      const address = URL.createObjectURL(picture);
      element("a", { href: address, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(address), PATIENCE);
      status.say(`The picture is in your browser's downloads, as ${name}.`);
    });
  }

  const off = `The ${isFilm ? "film" : "camera"} is off.`;
  toggle.addEventListener("click", () => (run ? halt(off) : begin()));
  chooser.addEventListener("change", changeCamera);
  keep.addEventListener("click", save);
  const relist = () => source && listCameras();
  navigator.mediaDevices?.addEventListener("devicechange", relist);
  // Else JupyterLab takes letters for commands of its own: x cuts the cell.
  const shield = (event) => whole.contains(event.target) && event.stopPropagation();
  globalThis.addEventListener("keydown", shield, true);
  model.on("msg:custom", receive);
  status.say(!isFilm && inVSCode() ? SENTENCES.vscode : off);
  return () => {
    navigator.mediaDevices?.removeEventListener("devicechange", relist);
    globalThis.removeEventListener("keydown", shield, true);
    model.off("msg:custom", receive);
    halt("");
  };
}

export default { render };
