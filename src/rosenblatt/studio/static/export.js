/** Copies, downloads and recordings. */

/** Pictures a second of a recording. */
const RATE = 30;
/** Milliseconds before the address of a download is given back. */
const RELEASE = 10_000;

/** @param {string} text */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

/**
 * @param {Blob} blob
 * @param {string} name
 */
export function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), RELEASE);
}

/**
 * A canvas on the paper of the page.
 * @param {HTMLCanvasElement} canvas
 */
function onPaper(canvas) {
  const copied = document.createElement("canvas");
  copied.width = canvas.width;
  copied.height = canvas.height;
  const context = /** @type {CanvasRenderingContext2D} */ (copied.getContext("2d"));
  context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--paper");
  context.fillRect(0, 0, copied.width, copied.height);
  context.drawImage(canvas, 0, 0);
  return copied;
}

/**
 * Saves a canvas as PNG, or as SVG with the picture in it.
 * @param {HTMLCanvasElement} canvas
 * @param {string} name
 */
export function downloadCanvas(canvas, name) {
  const picture = onPaper(canvas);
  if (name.endsWith(".png")) {
    picture.toBlob((blob) => blob && download(blob, name));
    return;
  }
  const ratio = canvas.width / (canvas.clientWidth || canvas.width);
  const [w, h] = [canvas.width / ratio, canvas.height / ratio];
  const text = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${w} ${h}" width="${w}" height="${h}"><image width="${w}" height="${h}" href="${picture.toDataURL()}"/></svg>`;
  download(new Blob([text], { type: "image/svg+xml" }), name);
}

/** A video of a canvas. */
export class Recorder {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    /** @type {MediaRecorder | null} */
    this.recorder = null;
  }

  /** Starts or stops; returns whether it records now. */
  toggle() {
    if (this.recorder) {
      this.recorder.stop();
      this.recorder = null;
      return false;
    }
    /** @type {Blob[]} */
    const parts = [];
    const recorder = new MediaRecorder(this.canvas.captureStream(RATE), { mimeType: "video/webm" });
    recorder.ondataavailable = ({ data }) => parts.push(data);
    recorder.onstop = () => download(new Blob(parts, { type: "video/webm" }), "boundary.webm");
    recorder.start();
    this.recorder = recorder;
    return true;
  }
}
