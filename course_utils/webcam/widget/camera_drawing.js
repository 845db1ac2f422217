// Boxes, names and bars, drawn on the frame that was judged.

const GROUND = "#000000"; // on which the colour of every class stands out
const BARS = { width: 56, height: 7 };

function between(value, least, most) {
  return Math.max(least, Math.min(value, most));
}

function describe(face) {
  return `${face.emotion ?? "unsure"} ${Math.round(100 * Math.max(...face.probabilities))} %`;
}

function drawFace(pen, face, canvas, { emotions, colours }) {
  const [x, y, width, height] = face.box;
  for (const [line, colour] of [[4, GROUND], [2, colours[face.emotion] ?? "white"]]) {
    pen.lineWidth = line;
    pen.strokeStyle = colour;
    pen.strokeRect(x, y, width, height);
  }
  pen.font = "12px sans-serif";
  pen.textBaseline = "top";
  const label = `${face.track_id} ${describe(face)}`;
  const labelWidth = pen.measureText(label).width + 6;
  const labelX = between(x, 0, canvas.width - labelWidth);
  const labelY = between(y - 17, 0, canvas.height - 16);
  pen.fillStyle = GROUND;
  pen.fillRect(labelX, labelY, labelWidth, 16);
  pen.fillStyle = "white";
  pen.fillText(label, labelX + 3, labelY + 2);
  drawBars(pen, face, canvas, { emotions, colours });
}

function drawBars(pen, face, canvas, { emotions, colours }) {
  const [x, y, width] = face.box;
  const line = BARS.height + 4;
  const names = 46;
  const whole = { width: names + BARS.width + 8, height: emotions.length * line + 4 };
  // Beside the face: on its right where there is room, else on its left.
  const right = x + width + 6;
  const left = right + whole.width <= canvas.width ? right : x - whole.width - 6;
  const cornerX = between(left, 0, canvas.width - whole.width);
  const cornerY = between(y, 0, canvas.height - whole.height);
  pen.fillStyle = GROUND;
  pen.fillRect(cornerX, cornerY, whole.width, whole.height);
  pen.font = "9px sans-serif";
  emotions.forEach((emotion, index) => {
    const top = cornerY + 3 + index * line;
    pen.fillStyle = "white";
    pen.fillText(emotion, cornerX + 3, top - 1);
    pen.fillStyle = colours[emotion];
    pen.fillRect(cornerX + names, top, BARS.width * face.probabilities[index], BARS.height);
  });
}
