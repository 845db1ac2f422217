// The probabilities of the largest face over the last half minute.

const HISTORY = 30_000; // milliseconds

function makeHistory({ emotions, colours }) {
  const canvas = element("canvas", { className: "course-camera-history", role: "img" });
  Object.assign(canvas, { width: 640, height: 180 });
  const pen = canvas.getContext("2d");
  const plot = { left: 50, right: 556, top: 8, bottom: 156 };
  let moments = [];
  let drawn = 0;

  function add(faces, now) {
    const area = (face) => face.box[2] * face.box[3];
    const largest = faces.reduce((a, b) => (a && area(a) >= area(b) ? a : b), null);
    moments = moments.filter(({ when }) => now - when < HISTORY);
    moments.push({ when: now, face: largest });
    if (now - drawn > 200) draw(now);
  }

  function draw(now) {
    drawn = now;
    const x = (when) => plot.right - ((now - when) / HISTORY) * (plot.right - plot.left);
    const y = (probability) => plot.bottom - probability * (plot.bottom - plot.top);
    drawAxes(y);
    emotions.forEach((emotion, index) => {
      pen.strokeStyle = colours[emotion];
      pen.beginPath();
      let before = null;
      for (const { when, face } of moments) {
        const goesOn = face && before === face.track_id;
        if (face) pen[goesOn ? "lineTo" : "moveTo"](x(when), y(face.probabilities[index]));
        before = face?.track_id;
      }
      pen.stroke();
    });
    const newest = moments.at(-1)?.face;
    if (newest) drawName(newest, y);
    canvas.setAttribute("aria-label", summary());
  }

  function drawAxes(y) {
    pen.fillStyle = GROUND;
    pen.fillRect(0, 0, canvas.width, canvas.height);
    Object.assign(pen, { fillStyle: "white", font: "14px sans-serif", textBaseline: "middle" });
    Object.assign(pen, { strokeStyle: "#777777", lineWidth: 1, textAlign: "right" });
    for (const share of [0, 0.5, 1]) {
      pen.fillText(`${100 * share} %`, plot.left - 4, between(y(share), 10, plot.bottom));
      pen.beginPath();
      pen.moveTo(plot.left, y(share));
      pen.lineTo(plot.right, y(share));
      pen.stroke();
    }
    pen.textAlign = "left";
    pen.fillText("30 s ago", plot.left, plot.bottom + 14);
    pen.textAlign = "right";
    pen.fillText("now", plot.right, plot.bottom + 14);
    pen.lineWidth = 2;
  }

  function drawName(face, y) {
    const top = Math.max(...face.probabilities);
    const emotion = emotions[face.probabilities.indexOf(top)];
    Object.assign(pen, { fillStyle: "white", textAlign: "left" });
    pen.fillText(emotion, plot.right + 6, between(y(top), 10, plot.bottom));
  }

  function summary() {
    const seen = moments.filter(({ face }) => face);
    if (!seen.length) return "The last half minute: no face.";
    const counts = {};
    for (const { face } of seen) {
      const name = face.emotion ?? "unsure";
      counts[name] = (counts[name] ?? 0) + 1;
    }
    const shares = Object.entries(counts).sort((a, b) => b[1] - a[1]);
    const words = shares.map(([name, n]) => `${name} ${Math.round((100 * n) / seen.length)} %`);
    return `The largest face over the last half minute: ${words.join(", ")} of the time.`;
  }

  function clear() {
    moments = [];
    draw(performance.now());
  }

  clear();
  return { canvas, add, clear };
}
