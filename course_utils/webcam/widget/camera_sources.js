// Where the pictures come from. A source gives its newest picture, or null while it has shown that
// one already.

const LONGER_SIDE = 320; // of a frame as it is sent; a face needs some 20 pixels of it

async function openCamera(device, onEnd) {
  const which = device ? { deviceId: { exact: device } } : { facingMode: "user" };
  const video = { width: { ideal: 640 }, height: { ideal: 480 }, ...which };
  const stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
  const [track] = stream.getVideoTracks();
  const close = () => stream.getTracks().forEach((each) => each.stop());
  const screen = element("video", { muted: true, playsInline: true, srcObject: stream });
  try {
    await screen.play();
  } catch (error) {
    close();
    throw error;
  }
  track.addEventListener("ended", onEnd);
  let shown = -1;
  function picture() {
    if (!screen.videoWidth || screen.currentTime === shown) return null;
    shown = screen.currentTime;
    return { image: screen, width: screen.videoWidth, height: screen.videoHeight };
  }
  return { picture, close, mirrored: true, device: track.getSettings().deviceId };
}

async function openFilm(frames, framesASecond) {
  const pictures = await Promise.all(frames.map((jpeg) => createImageBitmap(new Blob([jpeg]))));
  const begun = performance.now();
  let shown = -1;
  function picture() {
    const index = Math.floor(((performance.now() - begun) / 1000) * framesASecond);
    if (index === shown) return null;
    shown = index;
    const image = pictures[index % pictures.length];
    return { image, width: image.width, height: image.height };
  }
  return { picture, close: () => pictures.forEach((image) => image.close()), mirrored: false };
}

function shrink({ image, width, height }, mirrored) {
  const scale = LONGER_SIDE / Math.max(width, height);
  const size = { width: Math.round(scale * width), height: Math.round(scale * height) };
  const canvas = element("canvas", size);
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  // As in a mirror. The kernel gets the same picture, so its boxes fit without a change.
  if (mirrored) pen.setTransform(-1, 0, 0, 1, canvas.width, 0);
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

