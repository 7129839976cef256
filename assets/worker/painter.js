// The worker's own end of the layers; the server puts it behind the files of assets that it needs (layers/worker.py).
// The worker's name says which painter it is.
(function () {
  const painter = new globalThis.jingwei[self.name](
    function (message, transferred) { self.postMessage(message, transferred); },
    function (width, height) { return new OffscreenCanvas(width, height); },
    function (canvas) { return canvas.transferToImageBitmap(); },
  );
  self.onmessage = function (event) { painter.take(event.data); };
})();
