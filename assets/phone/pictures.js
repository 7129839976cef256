// A photograph made small before it is kept or sent: at most 1600 points on its longer side, upright, as JPEG. A picture of 5 MB becomes one
// of about 300 KB. Drawing it anew also drops what stands in its file; the server does so once more.
(function () {
  const jingwei = (globalThis.jingwei = globalThis.jingwei || {});
  const LONGEST = 1600, QUALITY = 0.82;

  async function read(file) {
    try { return await createImageBitmap(file, { imageOrientation: "from-image" }); } catch (error) { /* an older browser, or no picture */ }
    const address = URL.createObjectURL(file), image = new Image();
    try {
      image.src = address;
      await image.decode();
      return image;
    } finally { URL.revokeObjectURL(address); }
  }

  jingwei.shrink = async function (file) {
    const picture = await read(file);
    const share = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * share));
    canvas.height = Math.max(1, Math.round(picture.height * share));
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    if (picture.close) picture.close();
    const blob = await new Promise(function (resolve) { canvas.toBlob(resolve, "image/jpeg", QUALITY); });
    if (!blob) throw new Error("no picture");
    return blob;
  };
})();
